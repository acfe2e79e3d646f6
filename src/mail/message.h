// SPDX-License-Identifier: Apache-2.0
// The whole message as it goes over the wire: headers and multipart/alternative, by GMime (RFC 5322,
// 2045-2049). Content is 7-bit (base64 or quoted-printable), line ends are CRLF, lines at most 998 octets;
// the PIN is in no header.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "mail/welcome_template.h"
#include "people/mailbox.h"

namespace dialin {

struct MessageHeaders {
  Mailbox from;
  Mailbox to;
  std::vector<Mailbox> cc;  // Bcc stands in no header
  std::optional<Mailbox> reply_to;
  std::string subject;     // UTF-8
  std::string message_id;  // without angle brackets
  Timestamp date;
  std::string language;  // Content-Language
};

enum class BodyForm { HtmlAndText, TextOnly };

// Thread-safe. Error(Internal) if the result breaks a promise above: it is checked before it is returned.
Secret compose_message(const MessageHeaders& headers, const RenderedWelcome& body, BodyForm form);

// "<random>@domain of the sender", without brackets.
std::string new_message_id(const std::string& random_identifier, const Mailbox& from);

}  // namespace dialin
