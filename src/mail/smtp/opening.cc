// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/opening.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>

#include "mail/smtp/content_check.h"
#include "mail/smtp/signing_in.h"
#include "mail/smtp/submission.h"

namespace dialin::smtp {
namespace {

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

Opening::Opening(Dialogue& dialogue, Submission& submission)
    : dialogue_(dialogue),
      connection_(dialogue.connection()),
      server_(dialogue.server()),
      submission_(submission) {}

Task<std::optional<Delivery>> Opening::run() {
  if (auto failure = co_await connect()) co_return failure;
  if (auto failure = co_await say_hello()) co_return failure;
  if (connection_.tls() == nullptr) {
    if (extensions_.starttls) {
      if (auto failure = co_await start_tls()) co_return failure;
      if (auto failure = co_await say_hello()) co_return failure;
    } else if (server_.tls != TlsMode::Opportunistic) {
      co_return dialogue_.problem(SessionProblem::TlsNotOffered, "EHLO",
                                  "the server does not offer STARTTLS; one that speaks TLS from the "
                                  "start is named as smtps://HOST");
    }
  }
  if (server_.user.empty()) co_return std::nullopt;
  SigningIn signing_in(dialogue_, submission_, extensions_);
  std::optional<Delivery> failure = co_await signing_in.run();
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
    answered_ = true;
    extensions_ = parse_extensions(*reply);
    co_return std::nullopt;
  }
  if (!reply->permanent()) co_return dialogue_.judged(Command::Ehlo, *reply);
  // RFC 5321 section 3.2: a server that does not know EHLO is greeted with HELO.
  reply = co_await dialogue_.ask(Command::Helo, fmt::format("HELO {}\r\n", name));
  if (!reply) co_return dialogue_.ending();
  if (!reply->positive()) co_return dialogue_.judged(Command::Helo, *reply);
  answered_ = true;
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
  if (!co_await connection_.encrypt(submission_.tls.get(), server_.host, dialogue_.timeouts().handshake)) {
    Delivery failure = dialogue_.ending();
    if (connection_.end() != ConnectionEnd::Cancelled) failure.problem = SessionProblem::TlsFailed;
    co_return failure;
  }
  certificate_ = check_certificate(connection_.tls(), server_);
  encryption_ = describe_tls(connection_.tls());
  const CertificateCheck& check = certificate_;
  if (check.good) {
    dialogue_.trace(fmt::format("encrypted: {}, certificate verified", encryption_));
    co_return std::nullopt;
  }
  // A password never goes to somebody who has not shown who it is; and a fingerprint is there to be compared.
  const bool must_verify = server_.tls != TlsMode::Opportunistic || !server_.fingerprint.empty() ||
                           (!server_.user.empty() && !clear_auth_allowed(dialogue_));
  if (must_verify) {
    Delivery refusal = dialogue_.problem(SessionProblem::CertificateRefused, "TLS handshake", check.text);
    connection_.close();
    co_return refusal;
  }
  dialogue_.trace(fmt::format("encrypted: {}, certificate not verified: {}", encryption_, check.text));
  co_return std::nullopt;
}

ServerOffer Opening::offer() const {
  return {.answered = answered_,
          .encryption = encryption_,
          .certificate_verified = certificate_.good,
          .certificate = certificate_.details,
          .certificate_ends = certificate_.ends,
          .starttls = extensions_.starttls,
          .pipelining = extensions_.pipelining,
          .size_limit = extensions_.size_limit,
          .auth = extensions_.auth};
}

}  // namespace dialin::smtp
