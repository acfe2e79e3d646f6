// SPDX-License-Identifier: Apache-2.0
// What a person would see of a mail: its subject and its two bodies, decoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialin {

struct CaughtParts {
  std::string subject;  // UTF-8 on one line, at most 512 characters; empty if there is none
  std::optional<std::string>
      text;  // the first text/plain part that is no attachment, UTF-8, lines ended by LF
  std::optional<std::string> html;  // the first text/html part, likewise
};

// `message`: RFC 5322 with MIME. What cannot be decoded is left out: this never throws for odd mails.
CaughtParts parse_caught_parts(std::string_view message);

}  // namespace dialin
