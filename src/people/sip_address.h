// SPDX-License-Identifier: Apache-2.0
// A person's SIP address. What is in one needs no further thought: no control characters, no line ends,
// well-formed; made only by parse(). Limits: user 64 octets of ASCII, domain as in Mailbox, kept as
// lower-case A-label.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialin {

// A SIP address of a user: sip:user@domain (RFC 3261 section 19.1, without parameters), scheme optional when
// read.
class SipAddress {
 public:
  static std::optional<SipAddress> parse(std::string_view text);
  const std::string& uri() const { return uri_; }  // "sip:bob@contoso.com", as typed in case of user
  std::string_view address() const { return std::string_view(uri_).substr(4); }  // "bob@contoso.com"
  std::string key() const;  // folded, for comparing: "bob@contoso.com"
  bool operator==(const SipAddress& other) const { return key() == other.key(); }

 private:
  explicit SipAddress(std::string uri) : uri_(std::move(uri)) {}
  std::string uri_;
};

// Why `text` is no SIP address, in words for its author: "there is no @". Empty if it is one.
std::string explain_bad_sip_address(std::string_view text);

}  // namespace dialin
