// SPDX-License-Identifier: Apache-2.0
// Who a mail comes from, and its subject: -From, -ReplyTo, -Subject, mail.from, mail.reply_to and
// mail.envelope_sender.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "command/command_context.h"
#include "config/configuration.h"
#include "people/mailbox.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

// Rows of -From and -ReplyTo, for every command that sends mail.
std::vector<ParameterSpec> sender_parameter_specs();

struct Sender {
  Mailbox from;
  std::optional<Mailbox> reply_to;
  std::string envelope_sender;  // an address; empty: that of `from`
  bool from_was_typed = false;  // -From, or the answer to the question for it
};

// `mail`: of the person's site. Without any -From and mail.from it is asked for on a terminal; else
// Error(InvalidInput) that names both. Error(InvalidInput) for a bad address typed, Error(Configuration) for
// one that is configured.
Sender sender_from(CommandContext& context, const BoundParameters& bound, const MailSettings& mail);

// -Subject, empty if it was not given. Error(InvalidInput) if it holds a line end or is longer than 512
// characters.
std::string subject_from(const BoundParameters& bound);

// `text` as a subject, or an Error(InvalidInput) that says `where` it stands.
std::string checked_subject(const std::string& text, const std::string& where);

// `text` as an address, or an Error(`code`) that says in `where` it stands and why it is none.
Mailbox checked_mailbox(const std::string& text, const std::string& where, ErrorCode code);

}  // namespace dialin
