// SPDX-License-Identifier: Apache-2.0
// Who gets the mail: -UserEmailAddress or the recorded address, -Cc, -Bcc; and whether a PIN may go there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command/command_context.h"
#include "people/person.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

std::vector<ParameterSpec> recipient_parameter_specs();

// The one address of -UserEmailAddress; a list is refused, because a PIN must not reach several people by
// mistake.
std::optional<Mailbox> typed_address(const BoundParameters& bound);
std::vector<Mailbox> mailboxes_from(const BoundParameters& bound, const std::string& parameter);

struct Recipients {
  Mailbox to;
  bool to_is_from_record = false;
  std::vector<Mailbox> cc;
  std::vector<Mailbox> bcc;
};

// One copy an address: who stands in both lists gets the visible one, and nobody a copy of their own mail.
void drop_repeated(Recipients& recipients);

// Error(Precondition) if there is no address.
Recipients recipients_of(const BoundParameters& bound, const Person& person);

// The domains to which a PIN may go without a question: mail.allowed_domains, else those that at least two
// enabled people have, and the sender's. Lower case. Computed before a command adds anybody.
std::vector<std::string> allowed_domains(const MailSettings& mail, Store* store, const Mailbox& from);

// Addresses that would read the PIN and are neither the person's recorded one nor in an allowed domain.
std::vector<std::string> foreign_addresses(const Person& person, const Recipients& recipients,
                                           bool masked_copies, const std::vector<std::string>& allowed);

// These addresses are asked
// for on a terminal, refused (Error(InvalidInput)) without one unless --yes. Returns them, to be written into
// the audit trail.
std::vector<std::string> confirm_foreign_addresses(CommandContext& context, const BoundParameters& bound,
                                                   const Person& person, const Recipients& recipients,
                                                   const std::vector<std::string>& allowed);

}  // namespace dialin
