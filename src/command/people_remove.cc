// SPDX-License-Identifier: Apache-2.0
// people remove: erases a person. It cannot be taken back, so it asks.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/person_parameter.h"

namespace dialin {
namespace {

CommandSpec people_remove_spec() {
  CommandSpec spec;
  spec.verb = "people remove";
  spec.group = "People";
  spec.summary = "Erases a person, with PIN and history.";
  spec.description =
      "The PIN is refused at once, a welcome that waits is superseded, and the PIN's verifier, its history "
      "and all that "
      "is known of the person are erased. The audit trail keeps the person's internal id, which names "
      "nobody. This "
      "cannot be taken back, so it asks; without a terminal it needs --yes or -Confirm:false.";
  spec.parameters = {identity_parameter_spec("The person who is erased.")};
  spec.examples = {
      {"dialin people remove bob@contoso.com", "Asks, and erases Bob."},
      {"dialin people remove bob@contoso.com --yes", "In a script."},
  };
  spec.exit_codes = {{0, "erased"}, {1, "there is no such person"}, {64, "nobody is there to be asked"}};
  return spec;
}

int run_people_remove(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Person person = person_from(*store, bound, "Identity");
  const std::string who = person.display_name.empty()
                              ? person.sip_address.uri()
                              : fmt::format("{} ({})", person.sip_address.uri(), person.display_name);
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: {} would be erased, with PIN and history.\n", who));
    return 0;
  }
  confirm(context, bound, fmt::format("Erase {} with PIN and history? This cannot be taken back.", who),
          Question::Always);
  if (!store->people().remove(person.id, context.by)) {
    throw Error(ErrorCode::NotFound, fmt::format("{} was erased by somebody else meanwhile", who));
  }
  context.streams.write_error(fmt::format("{} is erased.\n", person.sip_address.uri()));
  return 0;
}

}  // namespace

Command people_remove_command() {
  return {people_remove_spec(), run_people_remove};
}

}  // namespace dialin
