// SPDX-License-Identifier: Apache-2.0
#include "welcome/same_command.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/encoding.h"

namespace dialin {
namespace {

std::string text_of(const Mailbox& mailbox) {
  if (mailbox.display_name().empty()) return mailbox.address();
  return fmt::format("{} <{}>", mailbox.display_name(), mailbox.address());
}

std::string text_of(const std::vector<Mailbox>& mailboxes) {
  std::string text;
  for (const Mailbox& mailbox : mailboxes) text += (text.empty() ? "" : ", ") + text_of(mailbox);
  return text;
}

// Name and value of every part of the content, in a fixed order.
std::vector<std::pair<std::string, std::string>> parts_of(const WelcomeContent& content) {
  return {
      {"to", content.to_is_from_record ? "the recorded address" : text_of(content.to)},
      {"from", text_of(content.from)},
      {"reply-to", content.reply_to ? text_of(*content.reply_to) : std::string()},
      {"envelope sender", content.envelope_sender},
      {"subject", content.subject},
      {"language", content.language},
      {"cc", text_of(content.cc)},
      {"bcc", text_of(content.bcc)},
      {"PIN in copies", content.cc.empty() && content.bcc.empty() ? ""
                        : content.mask_pin_in_copies              ? "masked"
                                                                  : "shown"},
      {"body", content.plain_text_only ? "plain text" : "HTML and text"},
      {"settings page link", content.without_link ? "left out" : "as configured"},
      {"template", content.template_hash.substr(0, 12)},
  };
}

}  // namespace

bool same_content(const WelcomeContent& a, const WelcomeContent& b) {
  return parts_of(a) == parts_of(b) && a.template_hash == b.template_hash;
}

std::string describe_differences(const WelcomeContent& before, const WelcomeContent& now) {
  const auto old_parts = parts_of(before);
  const auto new_parts = parts_of(now);
  std::string text;
  for (std::size_t i = 0; i < old_parts.size(); ++i) {
    if (old_parts[i].second == new_parts[i].second) continue;
    text += fmt::format("{}{}: \"{}\", now \"{}\"", text.empty() ? "" : "; ", old_parts[i].first,
                        old_parts[i].second, new_parts[i].second);
  }
  return text;
}

std::string describe(const WelcomeWay& way) {
  const char* tls = way.tls == WelcomeWay::Tls::Opportunistic ? "TLS if offered"
                    : way.tls == WelcomeWay::Tls::Required    ? "TLS required"
                                                              : "TLS from the start";
  std::string text = fmt::format("{}:{}, {}", way.server, way.port, tls);
  if (!way.user.empty()) text += fmt::format(", as {}", way.user);
  return text;
}

std::string command_hash(const PersonId& person, const WelcomeContent& content, bool force, bool names_pin) {
  std::string text = person;
  // Lengths stand before the values, so that no two commands make the same text.
  for (const auto& [name, value] : parts_of(content))
    text += fmt::format("\n{}:{}:{}", name, value.size(), value);
  text += fmt::format("\n{}\nforce:{}\npin:{}", content.template_hash, force, names_pin);
  return sha256_hex(text);
}

}  // namespace dialin
