// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/failure_scope.h"

#include <array>
#include <string>

#include "base/text.h"

namespace dialin::smtp {
namespace {

bool contains_any(const std::string& text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

bool starts_with(const std::string& text, std::string_view start) {
  return text.rfind(start, 0) == 0;
}

// Limits on connections and rate. RFC 3463 has no code for them; 432 is Exchange's.
bool is_too_busy(Command command, const Reply& reply, const std::string& words) {
  if (reply.code == 421 || reply.code == 432) return true;
  // "554 5.7.0 too many connections from your host" instead of a greeting. Not so at AUTH: "535 too many
  // failures" is about the password.
  const bool at_the_door =
      command == Command::Greeting || command == Command::Ehlo || command == Command::Helo;
  if (!reply.transient() && !at_the_door) return false;
  // Google's limit per second for a customer, under a code that is otherwise the recipient's.
  if (contains_any(words, {"peak smtp relay limit exceeded"})) return true;
  // x.2.x is about the recipient's mailbox ("too many messages in mailbox").
  if (reply.enhanced_code.size() > 3 && reply.enhanced_code.compare(1, 3, ".2.") == 0) return false;
  return contains_any(words, {"too many", "too much mail", "concurrent connections limit",
                              "sender thread limit exceeded", "message rate limit", "rate limit exceeded"});
}

// The account has sent all that it may for a day. Both providers document code and words, and both are asked
// for: RFC 3463 gives x.4.5 and x.2.0 to other things.
//   Exchange Online, "Exchange Online limits" and its non-delivery reports: 554 5.2.0
//     STOREDRV.Submission.Exception:SubmissionQuotaExceededException.
//   Google, "SMTP errors and codes": 550 5.4.5 "Daily user sending limit exceeded" (formerly "quota");
//     550 5.7.1 "Daily SMTP relay limit exceeded for customer", "Daily SMTP relay sending limit exceeded for
//     user".
bool is_quota_used_up(const Reply& reply, const std::string& words) {
  if (reply.code == 554) return contains_any(words, {"submissionquotaexceeded"});
  if (reply.code != 550) return false;
  if (reply.enhanced_code == "5.4.5") {
    return contains_any(words, {"sending quota exceeded", "sending limit exceeded"});
  }
  return reply.enhanced_code == "5.7.1" &&
         contains_any(words, {"smtp relay limit exceeded", "smtp relay sending limit exceeded"});
}

// The account may not send as this sender: Exchange says it after the content (550 5.7.60, 554 5.2.252
// SendAsDenied), Postfix at RCPT.
bool is_about_the_sender(const Reply& reply, const std::string& words) {
  if (reply.code == 530) return true;
  static constexpr std::array<std::string_view, 5> codes = {"5.7.60", "5.2.252", "5.4.5", "5.1.7", "5.1.8"};
  for (const std::string_view code : codes) {
    if (reply.enhanced_code == code) return true;
  }
  return contains_any(words, {"sendasdenied", "send as", "sender address rejected", "not owned by user"});
}

Delivery session_failure(Command command, const Reply& reply, const std::string& words) {
  Delivery delivery;
  delivery.result = DeliveryResult::Deferred;
  delivery.scope = DeliveryScope::Session;
  if (is_quota_used_up(reply, words)) {
    delivery.problem = SessionProblem::QuotaUsedUp;
  } else if (is_too_busy(command, reply, words)) {
    delivery.problem = SessionProblem::TooBusy;
  } else if (command == Command::Auth && reply.permanent()) {
    // RFC 4954 section 4: an unknown mechanism, or one that needs encryption, says nothing about the
    // password.
    const bool mechanism = reply.code == 500 || reply.code == 502 || reply.code == 504 || reply.code == 538;
    delivery.problem = mechanism ? SessionProblem::AuthNotOffered : SessionProblem::PasswordRefused;
  } else if (command == Command::StartTls) {
    delivery.problem = SessionProblem::TlsFailed;
  } else if (command == Command::Greeting || command == Command::Ehlo || command == Command::Helo) {
    delivery.problem = SessionProblem::Unreachable;
  }
  return delivery;
}

void set(Delivery& delivery, DeliveryResult result, DeliveryScope scope) {
  delivery.result = result;
  delivery.scope = scope;
}

void judge_refused_recipient(const Reply& reply, Delivery& delivery) {
  const std::string& enhanced = reply.enhanced_code;
  if (reply.code == 552) {
    // RFC 5321 section 4.5.3.1.10: at RCPT to be treated as 452.
    set(delivery, DeliveryResult::Deferred, DeliveryScope::Recipient);
  } else if (starts_with(enhanced, "5.7.") ||
             (enhanced.empty() && (reply.code == 553 || reply.code == 554))) {
    set(delivery, DeliveryResult::Refused, DeliveryScope::Unclear);
  } else {
    set(delivery, DeliveryResult::Refused, DeliveryScope::Recipient);
  }
}

// 5yz to DATA: Postfix's and Exchange's rules about client and sender may wait until here.
void judge_refused_data(const Reply& reply, Delivery& delivery) {
  const std::string& enhanced = reply.enhanced_code;
  if (reply.code == 552 || enhanced == "5.3.4") {
    set(delivery, DeliveryResult::Refused, DeliveryScope::Content);
  } else if (starts_with(enhanced, "5.1.") || starts_with(enhanced, "5.2.")) {
    set(delivery, DeliveryResult::Refused, DeliveryScope::Recipient);
  } else {
    set(delivery, DeliveryResult::Refused, DeliveryScope::Unclear);
  }
}

void judge_message_command(Command command, const Reply& reply, const std::string& words,
                           Delivery& delivery) {
  const bool past_mail = command != Command::Mail;
  if (reply.transient()) {
    set(delivery, DeliveryResult::Deferred, past_mail ? DeliveryScope::Recipient : DeliveryScope::Session);
  } else if (!past_mail || is_about_the_sender(reply, words)) {
    set(delivery, DeliveryResult::Deferred, DeliveryScope::Sender);
  } else if (command == Command::Rcpt) {
    judge_refused_recipient(reply, delivery);
  } else if (command == Command::Data) {
    judge_refused_data(reply, delivery);
  } else {
    set(delivery, DeliveryResult::Refused, DeliveryScope::Content);
  }
}

}  // namespace

std::string_view name_of(Command command) {
  switch (command) {
    case Command::Greeting:
      return "greeting";
    case Command::Ehlo:
      return "EHLO";
    case Command::Helo:
      return "HELO";
    case Command::StartTls:
      return "STARTTLS";
    case Command::Auth:
      return "AUTH";
    case Command::Mail:
      return "MAIL FROM";
    case Command::Rcpt:
      return "RCPT TO";
    case Command::Data:
      return "DATA";
    case Command::EndOfContent:
      return "end of content";
    case Command::Rset:
      return "RSET";
    case Command::Quit:
      return "QUIT";
  }
  return "";
}

bool can_answer(Command command, const Reply& reply) {
  if (reply.kind() >= 4) return true;
  switch (command) {
    case Command::Data:
      return reply.kind() == 3;
    case Command::Auth:
      return reply.code == 334 || reply.kind() == 2;
    case Command::Greeting:
    case Command::Ehlo:
    case Command::Helo:
    case Command::StartTls:
    case Command::Mail:
    case Command::Rcpt:
    case Command::EndOfContent:
    case Command::Rset:
    case Command::Quit:
      return reply.kind() == 2;
  }
  return false;
}

Delivery judge(Command command, const Reply& reply) {
  const std::string words = to_lower_ascii(reply.text());
  Delivery delivery;
  const bool of_a_message = command == Command::Mail || command == Command::Rcpt ||
                            command == Command::Data || command == Command::EndOfContent;
  if (command == Command::EndOfContent && reply.positive()) {
    set(delivery, DeliveryResult::Accepted, DeliveryScope::None);
  } else if (!of_a_message || is_quota_used_up(reply, words) || is_too_busy(command, reply, words)) {
    delivery = session_failure(command, reply, words);
  } else {
    judge_message_command(command, reply, words, delivery);
  }
  delivery.during = name_of(command);
  delivery.reply_code = reply.code;
  delivery.enhanced_code = reply.enhanced_code;
  delivery.text = sanitize_foreign_text(reply.text());
  return delivery;
}

}  // namespace dialin::smtp
