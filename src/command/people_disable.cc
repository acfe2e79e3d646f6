// SPDX-License-Identifier: Apache-2.0
// people disable: somebody leaves, or is not to dial in for a while.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/person_parameter.h"

namespace dialin {
namespace {

CommandSpec people_disable_spec() {
  CommandSpec spec;
  spec.verb = "people disable";
  spec.group = "People";
  spec.summary = "Disables a person: the PIN is refused at once.";
  spec.description =
      "The person's PIN is refused from now on and a welcome that waits in the outbox is superseded. The "
      "person stays "
      "known; dialin people enable takes it back, and dialin people remove erases what is known.";
  spec.parameters = {identity_parameter_spec("The person who is disabled.")};
  spec.examples = {
      {"dialin people disable bob@contoso.com", "Bob's PIN is refused."},
      {"dialin people disable \"CONTOSO\\bob\" --confirm", "Asks first."},
  };
  spec.exit_codes = {{0, "the person is disabled, or was so already"}, {1, "there is no such person"}};
  return spec;
}

int run_people_disable(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Person person = person_from(*store, bound, "Identity");
  const std::string& who = person.sip_address.uri();
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: {} {}.\n", who, person.enabled ? "would be disabled" : "is disabled already"));
    return 0;
  }
  confirm(context, bound, fmt::format("Disable {}?", who));
  const bool disabled = store->people().disable(person.id, context.by);
  context.streams.write_error(
      fmt::format("{} {}.\n", who, disabled ? "is disabled" : "was disabled already"));
  return 0;
}

}  // namespace

Command people_disable_command() {
  return {people_disable_spec(), run_people_disable};
}

}  // namespace dialin
