// SPDX-License-Identifier: Apache-2.0
// The argument of MAIL FROM: and RCPT TO: (RFC 5321 section 4.1.2): a path in angle brackets, then
// parameters.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace dialin {

struct SmtpPath {
  std::string address;  // without the brackets and without a source route; empty for <>
  // Keywords in upper case, with their values (empty where there is no "=").
  std::map<std::string, std::string> parameters;
};

// `text` is what follows "FROM:" or "TO:". Nothing if it is not a path: no brackets, more than 256 octets of
// address, a blank or control character in it outside of quotes, or a parameter twice.
std::optional<SmtpPath> parse_smtp_path(std::string_view text);

}  // namespace dialin
