// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/signing_in.h"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "base/text.h"
#include "mail/smtp/access_token_line.h"
#include "mail/smtp/sasl.h"
#include "mail/smtp/submission.h"

namespace dialin::smtp {
namespace {

// RFC 4954 section 4: an AUTH command with an initial response keeps within the limit of a command line.
constexpr std::size_t max_command_line = 512;
constexpr int max_sasl_steps = 10;

}  // namespace

bool clear_auth_allowed(Dialogue& dialogue) {
  return dialogue.server().allow_insecure_auth && dialogue.connection().peer_is_loopback();
}

SigningIn::SigningIn(Dialogue& dialogue, Submission& submission, const Extensions& extensions)
    : dialogue_(dialogue), submission_(submission), server_(dialogue.server()), extensions_(extensions) {}

Task<std::optional<Delivery>> SigningIn::run() {
  if (dialogue_.connection().tls() == nullptr && !clear_auth_allowed(dialogue_)) {
    const std::string_view what = server_.access_token ? "an access token" : "a password";
    co_return dialogue_.problem(
        SessionProblem::AuthNotOffered, "AUTH",
        fmt::format("the server offers no TLS, and {} is not sent in clear text", what));
  }
  std::optional<Delivery> failure;
  if (server_.access_token) {
    failure = co_await with_token();
  } else {
    failure = co_await with_password();
  }
  co_return failure;
}

Delivery SigningIn::not_offered(std::string_view needed) const {
  const std::string offered = extensions_.auth.empty() ? "nothing" : join(extensions_.auth, " ");
  return dialogue_.problem(SessionProblem::AuthNotOffered, "AUTH",
                           fmt::format("the server offers {}; {} is needed", offered, needed));
}

Task<void> SigningIn::begin(const std::string& mechanism, std::optional<Secret>& line) {
  std::string command = "AUTH " + mechanism;
  if (line) {
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
  co_await dialogue_.send_hidden(command, fmt::format("AUTH {} <redacted>", mechanism),
                                 dialogue_.timeouts().auth);
  wipe(command);
}

Task<void> SigningIn::respond(const Secret& line) {
  dialogue_.redactor().hide(line);
  std::string octets(line.reveal(ClearSecretAccess()));
  octets += "\r\n";
  dialogue_.expect(Command::Auth);
  co_await dialogue_.send_hidden(octets, "<redacted>", dialogue_.timeouts().auth);
  wipe(octets);
}

Task<std::optional<Delivery>> SigningIn::with_password() {
  const std::vector<std::string> mechanisms = usable_mechanisms(extensions_.auth);
  if (mechanisms.empty()) co_return not_offered("SCRAM-SHA-256, SCRAM-SHA-1, PLAIN or LOGIN");
  std::optional<Delivery> failure;
  for (const std::string& mechanism : mechanisms) {
    failure = co_await with_password_by(mechanism);
    // Only a mechanism that the server names and does not have is followed by the next one. A refused
    // password is tried once: each try counts towards the account's lockout.
    const bool unknown_mechanism = failure && failure->reply_code == 504;
    if (!unknown_mechanism) break;
  }
  co_return failure;
}

Task<std::optional<Delivery>> SigningIn::with_password_by(const std::string& mechanism) {
  SaslExchange sasl(mechanism, server_.user, server_.password);
  std::optional<Secret> line;
  if (sasl.client_first()) {
    line = sasl.respond("");
    if (!line) co_return dialogue_.problem(SessionProblem::PasswordRefused, "AUTH", sasl.error());
  }
  co_await begin(mechanism, line);
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
    co_await respond(*line);
    line.reset();
  }
  // "*" ends an exchange that the client does not want to go on with (RFC 4954 section 4).
  co_await dialogue_.ask(Command::Auth, "*\r\n");
  co_return dialogue_.problem(SessionProblem::PasswordRefused, "AUTH",
                              sasl.error().empty() ? "the server does not come to an end" : sasl.error());
}

Task<std::shared_ptr<const Secret>> SigningIn::ask_for_token() {
  const auto ask = [&server = server_]() -> Task<std::shared_ptr<const Secret>> {
    co_return server.access_token();
  };
  std::shared_ptr<const Secret> token =
      co_await boost::asio::co_spawn(*submission_.token_thread, ask, boost::asio::use_awaitable);
  dialogue_.redactor().hide(*token);
  co_return token;
}

Task<std::optional<Delivery>> SigningIn::with_token() {
  const std::optional<std::string> mechanism = token_mechanism(extensions_.auth);
  if (!mechanism) co_return not_offered("OAUTHBEARER or XOAUTH2");
  const std::shared_ptr<const Secret> token = co_await ask_for_token();
  std::optional<Delivery> failure = co_await with_this_token(*mechanism, *token);
  const bool refused = failure && failure->problem == SessionProblem::PasswordRefused;
  if (!refused || !dialogue_.usable()) co_return failure;
  // It may have ended a moment ago and been renewed since. The same one again would only count as a further
  // wrong try.
  const std::shared_ptr<const Secret> renewed = co_await ask_for_token();
  if (!token->same_as(*renewed)) failure = co_await with_this_token(*mechanism, *renewed);
  co_return failure;
}

Task<std::optional<Delivery>> SigningIn::with_this_token(const std::string& mechanism, const Secret& token) {
  std::optional<Secret> line = token_line(mechanism, server_, token);
  co_await begin(mechanism, line);
  for (int step = 0; step < max_sasl_steps; ++step) {
    const std::optional<Reply> reply = co_await dialogue_.answer();
    if (!reply) co_return dialogue_.ending();
    if (reply->positive()) co_return std::nullopt;
    if (reply->code != 334) co_return dialogue_.judged(Command::Auth, *reply);
    // The first 334 may ask for the line; any other one tells an error, and wants an answer before the
    // refusal.
    if (!line) line = token_error_answer(mechanism);
    co_await respond(*line);
    line.reset();
  }
  co_return dialogue_.problem(SessionProblem::PasswordRefused, "AUTH", "the server does not come to an end");
}

}  // namespace dialin::smtp
