// SPDX-License-Identifier: Apache-2.0
// New-CsPinPolicy, policy new: a PIN policy for a site, or to be granted to people.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/policy_parameters.h"

namespace dialin {
namespace {

CommandSpec policy_new_spec() {
  CommandSpec spec;
  spec.cmdlet = "New-CsPinPolicy";
  spec.verb = "policy new";
  spec.group = "Policies";
  spec.summary = "Creates a PIN policy for a site, or for people to whom it is granted.";
  spec.description =
      "site:NAME holds for everybody of that site at once. A bare name, or tag:NAME, holds for those to whom "
      "Grant-CsPinPolicy gives it. A person's own policy stands before that of the site, and that before the "
      "global "
      "one, which exists always. What is not named is as the original has it by default.\n\n"
      "A stricter policy binds the next PIN and leaves the present one alone; a lifetime makes nobody's PIN "
      "expire "
      "sooner than 14 days from now.";
  spec.parameters = {{.name = "Identity",
                      .kind = ParameterKind::Text,
                      .value_name = "identity",
                      .help = "site:NAME, or NAME for a policy to be granted.",
                      .mandatory = true,
                      .original = true,
                      .position = 1,
                      .operand = 1}};
  for (ParameterSpec& property : policy_property_specs()) spec.parameters.push_back(std::move(property));
  spec.parameters.push_back(policy_force_spec());
  spec.examples = {
      {"New-CsPinPolicy -Identity \"site:Redmond\" -MinPasswordLength 10",
       "PINs of people in Redmond have at least ten digits from now on."},
      {"New-CsPinPolicy -Identity \"site:Redmond\" -MinPasswordLength 10 -PINHistoryCount 10 -PINLifetime 30",
       "They also expire after a month, and the last ten may not come back."},
      {"dialin policy new managers --min-password-length 8", "A policy that is granted to single people."},
  };
  spec.exit_codes = {{0, "created"},
                     {1, "there is such a policy already"},
                     {64, "a value is out of its range, or a lifetime has no history"}};
  return spec;
}

int run_policy_new(CommandContext& context, BoundParameters& bound) {
  const PinPolicyChanges properties = changes_from(bound);
  const NamedPolicy policy{.identity = scope_identity_from(bound, "Identity", bound.text_or("Identity", "")),
                           .description = properties.description.value_or(""),
                           .policy = changed(PinPolicy(), properties)};
  const auto store = existing_store(context);
  const PolicyEffect plan = store->policies().create(policy, ImportMode::WhatIf, context.by);
  const std::string identity = policy.identity.text();
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: the PIN policy {} would be created.\n", identity));
    context.streams.write_error(describe(plan, identity) + consequences(policy.policy, PinPolicy()));
    return 0;
  }
  confirm_policy_change(context, bound, plan, fmt::format("Create the PIN policy {}?", identity));
  const PolicyEffect effect = store->policies().create(policy, ImportMode::Apply, context.by);
  write_object(context.streams, object_of(policy), output_format(bound));
  context.streams.flush();
  context.streams.write_error(describe(effect, identity) + consequences(policy.policy, PinPolicy()));
  return 0;
}

}  // namespace

Command policy_new_command() {
  return {policy_new_spec(), run_policy_new};
}

}  // namespace dialin
