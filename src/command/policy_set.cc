// SPDX-License-Identifier: Apache-2.0
// Set-CsPinPolicy, policy set: changes PIN policies.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/policy_parameters.h"

namespace dialin {
namespace {

CommandSpec policy_set_spec() {
  CommandSpec spec;
  spec.cmdlet = "Set-CsPinPolicy";
  spec.verb = "policy set";
  spec.group = "Policies";
  spec.summary = "Changes PIN policies.";
  spec.description =
      "Without an identity, the global policy. What is not named stays as it is. How many people are "
      "touched, and what "
      "happens to them, is said; if they are several, it asks, unless --yes, -Confirm:false or -Force is "
      "given.\n\n"
      "A stricter policy binds the next PIN and leaves the present one alone. A shorter lifetime makes "
      "nobody's PIN "
      "expire sooner than 14 days from now; a longer one holds for PINs that are set, too. A history of 20 "
      "costs up to "
      "20 hashes each time a PIN is set.";
  spec.parameters = {
      {.name = "Identity",
       .kind = ParameterKind::List,
       .value_name = "identity",
       .help = "global, site:NAME, or NAME for one that is granted; several are separated by commas.",
       .original = true,
       .position = 1,
       .operand = 1},
      policy_filter_spec()};
  for (ParameterSpec& property : policy_property_specs()) spec.parameters.push_back(std::move(property));
  spec.parameters.push_back(policy_force_spec());
  spec.examples = {
      {"Set-CsPinPolicy -Identity site:Redmond -MinPasswordLength 10",
       "New PINs of people in Redmond have at least ten digits."},
      {"Set-CsPinPolicy -Identity RedmondUsersPinPolicy -MinPasswordLength 10 -AllowCommonPatterns true",
       "Two properties of a policy that is granted to people."},
      {"dialin policy set --pin-lifetime 90 --pin-history-count 3 --what-if",
       "Tells how many PINs would expire, and when the first."},
      {"dialin policy set --filter \"*\" --min-password-length 10 --yes",
       "All policies, without a question."},
  };
  spec.exit_codes = {
      {0, "changed"},
      {1, "there is no such policy"},
      {64, "a value is out of its range, a lifetime has no history, or nobody is there to be asked"}};
  return spec;
}

int run_policy_set(CommandContext& context, BoundParameters& bound) {
  const PinPolicyChanges changes = changes_from(bound);
  if (changes.empty())
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{}: nothing to change was named", bound.display_command()),
                fmt::format("For example {} 6.", bound.display_name("MinPasswordLength")));
  const auto store = existing_store(context);
  const PolicySet policies = store->policies().policies();
  const std::vector<NamedPolicy> chosen = named_policies(policies, bound, {*policies.find(ScopeIdentity())});
  // Everything that can be wrong first, so that of several policies all are changed or none.
  std::vector<PolicyEffect> plans;
  PolicyEffect all;
  for (const NamedPolicy& policy : chosen) {
    plans.push_back(store->policies().change(policy.identity, changes, ImportMode::WhatIf, context.by));
    all.people += plans.back().people;
  }
  if (bound.what_if()) {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const std::string identity = chosen[i].identity.text();
      context.streams.write_output(fmt::format("What if: the PIN policy {} would be changed.\n", identity));
      context.streams.write_error(describe(plans[i], identity) +
                                  consequences(changed(chosen[i].policy, changes), chosen[i].policy));
    }
    return 0;
  }
  for (std::size_t i = 0; i < chosen.size(); ++i)
    context.streams.write_error(describe(plans[i], chosen[i].identity.text()) +
                                consequences(changed(chosen[i].policy, changes), chosen[i].policy));
  confirm_policy_change(context, bound, all,
                        chosen.size() == 1
                            ? fmt::format("Change the PIN policy {}?", chosen[0].identity.text())
                            : fmt::format("Change {} PIN policies?", chosen.size()));
  for (const NamedPolicy& policy : chosen)
    store->policies().change(policy.identity, changes, ImportMode::Apply, context.by);
  return 0;
}

}  // namespace

Command policy_set_command() {
  return {policy_set_spec(), run_policy_set};
}

}  // namespace dialin
