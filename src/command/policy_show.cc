// SPDX-License-Identifier: Apache-2.0
// Get-CsPinPolicy, policy show: the PIN policies that there are.
#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/policy_parameters.h"

namespace dialin {
namespace {

CommandSpec policy_show_spec() {
  CommandSpec spec;
  spec.cmdlet = "Get-CsPinPolicy";
  spec.verb = "policy show";
  spec.group = "Policies";
  spec.summary = "Shows PIN policies.";
  spec.description =
      "All of them, or those that are named: the global one, those of sites, those that are granted to "
      "people. "
      "MaximumLogonAttempts is empty where it follows from the length of the PIN, as recommended. Which one "
      "holds for a "
      "person is told by Get-CsClientPinInfo -Detailed.";
  spec.parameters = {
      {.name = "Identity",
       .kind = ParameterKind::List,
       .value_name = "identity",
       .help = "global, site:NAME, or NAME for one that is granted; several are separated by commas.",
       .original = true,
       .position = 1,
       .operand = 1},
      policy_filter_spec()};
  spec.examples = {
      {"Get-CsPinPolicy", "All policies."},
      {"Get-CsPinPolicy -Identity \"site:Redmond\"", "That of Redmond."},
      {"Get-CsPinPolicy -Filter \"tag:*\"", "Those that are granted to people."},
  };
  spec.exit_codes = {{1, "there is no such policy"}};
  return spec;
}

int run_policy_show(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const PolicySet policies = store->policies().policies();
  std::vector<OutputObject> objects;
  for (const NamedPolicy& policy : named_policies(policies, bound, policies.all()))
    objects.push_back(object_of(policy));
  std::vector<std::string> columns;
  const OutputObject any = object_of(NamedPolicy());
  for (const OutputField& field : any.fields()) columns.push_back(field.name);
  write_objects(context.streams, objects, output_format(bound), columns);
  return 0;
}

}  // namespace

Command policy_show_command() {
  return {policy_show_spec(), run_policy_show};
}

}  // namespace dialin
