// SPDX-License-Identifier: Apache-2.0
// A mail address (RFC 5321 section 4.1.2, RFC 6531) with an optional display name (RFC 5322 section 3.4).
//
// It cannot hold CR, LF, NUL or another control character, so no later code has to think of injection. The
// domain is kept as A-label (RFC 5891), so that only a non-ASCII local part needs SMTPUTF8. Limits: local
// part 64 octets, domain 255, display name 256 characters. Quoted local parts and address literals
// ([192.0.2.1]) are accepted; route addresses, groups and comments are not.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialin {

class Mailbox {
 public:
  // "bob@contoso.com", "<bob@contoso.com>", "Bob Kelly <bob@contoso.com>", "\"Kelly, Bob\"
  // <bob@contoso.com>".
  static std::optional<Mailbox> parse(std::string_view text);

  const std::string& address() const {
    return address_;
  }  // local@a-label-domain: what stands in the envelope
  const std::string& display_name() const { return display_name_; }  // UTF-8, may be empty
  std::string local_part() const;
  std::string domain() const;   // lower case A-label
  bool needs_smtputf8() const;  // a non-ASCII local part
  // For comparing: domain folded, local part folded too (two mailboxes that differ in case only are one
  // person's).
  std::string key() const;
  Mailbox with_display_name(std::string_view name) const;  // control characters in `name` are removed
  bool operator==(const Mailbox& other) const { return key() == other.key(); }

 private:
  Mailbox(std::string address, std::string display_name)
      : address_(std::move(address)), display_name_(std::move(display_name)) {}
  std::string address_;
  std::string display_name_;
};

// Why `text` is no mailbox, in words for its author: "there is no @", "the domain contains a space".
// Empty if it is one.
std::string explain_bad_mailbox(std::string_view text);

// A list as PowerShell users write one: separated by commas or semicolons outside of quotes; empty for empty
// text. Nothing if one of them is bad; `bad`, if given, receives it.
std::optional<std::vector<Mailbox>> parse_mailbox_list(std::string_view text, std::string* bad = nullptr);

}  // namespace dialin
