// SPDX-License-Identifier: Apache-2.0
// people show: what is known of one person.
#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/person_output.h"
#include "command/person_parameter.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec people_show_spec() {
  CommandSpec spec;
  spec.verb = "people show";
  spec.group = "People";
  spec.summary = "Shows what is known of a person.";
  spec.description =
      "The person may be named by SIP address, user principal name, DOMAIN\\logon, mail address, tel:+number "
      "or display "
      "name, in which * stands for any characters; it must come down to one person. PersonId is the name "
      "under which "
      "the audit trail knows the person. What is known of the PIN is shown by Get-CsClientPinInfo.";
  spec.parameters = {identity_parameter_spec("The person.")};
  spec.examples = {
      {"dialin people show bob@contoso.com", "Everything about Bob, as a list."},
      {"dialin people show \"* Kelly\"", "The one whose name ends so."},
  };
  spec.exit_codes = {{1, "there is no such person"}, {64, "several people are meant; they are listed"}};
  spec.help_desk = true;
  return spec;
}

int run_people_show(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const Person person = person_from(*store, bound, "Identity");
  OutputObject object = object_of(person);
  object.text("PersonId", person.id);
  write_object(context.streams, object, output_format(bound));
  return 0;
}

}  // namespace

Command people_show_command() {
  return {people_show_spec(), run_people_show};
}

}  // namespace dialin
