// SPDX-License-Identifier: Apache-2.0
#include "people/address_rules.h"

#include <idn2.h>

#include <algorithm>
#include <cstdint>

#include "base/text.h"
#include "base/utf8.h"

namespace dialin {
namespace {

constexpr std::size_t kLongestDomain = 253;  // RFC 1035: 255 octets on the wire, 253 as text
constexpr std::size_t kLongestLabel = 63;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Why `label` is no label of letters, digits and hyphens; empty if it is one.
std::string explain_bad_label(std::string_view label) {
  if (label.empty()) return "has an empty label (two dots, or a dot at one end)";
  if (label.size() > kLongestLabel) return "has a label of more than 63 characters";
  if (label.front() == '-' || label.back() == '-') return "has a label that begins or ends with a hyphen";
  for (char c : label) {
    if (c == ' ') return "contains a space";
    if (!is_letter_or_digit(c) && c != '-') return std::string("contains the character '") + c + "'";
  }
  return {};
}

std::string explain_bad_ascii_domain(std::string_view domain) {
  if (domain.empty()) return "is empty";
  if (domain.size() > kLongestDomain) return "is longer than 253 characters";
  std::string_view last;
  for (std::size_t begin = 0; begin <= domain.size();) {
    std::size_t end = std::min(domain.find('.', begin), domain.size());
    last = domain.substr(begin, end - begin);
    if (std::string problem = explain_bad_label(last); !problem.empty()) return problem;
    begin = end + 1;
  }
  if (is_all_digits(last)) return "looks like a network address; one stands in brackets: [192.0.2.1]";
  return {};
}

// Converts with libidn2; nothing if a label is not allowed in international domain names.
std::optional<std::string> convert(const std::string& domain) {
  std::uint8_t* converted = nullptr;
  const int result = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(domain.c_str()), &converted,
                                    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (result != IDN2_OK) return std::nullopt;
  std::string ascii(reinterpret_cast<const char*>(converted));
  idn2_free(converted);
  return to_lower_ascii(ascii);
}

}  // namespace

std::optional<std::string> to_ascii_domain(std::string_view text, std::string* reason) {
  const auto refuse = [&](std::string why) -> std::optional<std::string> {
    if (reason) *reason = std::move(why);
    return std::nullopt;
  };
  // Before libidn2 sees it: it takes C strings, and work grows with length.
  if (text.size() > 4 * kLongestDomain) return refuse("is longer than 253 characters");
  if (!is_utf8(text) || has_control_characters(text))
    return refuse("contains a character that no domain may have");
  std::string domain = to_lower_ascii(text);
  // Plain ASCII names are left alone: UTS #46 would refuse hyphens in places where the DNS allows them.
  if (!is_ascii(domain) || domain.starts_with("xn--") || domain.find(".xn--") != std::string::npos) {
    std::optional<std::string> converted = convert(domain);
    if (!converted) return refuse("is no valid international domain name");
    domain = std::move(*converted);
  }
  if (std::string problem = explain_bad_ascii_domain(domain); !problem.empty())
    return refuse(std::move(problem));
  return domain;
}

bool has_invisible_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto [code, size] = decode_utf8(text, i);
    if (size == 0) return true;
    i += size;
    if (code == 0xA0 || code == 0xAD || code == 0x34F || code == 0x61C || code == 0x115F || code == 0x1160 ||
        code == 0x1680 || code == 0x180E || (code >= 0x2000 && code <= 0x200F) || code == 0x2028 ||
        code == 0x2029 || code == 0x202F || (code >= 0x205F && code <= 0x206F) || code == 0x3000 ||
        code == 0x3164 || (code >= 0xFE00 && code <= 0xFE0F) || code == 0xFEFF || code == 0xFFA0 ||
        (code >= 0xFFF0 && code <= 0xFFFB) || (code >= 0xE0000 && code <= 0xE0FFF)) {
      return true;
    }
  }
  return false;
}

}  // namespace dialin
