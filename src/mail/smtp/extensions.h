// SPDX-License-Identifier: Apache-2.0
// What a server offers: the lines of its reply to EHLO (RFC 5321 section 4.1.1.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mail/smtp/reply_parser.h"

namespace dialin::smtp {

struct Extensions {
  bool pipelining = false;                  // RFC 2920
  bool starttls = false;                    // RFC 3207
  bool burl = false;                        // RFC 4468
  bool smtputf8 = false;                    // RFC 6531; only together with 8BITMIME, which it demands
  bool eight_bit_mime = false;              // RFC 6152
  bool dsn = false;                         // RFC 3461
  bool enhanced_status_codes = false;       // RFC 2034
  bool size = false;                        // RFC 1870: MAIL takes SIZE=
  std::optional<std::uint64_t> size_limit;  // octets of a message; absent: none named
  std::vector<std::string> auth;  // mechanisms in upper case, RFC 4954; also from the old form "AUTH="

  bool offers_mechanism(const std::string& name) const;
};

// `reply` is the 250 to EHLO; its first line is the greeting. What is malformed or unknown is left out.
Extensions parse_extensions(const Reply& reply);

}  // namespace dialin::smtp
