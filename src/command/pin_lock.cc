// SPDX-License-Identifier: Apache-2.0
// Lock-CsClientPin, pin lock: PINs are refused until somebody unlocks them.
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/csv_input.h"
#include "command/existing_store.h"
#include "command/person_selection.h"
#include "people/names.h"

namespace dialin {
namespace {

CommandSpec pin_lock_spec() {
  CommandSpec spec;
  spec.cmdlet = "Lock-CsClientPin";
  spec.verb = "pin lock";
  spec.group = "PINs";
  spec.summary = "Locks people's PINs, so that they are refused.";
  spec.description =
      "The PIN stays what it is and is refused until Unlock-CsClientPin. A welcome of the person that waits "
      "in the "
      "outbox is superseded: its PIN will never be valid. Of one that is being sent at this moment, the mail "
      "may still "
      "arrive, but its PIN does not become valid.\n\n"
      "-Expired means PINs whose day has passed, never one that does not expire. Locking several people "
      "asks, unless "
      "-Force, --yes or -Confirm:false is given.";
  spec.parameters = {
      identities_parameter_spec(
          "The people; several are separated by commas, * in a display name is any characters."),
      {.name = "Reason",
       .kind = ParameterKind::Text,
       .value_name = "text",
       .help = "Why, for the audit trail and for whoever is asked to unlock it.",
       .help_desk = true},
      people_csv_parameter_spec("A file whose column Identity, UserUri or SipAddress names the people."),
      csv_delimiter_parameter_spec(),
      csv_encoding_parameter_spec(),
      pin_state_spec(PinState::Expired),
      pin_state_spec(PinState::NotMeetingPolicy),
      {.name = "Force",
       .kind = ParameterKind::Switch,
       .help = "Suppresses the questions.",
       .original = true,
       .help_desk = true},
  };
  spec.examples = {
      {"Lock-CsClientPin -Identity \"bob@contoso.com\" -Reason \"telephone lost\"",
       "Bob's PIN is refused from now on."},
      {"Lock-CsClientPin -Expired -Confirm:false", "Every PIN that has expired."},
      {"dialin pin lock bob@contoso.com --reason \"on leave until March\"", "The same in native spelling."},
  };
  spec.exit_codes = {{0, "they are locked, or were locked already"},
                     {1, "there is no such person"},
                     {64, "several people, and nobody is there to be asked"}};
  spec.help_desk = true;
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

void lock_one(CommandContext& context, Store& store, const Person& person, const std::string& reason) {
  const std::string& who = person.sip_address.uri();
  if (store.pins().lock(person.id, reason, context.by)) {
    context.streams.write_error(fmt::format("The PIN of {} is locked.\n", who));
    return;
  }
  const auto lock = store.pins().pin_of(person.id).lock;
  context.streams.write_error(lock ? fmt::format("The PIN of {} was locked already, {}.\n", who, since(*lock))
                                   : fmt::format("The PIN of {} was locked already.\n", who));
  // Whose lock it is decides who may end it, so the first one stays.
  if (lock && !reason.empty() && reason != lock->reason) {
    context.streams.write_error(fmt::format(
        "The new reason was not recorded: the first lock stays as it is. To record it, unlock the PIN "
        "first: dialin pin unlock {}\n",
        person.sip_address.address()));
  }
}

int run_pin_lock(CommandContext& context, BoundParameters& bound) {
  const std::string reason = reason_from(bound);
  const auto store = existing_store(context);
  const Selection selection = select_people(context, *store, bound, pin_state_from(bound));
  if (bound.what_if()) {
    for (const SelectedPerson& selected : selection.people) {
      const auto lock = store->pins().pin_of(selected.person.id).lock;
      const std::string& who = selected.person.sip_address.uri();
      context.streams.write_output(
          lock ? fmt::format("What if: the PIN of {} is locked already, {}.\n", who, since(*lock))
               : fmt::format("What if: the PIN of {} would be locked.\n", who));
    }
    return 0;
  }
  if (selection.people.empty()) {
    context.streams.write_error("Nobody is meant: nothing was changed.\n");
    return 0;
  }
  const std::size_t count = selection.people.size();
  confirm_for(context, bound, count,
              fmt::format("Lock the PIN{} of {}?", count == 1 ? "" : "s", whom(selection)));
  for (const SelectedPerson& selected : selection.people) lock_one(context, *store, selected.person, reason);
  return 0;
}

}  // namespace

Command pin_lock_command() {
  return {pin_lock_spec(), run_pin_lock};
}

}  // namespace dialin
