// SPDX-License-Identifier: Apache-2.0
#include "mail/catcher/smtp_dialogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "mail/catcher/smtp_path.h"

namespace dialin {
namespace {

// A client that is wrong this often is no client of mail (the usual limit of servers).
constexpr int MaximumErrors = 20;
constexpr std::string_view Host = "catch-mail.localhost";

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && equal_ignoring_case(text.substr(0, start.size()), start);
}

// CR, LF and NUL are told apart by the caller; a command is printable, and UTF-8 where SMTPUTF8 allows it.
bool is_command_text(std::string_view line) {
  return is_utf8(line) && std::none_of(line.begin(), line.end(), [](char letter) {
           const auto octet = static_cast<unsigned char>(letter);
           return octet < ' ' || octet == 0x7f;
         });
}

}  // namespace

SmtpDialogue::SmtpDialogue(Keep keep) : keep_(std::move(keep)) {}

std::string SmtpDialogue::greeting() const {
  return fmt::format("220 {} ESMTP, mail to here is kept in files and goes nowhere\r\n", Host);
}

std::string SmtpDialogue::receive(std::string_view octets) {
  while (!octets.empty() && !ended_) {
    const std::size_t line_feed = octets.find('\n');
    const std::string_view piece = octets.substr(0, line_feed);
    const bool complete = line_feed != std::string_view::npos;
    octets.remove_prefix(complete ? line_feed + 1 : octets.size());

    const std::size_t limit = (state_ == State::Message ? MaximumLine + 1 : MaximumCommand) + 1;
    if (buffer_.size() <= limit) buffer_.append(piece.substr(0, limit + 1 - buffer_.size()));
    // What is cut keeps its last octet: whether an overlong line ends with CR LF decides where the mail ends.
    if (buffer_.size() > limit && !piece.empty()) buffer_.back() = piece.back();
    if (state_ == State::Command && buffer_.size() > limit) state_ = State::OverlongCommand;
    if (!complete) continue;

    std::string line;
    line.swap(buffer_);
    if (state_ == State::Message) {
      take_message_line(line);
    } else if (state_ == State::OverlongCommand) {
      state_ = State::Command;
      refuse("500 5.5.2 the command is too long");
    } else if (line.empty() || line.back() != '\r') {
      refuse("500 5.5.2 a command ends with CR LF, not with LF alone");
    } else {
      line.pop_back();
      take_command(line);
    }
  }
  std::string replies;
  replies.swap(replies_);
  return replies;
}

void SmtpDialogue::take_command(std::string_view line) {
  if (!is_command_text(line)) return refuse("500 5.5.2 a command is UTF-8 without control characters");
  const std::string_view verb = line.substr(0, line.find(' '));
  const std::string_view argument = trim(line.substr(verb.size()));
  const auto is = [&](std::string_view name) { return equal_ignoring_case(verb, name); };
  if (is("EHLO") || is("HELO")) return hello(argument, is("EHLO"));
  if (is("MAIL")) return mail(argument);
  if (is("RCPT")) return recipient(argument);
  if (is("DATA")) return data(argument);
  if (is("RSET")) {
    reset();
    return answer("250 2.0.0 forgotten");
  }
  if (is("NOOP")) return answer("250 2.0.0 nothing done");
  if (is("VRFY")) return answer("252 2.5.0 every address is taken");
  if (is("HELP")) return answer("214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY QUIT");
  if (is("QUIT")) {
    answer(fmt::format("221 2.0.0 {} closes the connection", Host));
    ended_ = true;
    return;
  }
  if (is("STARTTLS") || is("AUTH") || is("EXPN") || is("BDAT")) {
    return refuse("502 5.5.1 not offered: this server only keeps mail of its own machine");
  }
  refuse("500 5.5.1 unknown command");
}

void SmtpDialogue::hello(std::string_view name, bool extended) {
  if (name.empty()) return refuse("501 5.5.4 the name of the client is missing");
  reset();
  greeted_ = true;
  if (!extended) return answer(fmt::format("250 {}", Host));
  answer(
      fmt::format("250-{}\r\n250-PIPELINING\r\n250-SIZE {}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n"
                  "250 ENHANCEDSTATUSCODES",
                  Host, MaximumMessage));
}

void SmtpDialogue::mail(std::string_view argument) {
  if (!greeted_) return refuse("503 5.5.1 say EHLO first");
  if (has_sender_) return refuse("503 5.5.1 a sender was named already");
  if (!starts_with_ignoring_case(argument, "FROM:")) return refuse("501 5.5.4 write MAIL FROM:<address>");
  const std::optional<SmtpPath> path = parse_smtp_path(argument.substr(5));
  if (!path) return refuse("501 5.1.7 the sender's address is not a path in angle brackets");
  bool smtputf8 = false;
  for (const auto& [keyword, value] : path->parameters) {
    if (keyword == "SIZE") {
      std::size_t size = 0;
      const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), size);
      if (value.empty() || end != value.data() + value.size()) return refuse("501 5.5.4 SIZE is a number");
      if (problem != std::errc() || size > MaximumMessage)
        return refuse("552 5.3.4 the message is too large");
    } else if (keyword == "BODY") {
      if (!equal_ignoring_case(value, "7BIT") && !equal_ignoring_case(value, "8BITMIME")) {
        return refuse("501 5.5.4 BODY is 7BIT or 8BITMIME");
      }
    } else if (keyword == "SMTPUTF8") {
      smtputf8 = true;
    } else if (keyword == "RET") {
      if (!equal_ignoring_case(value, "FULL") && !equal_ignoring_case(value, "HDRS")) {
        return refuse("501 5.5.4 RET is FULL or HDRS");
      }
    } else if (keyword != "ENVID") {
      return refuse("555 5.5.4 a parameter of MAIL FROM is not known");
    }
  }
  if (!is_ascii(path->address) && !smtputf8) return refuse("553 5.6.7 this address needs SMTPUTF8");
  has_sender_ = true;
  smtputf8_ = smtputf8;
  envelope_.mail_from = path->address;
  answer("250 2.1.0 sender taken");
}

void SmtpDialogue::recipient(std::string_view argument) {
  if (!has_sender_) return refuse("503 5.5.1 name the sender first");
  if (!starts_with_ignoring_case(argument, "TO:")) return refuse("501 5.5.4 write RCPT TO:<address>");
  const std::optional<SmtpPath> path = parse_smtp_path(argument.substr(3));
  const bool has_domain = path && path->address.find('@') != std::string::npos;
  if (!path || (!has_domain && !equal_ignoring_case(path->address, "postmaster"))) {
    return refuse("501 5.1.3 the recipient's address is not a path in angle brackets");
  }
  for (const auto& [keyword, value] : path->parameters) {
    if (keyword != "NOTIFY" && keyword != "ORCPT")
      return refuse("555 5.5.4 a parameter of RCPT TO is not known");
  }
  if (!is_ascii(path->address) && !smtputf8_) return refuse("553 5.6.7 this address needs SMTPUTF8");
  if (envelope_.recipients.size() >= MaximumRecipients) return answer("452 4.5.3 too many recipients");
  envelope_.recipients.push_back(path->address);
  answer("250 2.1.5 recipient taken");
}

void SmtpDialogue::data(std::string_view argument) {
  if (!argument.empty()) return refuse("501 5.5.4 DATA has no argument");
  if (!has_sender_) return refuse("503 5.5.1 name the sender first");
  if (envelope_.recipients.empty()) return refuse("554 5.5.1 no recipient was taken");
  state_ = State::Message;
  after_crlf_ = true;
  answer("354 send the message, end it with a line of one dot");
}

void SmtpDialogue::take_message_line(std::string_view line) {
  // A dot alone ends the message only between two CRLF: a looser reading lets a mail smuggle a second one in.
  const bool ended_by_crlf = !line.empty() && line.back() == '\r';
  if (ended_by_crlf) line.remove_suffix(1);
  if (ended_by_crlf && after_crlf_ && line == ".") return finish_message();
  after_crlf_ = ended_by_crlf;
  if (!line.empty() && line.front() == '.') line.remove_prefix(1);
  if (!ended_by_crlf || line.size() > MaximumLine || line.find('\r') != std::string_view::npos)
    bad_line_ = true;
  if (message_.size() + line.size() + 2 > MaximumMessage) too_large_ = true;
  if (bad_line_ || too_large_) return;
  message_.append(line).append("\r\n");
}

void SmtpDialogue::finish_message() {
  state_ = State::Command;
  if (bad_line_) {
    refuse("554 5.6.0 a line is longer than 998 octets, or has a CR or LF that stands alone");
  } else if (too_large_) {
    refuse("552 5.3.4 the message is too large");
  } else if (!keep_(envelope_, message_)) {
    answer("452 4.3.1 the message could not be written to its file");
  } else {
    answer("250 2.0.0 kept");
  }
  reset();
}

void SmtpDialogue::reset() {
  has_sender_ = false;
  smtputf8_ = false;
  too_large_ = false;
  bad_line_ = false;
  envelope_ = {};
  std::string().swap(message_);
}

void SmtpDialogue::answer(std::string_view reply) {
  replies_.append(reply).append("\r\n");
}

void SmtpDialogue::refuse(std::string_view reply) {
  answer(reply);
  if (++errors_ < MaximumErrors) return;
  answer("421 4.7.0 too many errors, closing the connection");
  ended_ = true;
}

}  // namespace dialin
