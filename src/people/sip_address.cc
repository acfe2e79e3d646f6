// SPDX-License-Identifier: Apache-2.0
#include "people/sip_address.h"

#include <fmt/format.h>

#include "base/text.h"
#include "people/address_rules.h"

namespace dialin {
namespace {

constexpr std::size_t kLongestText = 1024;
constexpr std::size_t kLongestUser = 64;

// RFC 3261 section 25.1: unreserved and user-unreserved, without ';' (it would begin parameters) and without
// escapes (what they hide could be a line end).
bool is_user_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.!~*'()&=+$,?/").find(c) != std::string_view::npos;
}

// The URI, or what is wrong.
struct Result {
  std::string uri;
  std::string problem;
};

Result read(std::string_view text) {
  if (text.size() > kLongestText) return {{}, "it is longer than 1,024 octets"};
  if (!is_utf8(text)) return {{}, "it is not valid UTF-8"};
  text = trim(text);
  if (text.empty()) return {{}, "it is empty"};
  if (has_control_characters(text)) return {{}, "it contains a control character or a line end"};
  if (text.size() >= 5 && equal_ignoring_case(text.substr(0, 5), "sips:")) {
    return {{}, "sips: names a way to connect, not a person; write sip:"};
  }
  if (text.size() >= 4 && equal_ignoring_case(text.substr(0, 4), "sip:")) text.remove_prefix(4);
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return {{}, "there is no @"};
  const std::string_view user = text.substr(0, at);
  const std::string_view host = text.substr(at + 1);
  if (user.empty()) return {{}, "nothing stands before the @"};
  if (user.size() > kLongestUser) return {{}, "the part before the @ is longer than 64 octets"};
  for (char c : user) {
    if (is_user_character(c)) continue;
    if (c == ' ') return {{}, "the part before the @ contains a space"};
    if (static_cast<unsigned char>(c) >= 0x80) {
      return {{}, "the part before the @ contains a letter that is not ASCII"};
    }
    return {{}, fmt::format("the part before the @ contains '{}'", c)};
  }
  if (host.find('@') != std::string_view::npos) return {{}, "it contains more than one @"};
  if (host.find_first_of(":;?") != std::string_view::npos) {
    return {{}, "a port or parameters follow the domain; a person's address has none"};
  }
  std::string reason;
  std::optional<std::string> domain = to_ascii_domain(host, &reason);
  if (!domain) return {{}, "the domain " + reason};
  return {fmt::format("sip:{}@{}", user, *domain), {}};
}

}  // namespace

std::optional<SipAddress> SipAddress::parse(std::string_view text) {
  Result result = read(text);
  if (!result.problem.empty()) return std::nullopt;
  return SipAddress(std::move(result.uri));
}

std::string SipAddress::key() const {
  return to_lower_ascii(address());
}

std::string explain_bad_sip_address(std::string_view text) {
  return read(text).problem;
}

}  // namespace dialin
