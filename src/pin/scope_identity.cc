// SPDX-License-Identifier: Apache-2.0
#include "pin/scope_identity.h"

#include "base/text.h"

namespace dialin {

std::optional<ScopeIdentity> ScopeIdentity::parse(std::string_view text) {
  text = trim(text);
  if (equal_ignoring_case(text, "global")) return ScopeIdentity();
  Scope scope = Scope::Tag;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view prefix = text.substr(0, colon);
    if (equal_ignoring_case(prefix, "site")) {
      scope = Scope::Site;
    } else if (!equal_ignoring_case(prefix, "tag")) {
      return std::nullopt;
    }
    text = trim(text.substr(colon + 1));
  }
  if (text.empty() || !is_utf8(text) || has_control_characters(text)) return std::nullopt;
  if (text.find_first_of(":*") != std::string_view::npos) return std::nullopt;
  if (length_in_characters(text) > LongestName) return std::nullopt;
  return ScopeIdentity(scope, std::string(text));
}

std::string ScopeIdentity::text() const {
  switch (scope_) {
    case Scope::Global:
      return "Global";
    case Scope::Site:
      return "site:" + name_;
    case Scope::Tag:
      return "tag:" + name_;
  }
  return name_;
}

std::string ScopeIdentity::key() const {
  return fold_case(text());
}

}  // namespace dialin
