// SPDX-License-Identifier: Apache-2.0
// Commands and replies in step: every command that was written waits in a queue for its own reply, so that a
// group may be written at once, and a reply that nobody waits for is found out.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "mail/mail_transport.h"
#include "mail/smtp/connection.h"
#include "mail/smtp/failure_scope.h"
#include "mail/smtp/redactor.h"
#include "mail/smtp/timeouts.h"

namespace dialin::smtp {

class Dialogue {
 public:
  Dialogue(Connection& connection, const SubmissionServer& server, const Timeouts& timeouts,
           const ProtocolTrace& trace);

  // A reply to `command` will come: for the greeting, and for what is written with write().
  void expect(Command command) { expected_.push_back(command); }
  // Writes command lines in one write; they have been expected. False: the connection has ended.
  Task<bool> send(std::string_view lines);
  // Writes octets that are not shown; `shown` stands in the trace for them ("AUTH PLAIN <redacted>").
  Task<bool> send_hidden(std::string_view octets, std::string_view shown, std::chrono::milliseconds limit);
  // The reply to the oldest command that waits for one; nothing: the connection has ended, see ending().
  // After 421 the server is going: going() is true and no further reply is waited for.
  Task<std::optional<Reply>> answer();
  // One command, one reply.
  Task<std::optional<Reply>> ask(Command command, std::string_view line);

  // After the last reply of a group: a further one that is there already shows that the two sides have lost
  // step, and none of the replies can be trusted to belong to its command. Ends the connection then; false. A
  // 421 is not one too many (RFC 5321 section 3.8: a server may send it at any time): true, and going().
  Task<bool> in_step();

  // The connection can take the next command.
  bool usable() const;
  bool going() const { return farewell_.has_value(); }
  // Replies to what was written have not come yet.
  bool owed() const { return !expected_.empty(); }
  // Why the connection has ended, or is going, as an outcome of scope Session.
  Delivery ending() const;
  // A problem of the session that no reply tells.
  Delivery problem(SessionProblem problem, std::string during, const std::string& text) const;
  // judge() with server and tls filled in.
  Delivery judged(Command command, const Reply& reply) const;

  void trace(std::string_view line) const;
  // Command lines, and content, that go in one write with something else.
  void trace_lines(std::string_view lines) const;
  void trace_content(std::size_t octets) const;
  Connection& connection() { return connection_; }
  Redactor& redactor() { return redactor_; }
  const Timeouts& timeouts() const { return timeouts_; }
  const SubmissionServer& server() const { return server_; }
  // "mail.contoso.com:25"
  const std::string& server_name() const { return server_name_; }
  // What is being done, for ending().
  void set_during(std::string_view during) { during_ = during; }

 private:
  void redact(Reply& reply) const;
  void trace_reply(const Reply& reply) const;
  std::chrono::milliseconds limit_for(Command command) const;

  Connection& connection_;
  const SubmissionServer& server_;
  const Timeouts& timeouts_;
  const ProtocolTrace& trace_;
  Redactor redactor_;
  const std::string server_name_;
  std::deque<Command> expected_;
  std::string during_;
  std::optional<Reply> farewell_;  // the 421
};

}  // namespace dialin::smtp
