// SPDX-License-Identifier: Apache-2.0
// What the types of addresses share: domains, and the characters that no address may hold.
// Used inside people/ only; the rest of the program sees the types.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialin {

// `text` as a domain name in lower-case A-labels (RFC 5890, converted as UTS #46 non-transitional): letters,
// digits and hyphens, labels of at most 63 octets, at most 253 together, no final dot, the last label not all
// digits (that would be an IPv4 address). Nothing if it cannot be one; `reason`, if given, receives why, in
// words that follow the domain's name: "has an empty label".
std::optional<std::string> to_ascii_domain(std::string_view text, std::string* reason = nullptr);

// A character that nobody sees, or that looks like a space: no-break and zero-width spaces, soft hyphen,
// direction marks, variation selectors. Pasted from web pages, they make two addresses that look the same.
// `text` is UTF-8.
bool has_invisible_characters(std::string_view text);

}  // namespace dialin
