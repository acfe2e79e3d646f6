// SPDX-License-Identifier: Apache-2.0
// What many messages have in common, composed once: their fixed headers and MIME structure (RFC 5322,
// 2045-2049), by GMime. Filling in what belongs to one message costs a tenth of composing it anew.
//
// A message is multipart/alternative, text/plain first, or the text alone. Content is 7-bit (as it is,
// quoted-printable or base64), line ends are CRLF, lines at most 998 octets; the PIN is in no header.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "mail/welcome_template.h"
#include "people/mailbox.h"

namespace dialin {

enum class BodyForm { HtmlAndText, TextOnly };

struct SharedHeaders {
  Mailbox from;
  std::vector<Mailbox> cc;  // Bcc stands in no header
  std::optional<Mailbox> reply_to;
  std::string language;  // Content-Language
};

struct OwnHeaders {
  Mailbox to;
  std::string subject;     // UTF-8
  std::string message_id;  // without angle brackets
  Timestamp date;
};

// Any number of threads may fill one mould at a time.
class MessageMould {
 public:
  MessageMould(const SharedHeaders& headers, BodyForm form);

  // Whether messages with these headers, written exactly so, come from this mould.
  bool fits(const SharedHeaders& headers, BodyForm form) const;

  // The whole message. Error(Internal) if it breaks a promise above: it is checked before it is returned.
  Secret fill(const OwnHeaders& own, const RenderedWelcome& body) const;

 private:
  SharedHeaders shared_;
  BodyForm form_;
  std::string head_;  // the headers but for those of OwnHeaders; and, of the text alone, of its encoding
  std::string text_head_;
  std::string html_head_;
  std::string boundary_;  // random; in no part (mail/transfer_encoding.h)
};

}  // namespace dialin
