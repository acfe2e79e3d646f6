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

Session::Session(boost::asio::io_context& io, TlsContext& tls, const SubmissionServer& server,
                 const Timeouts& timeouts, const ProtocolTrace& trace, std::function<bool()> cancelled)
    : connection_(io, timeouts.poll, std::move(cancelled)),
      dialogue_(connection_, server, timeouts, trace),
      opening_(dialogue_, tls) {}

Task<std::optional<Delivery>> Session::open() {
  state_ = SessionState::Opening;
  problem_ = co_await opening_.run();
  if (!problem_) {
    state_ = SessionState::Ready;
    co_return std::nullopt;
  }
  co_await quit();
  co_return problem_;
}

Task<Delivery> Session::submit(const OutgoingMessage& message, std::function<bool()> may_write) {
  state_ = SessionState::Busy;
  Transaction transaction(dialogue_, opening_.extensions(), history_, message, std::move(may_write));
  const int errors_before = history_.errors;
  Delivery delivery = co_await transaction.run();
  const bool of_session = delivery.scope == DeliveryScope::Session;
  if (dialogue_.usable() && !of_session) {
    state_ = SessionState::Ready;
    ++finished_messages_;
    co_return delivery;
  }
  state_ = SessionState::Closed;
  problem_ = of_session ? delivery : dialogue_.ending();
  const bool closed_after_work = connection_.end() == ConnectionEnd::ClosedByServer && finished_messages_ > 0;
  const bool going_while_idle = dialogue_.going() && !transaction.begun() && finished_messages_ > 0;
  const bool going_after_errors = dialogue_.going() && errors_before > 0;
  ended_naturally_ = of_session && !transaction.content_begun() &&
                     (closed_after_work || going_while_idle || going_after_errors);
  // "451 later" to MAIL: the next message would fare no better, and the caller knows what to do with a
  // problem.
  co_await quit();
  co_return delivery;
}

Task<void> Session::quit() {
  state_ = SessionState::Closed;
  if (dialogue_.usable()) {
    // A worn out session would wait for the late reply of a server that slows down.
    if (worn_out()) {
      co_await dialogue_.send("QUIT\r\n");
    } else {
      co_await dialogue_.ask(Command::Quit, "QUIT\r\n");
    }
  }
  connection_.close();
}

bool Session::worn_out() const {
  return history_.errors >= error_limit;
}

}  // namespace dialin::smtp
