// SPDX-License-Identifier: Apache-2.0
// One connection to a submission server from greeting to QUIT, as a state machine:
//
//   Closed -> Opening -> Ready <-> Busy -> Closed        Ready -> Closed after QUIT
//                 \-> Closed (the problem says why)
//
// Messages go one after the other. Everything runs on the thread that runs the io_context.
#pragma once

#include <functional>
#include <optional>

#include "mail/mail_transport.h"
#include "mail/smtp/connection.h"
#include "mail/smtp/dialogue.h"
#include "mail/smtp/opening.h"
#include "mail/smtp/task.h"
#include "mail/smtp/timeouts.h"
#include "mail/smtp/tls.h"
#include "mail/smtp/transaction.h"

namespace dialin::smtp {

enum class SessionState {
  Closed,
  Opening,
  Ready,  // takes a message
  Busy,
};

class Session {
 public:
  // All outlive this object.
  Session(boost::asio::io_context& io, TlsContext& tls, const SubmissionServer& server,
          const Timeouts& timeouts, const ProtocolTrace& trace, std::function<bool()> cancelled);

  // Closed -> Ready: nothing; or the problem, Closed.
  Task<std::optional<Delivery>> open();
  // Ready -> Ready or Closed. Error(Internal): the message must not be sent at all; Ready.
  Task<Delivery> submit(const OutgoingMessage& message, std::function<bool()> may_write);
  // Ready -> Closed. Waits for the reply only if that is worth it.
  Task<void> quit();

  SessionState state() const { return state_; }
  const Extensions& extensions() const { return opening_.extensions(); }
  // Once Closed after a submit(): what ended the session; nothing after quit().
  const std::optional<Delivery>& problem() const { return problem_; }
  // The last message failed because the connection had come to its natural end before the content: closed
  // while idle, or by a server that had refused some and now closes. On a new connection it has a new chance.
  bool ended_naturally() const { return ended_naturally_; }
  // The server has refused so many in a row that it may soon slow down or close: to be followed by a new one.
  bool worn_out() const;

 private:
  Connection connection_;
  Dialogue dialogue_;
  Opening opening_;
  TransactionHistory history_;
  SessionState state_ = SessionState::Closed;
  std::optional<Delivery> problem_;
  int finished_messages_ = 0;
  bool ended_naturally_ = false;
};

}  // namespace dialin::smtp
