// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/smtp_transport.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "mail/smtp/envelope.h"
#include "mail/smtp/session.h"
#include "mail/smtp/session_pool.h"
#include "mail/smtp/submission.h"

namespace dialin {
namespace {

using smtp::Session;
using smtp::Submission;
using smtp::Task;

Task<ProbeResult> run_probe(Submission& submission, std::size_t message_size) {
  Session session(submission);
  ProbeResult result;
  result.problem = co_await session.open();
  result.offer = session.offer();
  if (result.problem) co_return result;
  result.problem = smtp::too_large(message_size, session.extensions());
  if (result.problem)
    result.problem->server = submission.server.host + ":" + std::to_string(submission.server.port);
  co_await session.quit();
  co_return result;
}

}  // namespace

std::optional<Delivery> SmtpTransport::submit(const SubmissionServer& server, MessageStream& stream,
                                              const ProtocolTrace& trace,
                                              const std::function<bool()>& cancelled) {
  const Address address(server.host, server.port);
  Submission submission(server, borne_by(address), timeouts_, trace, cancelled);
  smtp::SessionPool pool(submission, stream);
  std::optional<Delivery> problem = pool.run();
  if (submission.pipelining < server.pipelining) note(address, submission.pipelining);
  return problem;
}

Pipelining SmtpTransport::borne_by(const Address& server) const {
  const std::lock_guard lock(mutex_);
  const auto known = borne_.find(server);
  return known == borne_.end() ? Pipelining::Across : known->second;
}

void SmtpTransport::note(const Address& server, Pipelining bears) {
  const std::lock_guard lock(mutex_);
  borne_[server] = bears;
}

ProbeResult SmtpTransport::probe(const SubmissionServer& server, std::size_t message_size,
                                 const ProtocolTrace& trace, const std::function<bool()>& cancelled) {
  Submission submission(server, server.pipelining, timeouts_, trace, cancelled);
  ProbeResult result;
  std::exception_ptr failure;
  boost::asio::co_spawn(submission.io, run_probe(submission, message_size),
                        [&](std::exception_ptr error, ProbeResult outcome) {
                          failure = std::move(error);
                          result = std::move(outcome);
                        });
  submission.io.run();
  if (failure) std::rethrow_exception(failure);
  return result;
}

}  // namespace dialin
