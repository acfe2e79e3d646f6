// SPDX-License-Identifier: Apache-2.0
// Disable-CsUser, people disable: somebody leaves, or is not to dial in for a while.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/csv_input.h"
#include "command/existing_store.h"
#include "command/person_selection.h"

namespace dialin {
namespace {

CommandSpec people_disable_spec() {
  CommandSpec spec;
  spec.cmdlet = "Disable-CsUser";
  spec.verb = "people disable";
  spec.group = "People";
  spec.summary = "Disables a person: the PIN is refused at once.";
  spec.description =
      "The person's PIN is refused from now on and a welcome that waits in the outbox is superseded. The "
      "person stays "
      "known; dialin people enable takes it back, and dialin people remove erases what is known. Disabling "
      "several "
      "people asks, unless --yes or -Confirm:false is given.";
  spec.parameters = {
      identities_parameter_spec(
          "The people; several are separated by commas, * in a display name is any characters."),
      people_csv_parameter_spec("A file whose column Identity, UserUri or SipAddress names the people."),
      csv_delimiter_parameter_spec(), csv_encoding_parameter_spec()};
  spec.examples = {
      {"Disable-CsUser -Identity \"bob@contoso.com\"", "Bob's PIN is refused."},
      {"dialin people disable \"CONTOSO\\bob\" --confirm", "Asks first."},
  };
  spec.exit_codes = {{0, "the person is disabled, or was so already"}, {1, "there is no such person"}};
  return spec;
}

int run_people_disable(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Selection selection = select_people(context, *store, bound);
  if (bound.what_if()) {
    for (const SelectedPerson& selected : selection.people)
      context.streams.write_output(
          fmt::format("What if: {} {}.\n", selected.person.sip_address.uri(),
                      selected.person.enabled ? "would be disabled" : "is disabled already"));
    return 0;
  }
  confirm_for(context, bound, selection.people.size(), fmt::format("Disable {}?", whom(selection)));
  for (const SelectedPerson& selected : selection.people) {
    const bool disabled = store->people().disable(selected.person.id, context.by);
    context.streams.write_error(fmt::format("{} {}.\n", selected.person.sip_address.uri(),
                                            disabled ? "is disabled" : "was disabled already"));
  }
  return 0;
}

}  // namespace

Command people_disable_command() {
  return {people_disable_spec(), run_people_disable};
}

}  // namespace dialin
