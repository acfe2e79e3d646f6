// SPDX-License-Identifier: Apache-2.0
// One message as it goes over the wire. Who composes many keeps their MessageMould.
#pragma once

#include <string>

#include "mail/message_mould.h"

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

// Thread-safe. As MessageMould::fill().
Secret compose_message(const MessageHeaders& headers, const RenderedWelcome& body, BodyForm form);

// "<random>@domain of the sender", without brackets.
std::string new_message_id(const std::string& random_identifier, const Mailbox& from);

}  // namespace dialin
