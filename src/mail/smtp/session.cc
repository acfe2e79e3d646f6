// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/session.h"

#include <boost/asio/awaitable.hpp>
#include <utility>

namespace dialin::smtp {
namespace {

// Postfix answers every command one second late after 10 errors and closes after 20 (smtpd_soft_error_limit,
// smtpd_hard_error_limit); a new connection is cheaper than either.
constexpr int error_limit = 10;

}  // namespace

Session::Session(Submission& submission)
    : submission_(submission),
      connection_(submission.io, submission.timeouts.poll, submission.cancelled),
      dialogue_(connection_, submission.server, submission.timeouts, submission.trace),
      opening_(dialogue_, submission),
      pipelining_(submission.pipelining) {}

Task<std::optional<Delivery>> Session::open() {
  state_ = SessionState::Opening;
  problem_ = co_await opening_.run();
  if (!problem_) {
    state_ = SessionState::Ready;
    co_return std::nullopt;
  }
  co_await quit();
  end_ = SessionEnd::Problem;
  co_return problem_;
}

Task<void> Session::submit(TakenMessage& message, Messages& messages,
                           const std::function<TakenMessage*()>& look_ahead) {
  state_ = SessionState::Busy;
  const bool across = may_send_across();
  std::unique_ptr<Transaction> current = begin(message, messages);
  while (current) {
    const int errors_before = history_.errors;
    std::unique_ptr<Transaction> following;
    std::optional<Delivery> delivery = co_await current->exchange_envelope();
    if (!delivery) {
      TakenMessage* ahead = across ? look_ahead() : nullptr;
      if (ahead != nullptr) following = begin(*ahead, messages);
      TakenMessage& written = current->message();
      const std::function<bool()> may_write = [&] { return messages.may_write(written); };
      delivery = co_await current->send_content(following.get(), may_write);
      // It may be this that it does not bear: each mail would be lost to it again.
      if (following && delivery->result == DeliveryResult::Unknown)
        submission_.bear_at_most(Pipelining::Message);
    }
    settle(*current, *delivery, errors_before, messages);
    current = std::move(following);
    if (current && state_ == SessionState::Closed) {
      messages.give_back(current->message());
      current.reset();
    }
  }
  if (state_ == SessionState::Busy) {
    state_ = SessionState::Ready;
  } else if (end_ == SessionEnd::Problem) {
    // "451 later" to MAIL: the next message would fare no better, and the caller knows what to do with a
    // problem.
    co_await quit();
  } else {
    connection_.close();
  }
}

bool Session::may_send_across() const {
  // BURL tells Dovecot's submission service: 2.3 aborts when an envelope comes with a final dot, after it has
  // sent the mail on and before it has said so.
  return pipelining_ == Pipelining::Across && extensions().pipelining && !extensions().burl;
}

std::unique_ptr<Transaction> Session::begin(TakenMessage& message, Messages& messages) {
  const bool grouped = extensions().pipelining && pipelining_ != Pipelining::Off;
  auto transaction = std::make_unique<Transaction>(dialogue_, extensions(), history_, message, grouped);
  const std::optional<Delivery> refusal = transaction->refused_beforehand();
  if (!refusal) return transaction;
  messages.finish(message, *refusal);
  return nullptr;
}

void Session::settle(Transaction& transaction, const Delivery& delivery, int errors_before,
                     Messages& messages) {
  const bool of_session = delivery.scope == DeliveryScope::Session;
  const bool goes_on = dialogue_.usable() && !of_session;
  if (!of_session && delivery.result != DeliveryResult::Unknown) ++finished_messages_;
  if (!goes_on) {
    state_ = SessionState::Closed;
    end_ = end_of(transaction, delivery, errors_before);
    if (end_ == SessionEnd::Problem) problem_ = of_session ? delivery : dialogue_.ending();
    if (end_ != SessionEnd::Problem && of_session) return messages.give_back(transaction.message());
  }
  messages.finish(transaction.message(), delivery);
}

SessionEnd Session::end_of(const Transaction& transaction, const Delivery& delivery,
                           int errors_before) const {
  const bool grouped = extensions().pipelining && pipelining_ != Pipelining::Off;
  const bool out_of_step =
      connection_.end() == ConnectionEnd::BadReply || delivery.problem == SessionProblem::ProtocolBroken;
  if (out_of_step && grouped) return SessionEnd::OutOfStep;
  const bool closed = connection_.end() == ConnectionEnd::ClosedByServer;
  if (delivery.scope != DeliveryScope::Session) {
    // The server has decided about this message, and then about the connection.
    const bool decided = delivery.result != DeliveryResult::Unknown;
    const bool cut_by_us = connection_.end() == ConnectionEnd::ClosedByUs;
    return decided && (closed || cut_by_us || dialogue_.going()) ? SessionEnd::Natural : SessionEnd::Problem;
  }
  const bool closed_after_work = closed && finished_messages_ > 0;
  const bool said_while_idle = !transaction.begun() || transaction.went_along();
  const bool going_while_idle = dialogue_.going() && said_while_idle && finished_messages_ > 0;
  const bool going_after_errors = dialogue_.going() && errors_before > 0;
  const bool natural =
      !transaction.content_begun() && (closed_after_work || going_while_idle || going_after_errors);
  return natural ? SessionEnd::Natural : SessionEnd::Problem;
}

Task<void> Session::look_while_idle() {
  const bool in_step = co_await dialogue_.in_step();
  if (in_step && dialogue_.usable()) co_return;
  state_ = SessionState::Closed;
  // Nothing is lost with a connection that carries nothing, whatever ended it.
  end_ = connection_.end() == ConnectionEnd::BadReply ? SessionEnd::OutOfStep : SessionEnd::Natural;
  connection_.close();
}

Task<void> Session::quit() {
  state_ = SessionState::Closed;
  if (end_ == SessionEnd::Open) end_ = SessionEnd::Quit;
  // An envelope that has gone already, and its DATA, would take QUIT for content.
  if (dialogue_.usable() && !dialogue_.owed()) {
    // A worn out session would wait for the late reply of a server that slows down.
    if (worn_out()) {
      co_await dialogue_.send("QUIT\r\n");
    } else {
      co_await dialogue_.ask(Command::Quit, "QUIT\r\n");
    }
  }
  connection_.close();
}

void Session::close() {
  connection_.close();
}

bool Session::worn_out() const {
  return history_.errors >= error_limit;
}

}  // namespace dialin::smtp
