// SPDX-License-Identifier: Apache-2.0
// The last look at every octet before it goes to the socket, in release builds too.
//
// Composer and Mailbox promise all of this; it is proven here once more because one bare CR LF in an address
// is an injected command, and one bare LF in a content a second message (SMTP smuggling). So what fails here
// is a bug of ours: Error(Internal), whose text says the kind and the place, never the content.
#pragma once

#include <string>
#include <string_view>

namespace dialin::smtp {

// RFC 5321 section 4.5.3.1.6: a line of content, without its CRLF.
inline constexpr std::size_t max_content_line = 998;

// Octets 1 to 127; CR and LF only as CRLF; lines of at most max_content_line; ends in CRLF; not empty.
void check_content(std::string_view content);

// `address` for MAIL or RCPT, without angle brackets: no control character, no space or bracket outside of a
// quoted local part, at most 254 octets, octets above 127 only as UTF-8. `what` names it in the error.
void check_address(std::string_view address, std::string_view what);

// The argument of EHLO: printable ASCII without spaces, 1 to 255 octets.
void check_helo_name(std::string_view name);

// Doubles the dot that begins a line (RFC 5321 section 4.5.2), for content that comes in pieces cut anywhere.
class DotStuffer {
 public:
  // Appends `piece` to `out`. The content begins at the beginning of a line.
  void stuff(std::string_view piece, std::string& out);

 private:
  bool at_line_start_ = true;
};

}  // namespace dialin::smtp
