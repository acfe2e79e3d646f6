// SPDX-License-Identifier: Apache-2.0
// One connection to a submission server from greeting to QUIT, as a state machine:
//
//   Closed -> Opening -> Ready <-> Busy -> Closed        Ready -> Closed after QUIT
//                 \-> Closed (the problem says why)
//
// Everything runs on the thread that runs the io_context.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "mail/mail_transport.h"
#include "mail/smtp/connection.h"
#include "mail/smtp/dialogue.h"
#include "mail/smtp/messages.h"
#include "mail/smtp/opening.h"
#include "mail/smtp/submission.h"
#include "mail/smtp/task.h"
#include "mail/smtp/transaction.h"

namespace dialin::smtp {

enum class SessionState {
  Closed,
  Opening,
  Ready,  // takes a message
  Busy,
};

// Why a session is Closed.
enum class SessionEnd {
  Open,       // it is not
  Quit,       // we said QUIT, or closed it
  Natural,    // the server closed it while idle or after work; what was not sent goes over another connection
  OutOfStep,  // a reply that cannot belong to a group: as Natural, and the server is not to be pipelined to
  Problem,
};

class Session {
 public:
  // All outlive this object.
  explicit Session(Submission& submission);

  // Closed -> Ready: nothing; or the problem, Closed. What access_token throws.
  Task<std::optional<Delivery>> open();

  // Ready -> Ready or Closed. Submits `message`, and with Pipelining::Across one after the other what
  // `look_ahead` gives (null: none) when it is asked just before a content is written. Each gets its outcome
  // from `messages`, or is given back to it. Error(Internal): a message must not be sent at all.
  Task<void> submit(TakenMessage& message, Messages& messages,
                    const std::function<TakenMessage*()>& look_ahead);

  // Ready -> Ready or Closed: whether the server has closed, or said 421, while nobody talked.
  Task<void> look_while_idle();
  // Ready -> Closed. Waits for the reply only if that is worth it.
  Task<void> quit();
  // At once, from any state; whoever awaits something of this session finds it Closed.
  void close();

  SessionState state() const { return state_; }
  SessionEnd end() const { return end_; }
  const Extensions& extensions() const { return opening_.extensions(); }
  ServerOffer offer() const { return opening_.offer(); }
  // With SessionEnd::Problem.
  const std::optional<Delivery>& problem() const { return problem_; }
  // The server has refused so many in a row that it may soon slow down or close: to be followed by a new one.
  bool worn_out() const;

 private:
  // Null: `message` can never be taken by this server, and has its outcome.
  std::unique_ptr<Transaction> begin(TakenMessage& message, Messages& messages);
  void settle(Transaction& transaction, const Delivery& delivery, int errors_before, Messages& messages);
  SessionEnd end_of(const Transaction& transaction, const Delivery& delivery, int errors_before) const;

  bool may_send_across() const;

  Submission& submission_;
  Connection connection_;
  Dialogue dialogue_;
  Opening opening_;
  const Pipelining pipelining_;  // as it is in force when the session begins
  TransactionHistory history_;
  SessionState state_ = SessionState::Closed;
  SessionEnd end_ = SessionEnd::Open;
  std::optional<Delivery> problem_;
  int finished_messages_ = 0;
};

}  // namespace dialin::smtp
