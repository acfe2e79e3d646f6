// SPDX-License-Identifier: Apache-2.0
// What a reply means for the message: the one table from command, reply code and enhanced code (RFC 3463) to
// result, scope and problem. A pure function; doc/delivery.md, "What a failure belongs to", explains the
// scopes.
//
// The trap that it knows: servers tell at RCPT, and some only after the content, what they have against the
// client or the sender. What may not be the recipient's fault is never called the recipient's.
#pragma once

#include <string_view>

#include "mail/delivery.h"
#include "mail/smtp/reply_parser.h"

namespace dialin::smtp {

enum class Command { Greeting, Ehlo, Helo, StartTls, Auth, Mail, Rcpt, Data, EndOfContent, Rset, Quit };

// "RCPT TO", "end of content"; what Delivery::during says.
std::string_view name_of(Command command);

// Whether a reply of this kind can answer the command at all (RFC 5321 section 4.3.2). What cannot shows that
// client and server have lost step.
bool can_answer(Command command, const Reply& reply);

// For every reply but the hoped-for one; EndOfContent takes the positive one too. Fills everything but server
// and tls.
//   Scope Session and Sender: always Deferred. Scope Unclear and Content: Refused. Scope Recipient: either.
Delivery judge(Command command, const Reply& reply);

}  // namespace dialin::smtp
