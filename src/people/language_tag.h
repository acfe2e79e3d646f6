// SPDX-License-Identifier: Apache-2.0
// Language tags (BCP 47, RFC 5646 section 2.1), by their syntax; whether a language is registered is not
// asked. Accepted: language, extended languages, script, region, variants, extensions and private use, at
// most 35 characters (RFC 5646 section 4.4.1). Not accepted: tags of private use alone (x-...), and the
// grandfathered ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialin {

// The tag with the usual case: "fr-CA", "zh-Hant-TW". Nothing if `text` is none.
std::optional<std::string> parse_language_tag(std::string_view text);

inline bool is_language_tag(std::string_view text) {
  return parse_language_tag(text).has_value();
}

}  // namespace dialin
