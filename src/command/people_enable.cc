// SPDX-License-Identifier: Apache-2.0
// people enable: somebody who was disabled comes back.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/person_parameter.h"

namespace dialin {
namespace {

CommandSpec people_enable_spec() {
  CommandSpec spec;
  spec.verb = "people enable";
  spec.group = "People";
  spec.summary = "Enables a person who was disabled.";
  spec.description =
      "The PIN that the person had is erased, so that one which others may have learned meanwhile does not "
      "come back: "
      "welcome the person again. With -KeepPin it is accepted again.";
  spec.parameters = {
      identity_parameter_spec("The person who is enabled."),
      {.name = "KeepPin",
       .kind = ParameterKind::Switch,
       .help = "The PIN that the person had before is accepted again."},
  };
  spec.examples = {
      {"dialin people enable bob@contoso.com", "Bob is enabled and has no PIN."},
      {"dialin people enable bob@contoso.com --keep-pin", "Bob is enabled and has the PIN that he had."},
  };
  spec.exit_codes = {{0, "the person is enabled, or was so already"}, {1, "there is no such person"}};
  return spec;
}

int run_people_enable(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Person person = person_from(*store, bound, "Identity");
  const std::string& who = person.sip_address.uri();
  const bool keep_pin = bound.flag("KeepPin");
  if (bound.what_if()) {
    context.streams.write_output(person.enabled
                                     ? fmt::format("What if: {} is enabled already.\n", who)
                                     : fmt::format("What if: {} would be enabled, {} the former PIN.\n", who,
                                                   keep_pin ? "with" : "without"));
    return 0;
  }
  confirm(context, bound, fmt::format("Enable {}?", who));
  if (!store->people().enable(person.id, keep_pin, context.by)) {
    context.streams.write_error(fmt::format("{} was enabled already; nothing was changed.\n", who));
    return 0;
  }
  const PinRecord record = store->pins().pin_of(person.id);
  std::string text =
      fmt::format("{} is enabled and {}.\n", who, record.verifier ? "has the former PIN" : "has no PIN");
  if (record.lock) text += "The PIN is locked: Unlock-CsClientPin unlocks it.\n";
  context.streams.write_error(text);
  return 0;
}

}  // namespace

Command people_enable_command() {
  return {people_enable_spec(), run_people_enable};
}

}  // namespace dialin
