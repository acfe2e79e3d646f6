// SPDX-License-Identifier: Apache-2.0
// The checked types of a person's addresses and numbers. What is in one of them needs no further thought: no
// control characters, no line ends, well-formed; made only by parse().
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialin {

// A SIP address of a user: sip:user@domain (RFC 3261 section 19.1, without parameters), scheme optional when read.
class SipAddress {
 public:
  static std::optional<SipAddress> parse(std::string_view text);
  const std::string& uri() const { return uri_; }               // "sip:bob@contoso.com", as typed in case of user
  std::string_view address() const { return std::string_view(uri_).substr(4); }  // "bob@contoso.com"
  std::string key() const;                                      // folded, for comparing: "bob@contoso.com"
  bool operator==(const SipAddress& other) const { return key() == other.key(); }

 private:
  explicit SipAddress(std::string uri) : uri_(std::move(uri)) {}
  std::string uri_;
};

}  // namespace dialin
