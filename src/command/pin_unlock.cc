// SPDX-License-Identifier: Apache-2.0
// Unlock-CsClientPin, pin unlock: a PIN that was locked on purpose may be used again.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/person_parameter.h"

namespace dialin {
namespace {

CommandSpec pin_unlock_spec() {
  CommandSpec spec;
  spec.cmdlet = "Unlock-CsClientPin";
  spec.verb = "pin unlock";
  spec.group = "PINs";
  spec.summary = "Unlocks a person's PIN.";
  spec.description =
      "The PIN that the person had is accepted again, whether it was locked on purpose or locked out by "
      "failures, which are "
      "counted from 0 again. A welcome that the lock superseded does not come back: "
      "welcome "
      "the person again if there was one.";
  spec.parameters = {
      identity_parameter_spec("The person whose PIN is unlocked."),
      {.name = "Force",
       .kind = ParameterKind::Switch,
       .help = "Suppresses the question of -Confirm.",
       .original = true},
  };
  spec.examples = {
      {"Unlock-CsClientPin -Identity \"bob@contoso.com\"", "Bob's PIN is accepted again."},
      {"dialin pin unlock bob@contoso.com", "The same in native spelling."},
  };
  spec.exit_codes = {{0, "it is not locked, or was not"}, {1, "there is no such person"}};
  return spec;
}

int run_pin_unlock(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Person person = person_from(*store, bound, "Identity");
  const std::string& who = person.sip_address.uri();
  const PinRecord record = store->pins().pin_of(person.id);
  const bool locked = record.lock || record.failures.locked_out;
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: the PIN of {} {}.\n", who, locked ? "would be unlocked" : "is not locked"));
    return 0;
  }
  if (!bound.flag("Force")) confirm(context, bound, fmt::format("Unlock the PIN of {}?", who));
  const bool unlocked = store->pins().unlock(person.id, context.by);
  context.streams.write_error(
      fmt::format("The PIN of {} {}.\n", who, unlocked ? "is unlocked" : "was not locked"));
  return 0;
}

}  // namespace

Command pin_unlock_command() {
  return {pin_unlock_spec(), run_pin_unlock};
}

}  // namespace dialin
