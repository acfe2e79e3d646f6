// SPDX-License-Identifier: Apache-2.0
// One call of SmtpTransport::submit() and everything that came of it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "mail/smtp/smtp_transport.h"
#include "support/message_list.h"
#include "support/scripted_smtp_server.h"

namespace dialin::test {

inline const std::vector<std::string> usual_extensions = {"PIPELINING", "SIZE 10000000", "8BITMIME",
                                                          "ENHANCEDSTATUSCODES", "DSN"};

inline SubmissionServer at(std::uint16_t port) {
  return {.host = "127.0.0.1", .port = port, .helo_name = "client.example.org"};
}

// Signs in over TLS that the authority of the server vouches for.
inline SubmissionServer signing_in(std::uint16_t port, const std::filesystem::path& ca_file,
                                   const std::string& user = "user", const std::string& password = "secret") {
  return {.host = "127.0.0.1",
          .port = port,
          .tls = TlsMode::Required,
          .ca_file = ca_file.string(),
          .helo_name = "client.example.org",
          .user = user,
          .password = std::make_shared<const Secret>(password)};
}

// Long enough for a busy machine, short enough for a test that waits for one of them.
inline smtp::Timeouts short_timeouts(std::chrono::milliseconds each) {
  return {.connect = each,
          .greeting = each,
          .hello = each,
          .handshake = each,
          .auth = each,
          .mail = each,
          .rcpt = each,
          .data = each,
          .block = each,
          .outcome = each,
          .quit = std::chrono::milliseconds(200),  // many scripts do not answer it
          .poll = std::chrono::milliseconds(20)};
}

inline const smtp::Timeouts patient = short_timeouts(std::chrono::seconds(20));
inline const smtp::Timeouts impatient = short_timeouts(std::chrono::milliseconds(300));

struct Submission {
  std::optional<Delivery> problem;
  std::string trace;

  SessionProblem why() const { return problem ? problem->problem : SessionProblem::None; }
};

inline Submission submit(const SubmissionServer& server, MessageList& messages,
                         const smtp::Timeouts& timeouts = patient,
                         const std::function<bool()>& cancelled = nullptr) {
  Submission done;
  SmtpTransport transport(timeouts);
  done.problem = transport.submit(
      server, messages, [&](const std::string& line) { done.trace += line + "\n"; }, cancelled);
  return done;
}

inline ::testing::AssertionResult played_to_the_end(ScriptedSmtpServer& server) {
  const std::vector<std::string> failures = server.failures();
  if (failures.empty()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << failures.front();
}

}  // namespace dialin::test
