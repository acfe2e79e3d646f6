// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/smtp_transport.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <utility>

#include "base/error.h"
#include "mail/smtp/envelope.h"
#include "mail/smtp/session.h"
#include "mail/smtp/tls.h"

namespace dialin {
namespace {

using smtp::Session;
using smtp::SessionState;
using smtp::Task;

// What all sessions of one submit() share.
struct Submission {
  boost::asio::io_context io{1};
  const SubmissionServer& server;
  const smtp::Timeouts& timeouts;
  const ProtocolTrace& trace;
  const std::function<bool()>& cancelled;
  smtp::TlsContext tls{server};

  bool is_cancelled() const { return cancelled && cancelled(); }
};

Delivery stopped(const SubmissionServer& server) {
  Delivery delivery;
  delivery.during = "between messages";
  delivery.text = "stopped";
  delivery.server = server.host + ":" + std::to_string(server.port);
  return delivery;
}

// The message that was taken from the stream and has no outcome yet. Whatever goes wrong, it gets one.
class TakenMessage {
 public:
  explicit TakenMessage(MessageStream& stream) : stream_(stream) {}

  bool take() {
    if (message_) return true;
    message_ = stream_.next().message;
    content_may_go_ = false;
    return message_.has_value();
  }
  const OutgoingMessage& get() const { return *message_; }
  void finish(const Delivery& delivery) {
    const std::optional<OutgoingMessage> message = std::exchange(message_, std::nullopt);
    if (message) stream_.finished(message->id, delivery);
  }
  bool may_write() {
    content_may_go_ = stream_.may_write(message_->id);
    return content_may_go_;
  }
  // An outcome for a message that an exception came across.
  void finish_after_error(Delivery delivery) {
    delivery.text = "given up because of an error";
    if (content_may_go_) {
      delivery.result = DeliveryResult::Unknown;
      delivery.scope = DeliveryScope::None;
    }
    finish(delivery);
  }

 private:
  MessageStream& stream_;
  std::optional<OutgoingMessage> message_;
  bool content_may_go_ = false;
};

// Messages over one connection, until there are no more, or it ends. `more` says that another connection is
// to go on, with the message that is still held, if any.
Task<std::optional<Delivery>> run_session(Submission& submission, TakenMessage& message, bool& more) {
  more = false;
  Session session(submission.io, submission.tls, submission.server, submission.timeouts, submission.trace,
                  submission.cancelled);
  if (std::optional<Delivery> problem = co_await session.open()) {
    message.finish(*problem);
    co_return problem;
  }
  while (session.state() == SessionState::Ready) {
    if (submission.is_cancelled()) {
      message.finish(stopped(submission.server));
      co_await session.quit();
      co_return stopped(submission.server);
    }
    more = session.worn_out();
    if (more || !message.take()) {
      co_await session.quit();
      co_return std::nullopt;
    }
    const Delivery delivery =
        co_await session.submit(message.get(), [&message] { return message.may_write(); });
    more = session.ended_naturally();
    if (more) co_return std::nullopt;
    message.finish(delivery);
  }
  co_return session.problem();
}

Task<std::optional<Delivery>> run_sessions(Submission& submission, MessageStream& stream) {
  TakenMessage message(stream);
  bool more = true;
  std::optional<Delivery> problem;
  try {
    while (more) problem = co_await run_session(submission, message, more);
  } catch (...) {
    // A message that must not be sent, or a caller that could not answer.
    message.finish_after_error(stopped(submission.server));
    throw;
  }
  co_return problem;
}

Task<std::optional<Delivery>> run_probe(Submission& submission, std::size_t message_size) {
  Session session(submission.io, submission.tls, submission.server, submission.timeouts, submission.trace,
                  submission.cancelled);
  if (std::optional<Delivery> problem = co_await session.open()) co_return problem;
  std::optional<Delivery> refusal = smtp::too_large(message_size, session.extensions());
  if (refusal) refusal->server = submission.server.host + ":" + std::to_string(submission.server.port);
  co_await session.quit();
  co_return refusal;
}

std::optional<Delivery> run(Submission& submission, Task<std::optional<Delivery>> work) {
  std::optional<Delivery> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(submission.io, std::move(work),
                        [&](std::exception_ptr error, std::optional<Delivery> outcome) {
                          failure = std::move(error);
                          result = std::move(outcome);
                        });
  // Returns when the work is done and the handlers of its closed connections have run.
  submission.io.run();
  if (failure) std::rethrow_exception(failure);
  return result;
}

}  // namespace

std::optional<Delivery> SmtpTransport::submit(const SubmissionServer& server, MessageStream& stream,
                                              const ProtocolTrace& trace,
                                              const std::function<bool()>& cancelled) {
  Submission submission{.server = server, .timeouts = timeouts_, .trace = trace, .cancelled = cancelled};
  return run(submission, run_sessions(submission, stream));
}

std::optional<Delivery> SmtpTransport::probe(const SubmissionServer& server, std::size_t message_size,
                                             const ProtocolTrace& trace,
                                             const std::function<bool()>& cancelled) {
  Submission submission{.server = server, .timeouts = timeouts_, .trace = trace, .cancelled = cancelled};
  return run(submission, run_probe(submission, message_size));
}

}  // namespace dialin
