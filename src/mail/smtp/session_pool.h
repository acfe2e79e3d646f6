// SPDX-License-Identifier: Apache-2.0
// The sessions of one submit(), all on one thread: opens them as messages come, lets them wait for messages,
// replaces those that end, and knows when it is over.
//
// A connection more is opened when the stream has given two messages in a row, every open session is busy,
// and fewer are being opened than four times those at work: so one message opens one, and many open many
// within a few round trips. Sessions are kept until the stream ends. One that ended naturally (session.h) is
// replaced when there is a message for it. After one that ended with a problem nothing is opened for a
// second; twice as long each time, up to a minute, until a message has been accepted.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>

#include "mail/mail_transport.h"
#include "mail/smtp/messages.h"
#include "mail/smtp/session.h"
#include "mail/smtp/submission.h"
#include "mail/smtp/task.h"

namespace dialin::smtp {

class SessionPool {
 public:
  // Both outlive this object.
  SessionPool(Submission& submission, MessageStream& stream);

  // As MailTransport::submit(). Runs submission.io until everything has ended.
  std::optional<Delivery> run();

 private:
  struct Member {
    explicit Member(Submission& submission) : session(submission), signal(submission.io) {}

    Session session;
    boost::asio::steady_timer signal;  // for one that waits: cancelled when there may be a message
    bool opening = true;
    bool idle = false;
    bool leaving = false;    // it will end, and takes no message any more
    bool dismissed = false;  // closed by us while it was being opened
  };

  Task<void> serve(Member& member);
  // Until there may be a message again.
  Task<void> wait(Member& member);
  TakenMessage* take();
  // For the write that ends the content before; none when this session is about to leave.
  TakenMessage* look_ahead(Member& member);
  bool must_leave(Member& member);
  void remove(Member& member, std::exception_ptr error);

  // Opens what is wanted, and sees whether it is over.
  void look_around();
  bool another_is_wanted();
  void open_one();
  void back_off(const Delivery& problem);
  void finish(std::optional<Delivery> result);

  void tick();
  void ask_again();
  void wake_idle();
  // Runs `work`, which calls the stream; what it throws ends everything.
  void guarded(const std::function<void()>& work);
  void fail(std::exception_ptr error);
  void say_connections();

  Submission& submission_;
  MessageStream& stream_;
  Messages messages_;
  std::list<Member> members_;
  boost::asio::steady_timer ticker_;
  bool begun_ = false;  // a session has been opened
  bool over_ = false;
  std::optional<Delivery> result_;
  std::exception_ptr failure_;
  int said_connections_ = 0;

  std::chrono::steady_clock::time_point closed_until_;  // nothing is opened before
  std::chrono::seconds pause_{0};
  std::size_t accepted_at_pause_ = 0;
  // What no further connection can mend (a wrong password): none is opened any more.
  std::optional<Delivery> blocked_;
};

}  // namespace dialin::smtp
