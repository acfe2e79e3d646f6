// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/opening.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>

#include "base/text.h"
#include "mail/smtp/content_check.h"
#include "mail/smtp/sasl.h"
#include "mail/smtp/tls.h"

namespace dialin::smtp {
namespace {

// RFC 4954 section 4: an AUTH command with an initial response keeps within the limit of a command line.
constexpr std::size_t max_command_line = 512;
constexpr int max_sasl_steps = 10;

bool is_full_domain_name(const std::string& name) {
  const bool letters_digits_hyphens = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
  });
  return letters_digits_hyphens && name.size() <= 255 && name.find('.') != std::string::npos &&
         name.front() != '.' && name.back() != '.';
}

}  // namespace

std::string default_helo_name(const std::string& address_literal) {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return address_literal;
  return is_full_domain_name(name.data()) ? name.data() : address_literal;
}

Opening::Opening(Dialogue& dialogue, TlsContext& tls)
    : dialogue_(dialogue), connection_(dialogue.connection()), server_(dialogue.server()), tls_(tls) {}

Task<std::optional<Delivery>> Opening::run() {
  if (auto failure = co_await connect()) co_return failure;
  if (auto failure = co_await say_hello()) co_return failure;
  if (connection_.tls() == nullptr) {
    if (extensions_.starttls) {
      if (auto failure = co_await start_tls()) co_return failure;
      if (auto failure = co_await say_hello()) co_return failure;
    } else if (server_.tls != TlsMode::Opportunistic) {
      co_return dialogue_.problem(SessionProblem::TlsNotOffered, "EHLO",
                                  "the server does not offer STARTTLS");
    }
  }
  std::optional<Delivery> failure = co_await authenticate();
  co_return failure;
}

Task<std::optional<Delivery>> Opening::connect() {
  dialogue_.set_during("connecting to " + dialogue_.server_name());
  dialogue_.trace(fmt::format("connecting to {}", dialogue_.server_name()));
  if (!co_await connection_.connect(server_.host, server_.port, dialogue_.timeouts().connect)) {
    co_return dialogue_.ending();
  }
  if (server_.tls == TlsMode::Implicit) {
    if (auto failure = co_await encrypt()) co_return failure;
  }
  connection_.start_reading();
  dialogue_.expect(Command::Greeting);
  const std::optional<Reply> reply = co_await dialogue_.answer();
  if (!reply) co_return dialogue_.ending();
  if (!reply->positive()) co_return dialogue_.judged(Command::Greeting, *reply);
  co_return std::nullopt;
}

Task<std::optional<Delivery>> Opening::say_hello() {
  const std::string name =
      server_.helo_name.empty() ? default_helo_name(connection_.local_address_literal()) : server_.helo_name;
  check_helo_name(name);
  // RFC 3207 section 4.2: what was offered before TLS is forgotten.
  extensions_ = {};
  std::optional<Reply> reply = co_await dialogue_.ask(Command::Ehlo, fmt::format("EHLO {}\r\n", name));
  if (!reply) co_return dialogue_.ending();
  if (reply->positive()) {
    extensions_ = parse_extensions(*reply);
    co_return std::nullopt;
  }
  if (!reply->permanent()) co_return dialogue_.judged(Command::Ehlo, *reply);
  // RFC 5321 section 3.2: a server that does not know EHLO is greeted with HELO.
  reply = co_await dialogue_.ask(Command::Helo, fmt::format("HELO {}\r\n", name));
  if (!reply) co_return dialogue_.ending();
  if (!reply->positive()) co_return dialogue_.judged(Command::Helo, *reply);
  co_return std::nullopt;
}

Task<std::optional<Delivery>> Opening::start_tls() {
  connection_.stop_reading_after_reply();
  const std::optional<Reply> reply = co_await dialogue_.ask(Command::StartTls, "STARTTLS\r\n");
  if (!reply) co_return dialogue_.ending();
  // Offered and then refused: never on in clear text, or anybody on the way could arrange that.
  if (!reply->positive()) co_return dialogue_.judged(Command::StartTls, *reply);
  if (auto failure = co_await encrypt()) co_return failure;
  connection_.start_reading();
  co_return std::nullopt;
}

Task<std::optional<Delivery>> Opening::encrypt() {
  dialogue_.set_during("TLS handshake");
  if (!co_await connection_.encrypt(tls_.get(), server_.host, dialogue_.timeouts().handshake)) {
    Delivery failure = dialogue_.ending();
    if (connection_.end() != ConnectionEnd::Cancelled) failure.problem = SessionProblem::TlsFailed;
    co_return failure;
  }
  const CertificateCheck check = check_certificate(connection_.tls(), server_);
  const std::string how = describe_tls(connection_.tls());
  if (check.good) {
    dialogue_.trace(fmt::format("encrypted: {}, certificate verified", how));
    co_return std::nullopt;
  }
  // A password never goes to somebody who has not shown who it is; and a fingerprint is there to be compared.
  const bool must_verify = server_.tls != TlsMode::Opportunistic || !server_.fingerprint.empty() ||
                           (!server_.user.empty() && !clear_auth_allowed());
  if (must_verify) {
    Delivery refusal = dialogue_.problem(SessionProblem::CertificateRefused, "TLS handshake", check.text);
    connection_.close();
    co_return refusal;
  }
  dialogue_.trace(fmt::format("encrypted: {}, certificate not verified: {}", how, check.text));
  co_return std::nullopt;
}

bool Opening::clear_auth_allowed() const {
  return server_.allow_insecure_auth && connection_.peer_is_loopback();
}

Task<std::optional<Delivery>> Opening::authenticate() {
  if (server_.user.empty()) co_return std::nullopt;
  if (connection_.tls() == nullptr && !clear_auth_allowed()) {
    co_return dialogue_.problem(SessionProblem::AuthNotOffered, "AUTH",
                                "the server offers no TLS, and a password is not sent in clear text");
  }
  const std::vector<std::string> mechanisms = usable_mechanisms(extensions_.auth);
  if (mechanisms.empty()) {
    const std::string offered = extensions_.auth.empty() ? "nothing" : join(extensions_.auth, " ");
    co_return dialogue_.problem(
        SessionProblem::AuthNotOffered, "AUTH",
        fmt::format("the server offers {}; SCRAM-SHA-256, SCRAM-SHA-1, PLAIN or LOGIN is needed", offered));
  }
  std::optional<Delivery> failure;
  for (const std::string& mechanism : mechanisms) {
    failure = co_await authenticate_with(mechanism);
    // Only a mechanism that the server names and does not have is followed by the next one. A refused
    // password is tried once: each try counts towards the account's lockout.
    const bool unknown_mechanism = failure && failure->reply_code == 504;
    if (!unknown_mechanism) break;
  }
  co_return failure;
}

Task<std::optional<Delivery>> Opening::authenticate_with(const std::string& mechanism) {
  SaslExchange sasl(mechanism, server_.user, server_.password);
  const std::chrono::milliseconds limit = dialogue_.timeouts().auth;
  std::string command = "AUTH " + mechanism;
  std::optional<Secret> line;
  if (sasl.client_first()) {
    line = sasl.respond("");
    if (!line) co_return dialogue_.problem(SessionProblem::PasswordRefused, "AUTH", sasl.error());
    dialogue_.redactor().hide(*line);
    if (command.size() + line->size() + 3 <= max_command_line) {
      const std::string_view text = line->reveal(ClearSecretAccess());
      // RFC 4954 section 4: an empty initial response is written "=".
      command.append(" ").append(text.empty() ? "=" : text);
      line.reset();
    }
  }
  command += "\r\n";
  dialogue_.expect(Command::Auth);
  co_await dialogue_.send_hidden(command, fmt::format("AUTH {} <redacted>", mechanism), limit);
  wipe(command);
  for (int step = 0; step < max_sasl_steps; ++step) {
    const std::optional<Reply> reply = co_await dialogue_.answer();
    if (!reply) co_return dialogue_.ending();
    if (reply->positive()) {
      if (sasl.complete()) co_return std::nullopt;
      co_return dialogue_.problem(SessionProblem::PasswordRefused, "AUTH",
                                  "the server did not prove that it knows the password");
    }
    if (reply->code != 334) co_return dialogue_.judged(Command::Auth, *reply);
    if (!line) line = sasl.respond(reply->lines.front());
    if (!line) break;
    dialogue_.redactor().hide(*line);
    std::string octets(line->reveal(ClearSecretAccess()));
    octets += "\r\n";
    line.reset();
    dialogue_.expect(Command::Auth);
    co_await dialogue_.send_hidden(octets, "<redacted>", limit);
    wipe(octets);
  }
  // "*" ends an exchange that the client does not want to go on with (RFC 4954 section 4).
  co_await dialogue_.ask(Command::Auth, "*\r\n");
  co_return dialogue_.problem(SessionProblem::PasswordRefused, "AUTH",
                              sasl.error().empty() ? "the server does not come to an end" : sasl.error());
}

}  // namespace dialin::smtp
