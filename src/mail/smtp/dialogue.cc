// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/dialogue.h"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>

#include "base/text.h"

namespace dialin::smtp {
namespace {

std::string server_name_of(const SubmissionServer& server) {
  const bool v6_address = server.host.find(':') != std::string::npos;
  return v6_address ? fmt::format("[{}]:{}", server.host, server.port)
                    : fmt::format("{}:{}", server.host, server.port);
}

}  // namespace

Dialogue::Dialogue(Connection& connection, const SubmissionServer& server, const Timeouts& timeouts,
                   const ProtocolTrace& trace)
    : connection_(connection),
      server_(server),
      timeouts_(timeouts),
      trace_(trace),
      server_name_(sanitize_foreign_text(server_name_of(server))) {
  if (server.password) redactor_.hide(*server.password);
}

Task<bool> Dialogue::send(std::string_view lines) {
  trace_lines(lines);
  const bool written = co_await connection_.write(lines, timeouts_.mail);
  co_return written;
}

Task<bool> Dialogue::send_hidden(std::string_view octets, std::string_view shown,
                                 std::chrono::milliseconds limit) {
  trace(fmt::format("C: {}", shown));
  const bool written = co_await connection_.write(octets, limit);
  co_return written;
}

Task<std::optional<Reply>> Dialogue::answer() {
  const Command command = expected_.front();
  expected_.pop_front();
  during_ = name_of(command);
  std::optional<Reply> reply = co_await connection_.read_reply(limit_for(command));
  if (!reply) co_return std::nullopt;
  redact(*reply);
  trace_reply(*reply);
  if (reply->code == 421) {
    farewell_ = *reply;
    expected_.clear();
  } else if (!can_answer(command, *reply)) {
    connection_.fail(ConnectionEnd::BadReply,
                     fmt::format("the reply {} cannot belong to {}", reply->code, during_));
    co_return std::nullopt;
  }
  co_return reply;
}

Task<std::optional<Reply>> Dialogue::ask(Command command, std::string_view line) {
  if (!co_await in_step()) co_return std::nullopt;
  expect(command);
  co_await send(line);
  // Also after a failed write: the server may have said why it closed.
  std::optional<Reply> reply = co_await answer();
  co_return reply;
}

Task<bool> Dialogue::in_step() {
  co_await connection_.catch_up();
  const Reply* further = connection_.peek_reply();
  if (further != nullptr && expected_.empty() && further->code == 421) {
    farewell_ = co_await connection_.read_reply(timeouts_.mail);
    redact(*farewell_);
    trace_reply(*farewell_);
  } else if (further != nullptr && expected_.empty()) {
    connection_.fail(ConnectionEnd::BadReply, fmt::format("a reply {} that nobody asked for", further->code));
  }
  co_return connection_.end() != ConnectionEnd::BadReply;
}

bool Dialogue::usable() const {
  return !going() && connection_.end() == ConnectionEnd::None;
}

Delivery Dialogue::ending() const {
  if (farewell_) {
    Delivery delivery = judged(Command::Quit, *farewell_);
    delivery.during = during_;
    return delivery;
  }
  SessionProblem why = SessionProblem::Unreachable;
  switch (connection_.end()) {
    case ConnectionEnd::None:
    case ConnectionEnd::ClosedByUs:
    case ConnectionEnd::Cancelled:
      why = SessionProblem::None;
      break;
    case ConnectionEnd::Unreachable:
    case ConnectionEnd::ClosedByServer:
    case ConnectionEnd::TimedOut:
      why = SessionProblem::Unreachable;
      break;
    case ConnectionEnd::BadReply:
      why = SessionProblem::ProtocolBroken;
      break;
    case ConnectionEnd::HandshakeFailed:
      why = SessionProblem::TlsFailed;
      break;
  }
  return problem(why, during_, connection_.end_text());
}

Delivery Dialogue::problem(SessionProblem problem, std::string during, const std::string& text) const {
  Delivery delivery;
  delivery.result = DeliveryResult::Deferred;
  delivery.scope = DeliveryScope::Session;
  delivery.problem = problem;
  delivery.during = std::move(during);
  delivery.text = sanitize_foreign_text(text);
  delivery.server = server_name_;
  delivery.tls = connection_.tls() != nullptr;
  return delivery;
}

Delivery Dialogue::judged(Command command, const Reply& reply) const {
  Delivery delivery = judge(command, reply);
  delivery.server = server_name_;
  delivery.tls = connection_.tls() != nullptr;
  return delivery;
}

void Dialogue::redact(Reply& reply) const {
  for (std::string& line : reply.lines) redactor_.clean(line);
}

void Dialogue::trace(std::string_view line) const {
  if (trace_) trace_(sanitize_foreign_text(line));
}

void Dialogue::trace_lines(std::string_view lines) const {
  for (std::string_view rest = lines; trace_ && !rest.empty();) {
    const std::size_t end = rest.find("\r\n");
    trace(fmt::format("C: {}", rest.substr(0, end)));
    rest.remove_prefix(end + 2);
  }
}

void Dialogue::trace_content(std::size_t octets) const {
  if (trace_) trace(fmt::format("C: <{} octets of content>", octets));
}

void Dialogue::trace_reply(const Reply& reply) const {
  if (!trace_) return;
  if (reply.code == 334) return trace("S: 334 <redacted>");
  for (std::size_t i = 0; i < reply.lines.size(); ++i) {
    const char separator = i + 1 < reply.lines.size() ? '-' : ' ';
    const std::string& enhanced = reply.enhanced_code;
    trace(fmt::format("S: {}{}{}{}{}", reply.code, separator, enhanced, enhanced.empty() ? "" : " ",
                      reply.lines[i]));
  }
}

std::chrono::milliseconds Dialogue::limit_for(Command command) const {
  switch (command) {
    case Command::Greeting:
      return timeouts_.greeting;
    case Command::Ehlo:
    case Command::Helo:
    case Command::StartTls:
      return timeouts_.hello;
    case Command::Auth:
      return timeouts_.auth;
    case Command::Mail:
    case Command::Rset:
      return timeouts_.mail;
    case Command::Rcpt:
      return timeouts_.rcpt;
    case Command::Data:
      return timeouts_.data;
    case Command::EndOfContent:
      return timeouts_.outcome;
    case Command::Quit:
      return timeouts_.quit;
  }
  return timeouts_.mail;
}

}  // namespace dialin::smtp
