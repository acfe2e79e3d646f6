// SPDX-License-Identifier: Apache-2.0
// The command lines of one message's envelope, and what is decided about it before it is sent.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mail/mail_transport.h"
#include "mail/smtp/extensions.h"

namespace dialin::smtp {

// RFC 3461 section 4: octets outside of "!" to "~", "+" and "=" become "+XX".
std::string to_xtext(std::string_view text);

// "MAIL FROM:<a@b> SIZE=5691 RET=HDRS ENVID=...", with CRLF; parameters only as far as `offered`.
// RET=HDRS keeps the PIN out of bounces; ENVID brings the row of the outbox back in them. NOTIFY is left at
// its default, a notice of failure: that is the one notice that helps.
std::string mail_command(const OutgoingMessage& message, const Extensions& offered);
std::string rcpt_command(const OutgoingMessage& message);

// Why this server can never take this message, known without asking it: larger than its SIZE (scope Content),
// or a non-ASCII local part without SMTPUTF8 (scope Recipient; Sender for the sender's).
std::optional<Delivery> refused_beforehand(const OutgoingMessage& message, const Extensions& offered);
std::optional<Delivery> too_large(std::size_t size, const Extensions& offered);

}  // namespace dialin::smtp
