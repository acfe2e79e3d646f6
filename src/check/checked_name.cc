// SPDX-License-Identifier: Apache-2.0
#include "check/checked_name.h"

#include "base/text.h"
#include "people/phone_number.h"
#include "people/sip_address.h"

namespace dialin {
namespace {

constexpr std::size_t LongestName = 1024;
constexpr std::size_t LongestExtension = 15;

bool begins_with(std::string_view text, std::string_view prefix) {
  return equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

}  // namespace

std::optional<CheckedName> parse_checked_name(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > LongestName || !is_utf8(text)) return std::nullopt;
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    if (text.size() > LongestExtension) return std::nullopt;
    return CheckedName{CheckedName::Kind::Extension, std::string(text)};
  }
  if (text.front() == '+' || begins_with(text, "tel:")) {
    const std::optional<PhoneNumber> number = PhoneNumber::parse(text);
    if (!number) return std::nullopt;
    return CheckedName{CheckedName::Kind::Telephone, number->uri()};
  }
  const std::optional<SipAddress> address = SipAddress::parse(text);
  if (!address) return std::nullopt;
  return CheckedName{CheckedName::Kind::SipAddress, address->key()};
}

}  // namespace dialin
