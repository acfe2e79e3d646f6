// SPDX-License-Identifier: Apache-2.0
#include "command/sender_parameters.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dialin {
namespace {

// Characters; RFC 5322 sets no limit, mailbox providers cut long before.
constexpr std::size_t LongestSubject = 512;

}  // namespace

std::vector<ParameterSpec> sender_parameter_specs() {
  return {
      {.name = "From",
       .kind = ParameterKind::Text,
       .value_name = "address",
       .help = "Who the mail comes from; may be left out where mail.from is configured.",
       .original = true},
      {.name = "ReplyTo",
       .kind = ParameterKind::Text,
       .value_name = "address",
       .help = "Where replies go, if not to the sender; else mail.reply_to."},
  };
}

Mailbox checked_mailbox(const std::string& text, const std::string& where, ErrorCode code) {
  auto mailbox = Mailbox::parse(text);
  if (!mailbox) {
    throw Error(code,
                fmt::format("{} is no mail address: \"{}\": {}", where, sanitize_foreign_text(text, 100),
                            explain_bad_mailbox(text)),
                "Write name@domain, or \"Display name <name@domain>\".");
  }
  return *mailbox;
}

Sender sender_from(CommandContext& context, const BoundParameters& bound, const MailSettings& mail) {
  const auto from = [&]() -> Sender {
    if (auto typed = bound.text("From")) {
      return {checked_mailbox(*typed, bound.display_name("From"), ErrorCode::InvalidInput), {}, {}, true};
    }
    if (!mail.from.empty())
      return {checked_mailbox(mail.from, "mail.from", ErrorCode::Configuration), {}, {}, false};
    if (context.prompter.can_ask()) {
      return {checked_mailbox(context.prompter.ask_text("From"), "the sender", ErrorCode::InvalidInput),
              {},
              {},
              true};
    }
    throw Error(ErrorCode::InvalidInput, "no sender is named",
                fmt::format("Write {} name@domain, or put `from = \"name@domain\"` under [mail] into the "
                            "configuration.",
                            bound.display_name("From")));
  };
  Sender sender = from();
  if (auto typed = bound.text("ReplyTo")) {
    sender.reply_to = checked_mailbox(*typed, bound.display_name("ReplyTo"), ErrorCode::InvalidInput);
  } else if (!mail.reply_to.empty()) {
    sender.reply_to = checked_mailbox(mail.reply_to, "mail.reply_to", ErrorCode::Configuration);
  }
  if (!mail.envelope_sender.empty()) {
    sender.envelope_sender =
        checked_mailbox(mail.envelope_sender, "mail.envelope_sender", ErrorCode::Configuration).address();
  }
  return sender;
}

std::string subject_from(const BoundParameters& bound) {
  return checked_subject(bound.text_or("Subject", ""), bound.display_name("Subject"));
}

std::string checked_subject(const std::string& text, const std::string& where) {
  if (has_control_characters(text)) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} holds a line end or another control character", where));
  }
  if (length_in_characters(text) > LongestSubject) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} is longer than {} characters", where, LongestSubject));
  }
  return text;
}

}  // namespace dialin
