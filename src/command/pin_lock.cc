// SPDX-License-Identifier: Apache-2.0
// Lock-CsClientPin, pin lock: the PIN is refused until somebody unlocks it.
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/person_parameter.h"
#include "people/names.h"

namespace dialin {
namespace {

CommandSpec pin_lock_spec() {
  CommandSpec spec;
  spec.cmdlet = "Lock-CsClientPin";
  spec.verb = "pin lock";
  spec.group = "PINs";
  spec.summary = "Locks a person's PIN, so that it is refused.";
  spec.description =
      "The PIN stays what it is and is refused until Unlock-CsClientPin. A welcome of the person that waits "
      "in the "
      "outbox is superseded: its PIN will never be valid. Of one that is being sent at this moment, the mail "
      "may still "
      "arrive, but its PIN does not become valid.";
  spec.parameters = {
      identity_parameter_spec("The person whose PIN is locked."),
      {.name = "Reason",
       .kind = ParameterKind::Text,
       .value_name = "text",
       .help = "Why, for the audit trail and for whoever is asked to unlock it."},
      {.name = "Force",
       .kind = ParameterKind::Switch,
       .help = "Suppresses the question of -Confirm.",
       .original = true},
  };
  spec.examples = {
      {"Lock-CsClientPin -Identity \"bob@contoso.com\" -Reason \"telephone lost\"",
       "Bob's PIN is refused from now on."},
      {"dialin pin lock bob@contoso.com --reason \"on leave until March\"", "The same in native spelling."},
  };
  spec.exit_codes = {{0, "it is locked, or was locked already"}, {1, "there is no such person"}};
  return spec;
}

std::string reason_from(const BoundParameters& bound) {
  const std::string reason = bound.text_or("Reason", "");
  const std::string problem = explain_bad_free_text(reason);
  if (!problem.empty()) {
    throw Error(ErrorCode::InvalidInput, fmt::format("{} \"{}\": {}", bound.display_name("Reason"),
                                                     sanitize_foreign_text(reason, 60), problem));
  }
  return reason;
}

std::string since(const DeliberateLock& lock) {
  return fmt::format("by {} since {}{}", lock.by, to_rfc3339(lock.since),
                     lock.reason.empty() ? std::string() : fmt::format(" ({})", lock.reason));
}

int run_pin_lock(CommandContext& context, BoundParameters& bound) {
  const std::string reason = reason_from(bound);
  const auto store = existing_store(context);
  const Person person = person_from(*store, bound, "Identity");
  const std::string& who = person.sip_address.uri();
  if (bound.what_if()) {
    const auto lock = store->pins().pin_of(person.id).lock;
    context.streams.write_output(
        lock ? fmt::format("What if: the PIN of {} is locked already, {}.\n", who, since(*lock))
             : fmt::format("What if: the PIN of {} would be locked.\n", who));
    return 0;
  }
  if (!bound.flag("Force")) confirm(context, bound, fmt::format("Lock the PIN of {}?", who));
  if (store->pins().lock(person.id, reason, context.by)) {
    context.streams.write_error(fmt::format("The PIN of {} is locked.\n", who));
    return 0;
  }
  const auto lock = store->pins().pin_of(person.id).lock;
  context.streams.write_error(lock ? fmt::format("The PIN of {} was locked already, {}.\n", who, since(*lock))
                                   : fmt::format("The PIN of {} was locked already.\n", who));
  return 0;
}

}  // namespace

Command pin_lock_command() {
  return {pin_lock_spec(), run_pin_lock};
}

}  // namespace dialin
