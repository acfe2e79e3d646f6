// SPDX-License-Identifier: Apache-2.0
#include "command/welcome_recipients.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

Mailbox mailbox_from(const BoundParameters& bound, const std::string& parameter, const std::string& text) {
  auto mailbox = Mailbox::parse(text);
  if (!mailbox) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} is not a mail address: \"{}\": {}", bound.display_name(parameter),
                            sanitize_foreign_text(text, 100), explain_bad_mailbox(text)),
                "Write bob@contoso.com or \"Bob Kelly <bob@contoso.com>\".");
  }
  return *mailbox;
}

}  // namespace

std::vector<ParameterSpec> recipient_parameter_specs() {
  return {
      {.name = "UserEmailAddress",
       .kind = ParameterKind::Text,
       .value_name = "address",
       .help = "Where the mail goes, instead of the person's recorded address; one address only.",
       .original = true},
      {.name = "Cc",
       .kind = ParameterKind::List,
       .value_name = "addresses",
       .help = "Who gets a visible copy; it shows the PIN unless -MaskPinInCopies.",
       .original = true},
      {.name = "Bcc",
       .kind = ParameterKind::List,
       .value_name = "addresses",
       .help = "Who gets a hidden copy; it shows the PIN unless -MaskPinInCopies.",
       .original = true},
      {.name = "MaskPinInCopies",
       .kind = ParameterKind::Switch,
       .help = "Copies show ***** instead of the PIN."},
  };
}

std::optional<Mailbox> typed_address(const BoundParameters& bound) {
  auto text = bound.text("UserEmailAddress");
  if (!text) return std::nullopt;
  if (auto several = parse_mailbox_list(*text); several && several->size() > 1) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} names {} addresses, and a PIN goes to one person only",
                            bound.display_name("UserEmailAddress"), several->size()),
                "Name one address; others get a copy with -Cc or -Bcc.");
  }
  return mailbox_from(bound, "UserEmailAddress", *text);
}

std::vector<Mailbox> mailboxes_from(const BoundParameters& bound, const std::string& parameter) {
  std::vector<Mailbox> mailboxes;
  for (const std::string& word : bound.list(parameter)) {
    std::string bad;
    auto parsed = parse_mailbox_list(word, &bad);
    if (!parsed) mailbox_from(bound, parameter, bad);  // throws with the reason
    for (Mailbox& mailbox : *parsed) {
      if (std::ranges::find(mailboxes, mailbox) == mailboxes.end()) mailboxes.push_back(std::move(mailbox));
    }
  }
  return mailboxes;
}

Recipients recipients_of(const BoundParameters& bound, const Person& person) {
  auto typed = typed_address(bound);
  if (!typed && !person.mail) {
    throw Error(ErrorCode::Precondition,
                fmt::format("{} has no mail address on record, and none was named", person.sip_address.uri()),
                "Write -UserEmailAddress ADDRESS.");
  }
  Recipients recipients{.to = typed ? *typed : *person.mail, .to_is_from_record = !typed.has_value()};
  recipients.cc = mailboxes_from(bound, "Cc");
  recipients.bcc = mailboxes_from(bound, "Bcc");
  drop_repeated(recipients);
  return recipients;
}

void drop_repeated(Recipients& recipients) {
  const auto drop = [&recipients](std::vector<Mailbox>& list, bool is_bcc) {
    std::erase_if(list, [&](const Mailbox& mailbox) {
      return mailbox == recipients.to ||
             (is_bcc && std::ranges::find(recipients.cc, mailbox) != recipients.cc.end());
    });
  };
  drop(recipients.cc, false);
  drop(recipients.bcc, true);
}

std::vector<std::string> allowed_domains(const MailSettings& mail, Store* store, const Mailbox& from) {
  std::vector<std::string> domains;
  if (!mail.allowed_domains.empty()) {
    for (const std::string& domain : mail.allowed_domains) {
      // Written as a user would, kept as in addresses: lower case A-labels.
      auto probe = Mailbox::parse("a@" + domain);
      domains.push_back(probe ? probe->domain() : to_lower_ascii(domain));
    }
    return domains;
  }
  if (store != nullptr) domains = store->people().common_mail_domains();
  if (std::ranges::find(domains, from.domain()) == domains.end()) domains.push_back(from.domain());
  return domains;
}

std::vector<std::string> foreign_addresses(const Person& person, const Recipients& recipients,
                                           bool masked_copies, const std::vector<std::string>& allowed) {
  std::vector<std::string> foreign;
  const auto look_at = [&](const Mailbox& mailbox) {
    const bool own = person.mail && *person.mail == mailbox;
    if (!own && std::ranges::find(allowed, mailbox.domain()) == allowed.end())
      foreign.push_back(mailbox.address());
  };
  look_at(recipients.to);
  if (!masked_copies) {
    std::ranges::for_each(recipients.cc, look_at);
    std::ranges::for_each(recipients.bcc, look_at);
  }
  return foreign;
}

std::vector<std::string> confirm_foreign_addresses(CommandContext& context, const BoundParameters& bound,
                                                   const Person& person, const Recipients& recipients,
                                                   const std::vector<std::string>& allowed) {
  const std::vector<std::string> foreign =
      foreign_addresses(person, recipients, bound.flag("MaskPinInCopies"), allowed);
  if (foreign.empty() || bound.what_if()) return foreign;
  const std::string sentence =
      fmt::format("The PIN of {} would go to {}, outside of the allowed domains ({}).",
                  person.sip_address.uri(), join(foreign, ", "), join(allowed, ", "));
  switch (bound.confirmation()) {
    case Confirmation::NeverAsk:
      context.streams.write_error(sentence + "\n");
      return foreign;
    case Confirmation::AskIfNeeded:
    case Confirmation::AlwaysAsk:
      if (context.prompter.can_ask() && context.prompter.ask_yes_no(sentence + " Send it there?"))
        return foreign;
      break;
  }
  throw Error(ErrorCode::InvalidInput, sentence + " Nothing was changed or sent.",
              "Correct the address, add the domain to mail.allowed_domains, or confirm with --yes.");
}

}  // namespace dialin
