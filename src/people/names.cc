// SPDX-License-Identifier: Apache-2.0
#include "people/names.h"

#include "base/text.h"
#include "people/address_rules.h"
#include "people/mailbox.h"

namespace dialin {

std::optional<std::string> parse_user_principal_name(std::string_view text) {
  text = trim(text);
  if (text.find_first_of("\"<>[]") != std::string_view::npos) return std::nullopt;
  std::optional<Mailbox> mailbox = Mailbox::parse(text);
  if (!mailbox) return std::nullopt;
  return mailbox->address();
}

std::optional<std::string> parse_sam_account_name(std::string_view text) {
  text = trim(text);
  if (text.empty() || !explain_bad_free_text(text).empty() || has_invisible_characters(text))
    return std::nullopt;
  if (text.find_first_of("\"/[]:;|=,+*?<>@") != std::string_view::npos) return std::nullopt;
  const std::size_t backslash = text.find('\\');
  if (backslash == std::string_view::npos) return std::string(text);
  if (backslash == 0 || backslash + 1 == text.size() ||
      text.find('\\', backslash + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(text);
}

std::string explain_bad_free_text(std::string_view text) {
  if (!is_utf8(text)) return "it is not valid UTF-8";
  if (has_control_characters(text))
    return "it contains a control character, a line end or a direction override";
  if (length_in_characters(text) > kLongestFreeText) return "it is longer than 256 characters";
  return {};
}

}  // namespace dialin
