// SPDX-License-Identifier: Apache-2.0
// Unlock-CsClientPin, pin unlock: PINs that were locked on purpose may be used again.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/csv_input.h"
#include "command/existing_store.h"
#include "command/person_selection.h"

namespace dialin {
namespace {

CommandSpec pin_unlock_spec() {
  CommandSpec spec;
  spec.cmdlet = "Unlock-CsClientPin";
  spec.verb = "pin unlock";
  spec.group = "PINs";
  spec.summary = "Unlocks people's PINs.";
  spec.description =
      "The PIN that the person had is accepted again, whether it was locked on purpose or locked out by "
      "failures, which are "
      "counted from 0 again. A welcome that the lock superseded does not come back: "
      "welcome "
      "the person again if there was one. -Locked means everybody whose PIN is locked, or locked out. "
      "Unlocking several "
      "people asks, "
      "unless -Force, --yes or -Confirm:false is given.";
  spec.parameters = {
      identities_parameter_spec(
          "The people; several are separated by commas, * in a display name is any characters."),
      people_csv_parameter_spec("A file whose column Identity, UserUri or SipAddress names the people."),
      csv_delimiter_parameter_spec(),
      csv_encoding_parameter_spec(),
      pin_state_spec(PinState::Locked),
      {.name = "Force",
       .kind = ParameterKind::Switch,
       .help = "Suppresses the questions.",
       .original = true,
       .help_desk = true},
  };
  spec.examples = {
      {"Unlock-CsClientPin -Identity \"bob@contoso.com\"", "Bob's PIN is accepted again."},
      {"Unlock-CsClientPin -Locked -Confirm:false", "Everybody's."},
      {"dialin pin unlock bob@contoso.com", "The same in native spelling."},
  };
  spec.exit_codes = {{0, "they are not locked, or were not"},
                     {1, "there is no such person"},
                     {64, "several people, and nobody is there to be asked"}};
  spec.help_desk = true;
  return spec;
}

int run_pin_unlock(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Selection selection = select_people(context, *store, bound, pin_state_from(bound));
  if (bound.what_if()) {
    for (const SelectedPerson& selected : selection.people) {
      const PinRecord record = store->pins().pin_of(selected.person.id);
      const bool locked = record.lock || record.failures.locked_out;
      context.streams.write_output(fmt::format("What if: the PIN of {} {}.\n",
                                               selected.person.sip_address.uri(),
                                               locked ? "would be unlocked" : "is not locked"));
    }
    return 0;
  }
  if (selection.people.empty()) {
    context.streams.write_error("Nobody is meant: nothing was changed.\n");
    return 0;
  }
  const std::size_t count = selection.people.size();
  confirm_for(context, bound, count,
              fmt::format("Unlock the PIN{} of {}?", count == 1 ? "" : "s", whom(selection)));
  for (const SelectedPerson& selected : selection.people) {
    const bool unlocked = store->pins().unlock(selected.person.id, context.by);
    context.streams.write_error(fmt::format("The PIN of {} {}.\n", selected.person.sip_address.uri(),
                                            unlocked ? "is unlocked" : "was not locked"));
  }
  return 0;
}

}  // namespace

Command pin_unlock_command() {
  return {pin_unlock_spec(), run_pin_unlock};
}

}  // namespace dialin
