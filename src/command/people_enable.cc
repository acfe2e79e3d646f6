// SPDX-License-Identifier: Apache-2.0
// Enable-CsUser, people enable: somebody who was disabled comes back.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/csv_input.h"
#include "command/existing_store.h"
#include "command/person_selection.h"

namespace dialin {
namespace {

CommandSpec people_enable_spec() {
  CommandSpec spec;
  spec.cmdlet = "Enable-CsUser";
  spec.verb = "people enable";
  spec.group = "People";
  spec.summary = "Enables a person who was disabled.";
  spec.description =
      "The PIN that the person had is erased, so that one which others may have learned meanwhile does not "
      "come back: "
      "welcome the person again. With -KeepPin it is accepted again.";
  spec.parameters = {
      identities_parameter_spec(
          "The people; several are separated by commas, * in a display name is any characters."),
      people_csv_parameter_spec("A file whose column Identity, UserUri or SipAddress names the people."),
      csv_delimiter_parameter_spec(),
      csv_encoding_parameter_spec(),
      {.name = "KeepPin",
       .kind = ParameterKind::Switch,
       .help = "The PIN that the person had before is accepted again."},
  };
  spec.examples = {
      {"Enable-CsUser -Identity \"bob@contoso.com\"", "Bob is enabled and has no PIN."},
      {"dialin people enable bob@contoso.com --keep-pin", "Bob is enabled and has the PIN that he had."},
  };
  spec.exit_codes = {{0, "the person is enabled, or was so already"}, {1, "there is no such person"}};
  return spec;
}

void enable_one(CommandContext& context, Store& store, const Person& person, bool keep_pin) {
  const std::string& who = person.sip_address.uri();
  if (!store.people().enable(person.id, keep_pin, context.by)) {
    context.streams.write_error(fmt::format("{} was enabled already; nothing was changed.\n", who));
    return;
  }
  const PinRecord record = store.pins().pin_of(person.id);
  std::string text =
      fmt::format("{} is enabled and {}.\n", who, record.verifier ? "has the former PIN" : "has no PIN");
  if (record.lock) text += "The PIN is locked: Unlock-CsClientPin unlocks it.\n";
  context.streams.write_error(text);
}

int run_people_enable(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Selection selection = select_people(context, *store, bound);
  const bool keep_pin = bound.flag("KeepPin");
  if (bound.what_if()) {
    for (const SelectedPerson& selected : selection.people) {
      const std::string& who = selected.person.sip_address.uri();
      context.streams.write_output(selected.person.enabled
                                       ? fmt::format("What if: {} is enabled already.\n", who)
                                       : fmt::format("What if: {} would be enabled, {} the former PIN.\n",
                                                     who, keep_pin ? "with" : "without"));
    }
    return 0;
  }
  confirm_for(context, bound, selection.people.size(), fmt::format("Enable {}?", whom(selection)));
  for (const SelectedPerson& selected : selection.people)
    enable_one(context, *store, selected.person, keep_pin);
  return 0;
}

}  // namespace

Command people_enable_command() {
  return {people_enable_spec(), run_people_enable};
}

}  // namespace dialin
