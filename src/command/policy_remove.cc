// SPDX-License-Identifier: Apache-2.0
// Remove-CsPinPolicy, policy remove: a PIN policy is no more; the global one becomes what it was at first.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/policy_parameters.h"
#include "shell/binder.h"

namespace dialin {
namespace {

CommandSpec policy_remove_spec() {
  CommandSpec spec;
  spec.cmdlet = "Remove-CsPinPolicy";
  spec.verb = "policy remove";
  spec.group = "Policies";
  spec.summary = "Removes PIN policies; resets the global one.";
  spec.description =
      "Whoever had the policy has the next one: that of the site, else the global one. The global policy "
      "cannot be "
      "removed: its properties become the defaults again. PINs that are set stay valid.";
  spec.parameters = {
      {.name = "Identity",
       .kind = ParameterKind::List,
       .value_name = "identity",
       .help = "global, site:NAME, or NAME for one that is granted; several are separated by commas.",
       .original = true,
       .position = 1,
       .operand = 1},
      policy_filter_spec(),
      policy_force_spec()};
  spec.examples = {
      {"Remove-CsPinPolicy -Identity RedmondUsersPinPolicy", "Its people have the policy of their site."},
      {"Remove-CsPinPolicy -Filter \"site:*\"", "Every policy of a site."},
      {"dialin policy remove global --yes", "The global policy has the defaults again."},
  };
  spec.exit_codes = {{0, "removed"}, {1, "there is no such policy"}, {64, "nobody is there to be asked"}};
  return spec;
}

int run_policy_remove(CommandContext& context, BoundParameters& bound) {
  if (!bound.given("Filter")) ask_for(bound, {"Identity"}, context.prompter);
  const auto store = existing_store(context);
  const PolicySet policies = store->policies().policies();
  const std::vector<NamedPolicy> chosen = named_policies(policies, bound, {});
  PolicyEffect all;
  std::string plan;
  for (const NamedPolicy& policy : chosen) {
    const PolicyEffect effect = store->policies().remove(policy.identity, ImportMode::WhatIf, context.by);
    all.people += effect.people;
    const bool global = policy.identity.scope() == ScopeIdentity::Scope::Global;
    const std::string identity = policy.identity.text();
    if (bound.what_if())
      context.streams.write_output(
          global ? std::string("What if: the global PIN policy would have the defaults again.\n")
                 : fmt::format("What if: the PIN policy {} would be removed.\n", identity));
    plan += describe(effect, identity);
    if (global) plan += consequences(PinPolicy(), policy.policy);
  }
  context.streams.write_error(plan);
  if (bound.what_if()) return 0;
  confirm_policy_change(context, bound, all,
                        chosen.size() == 1
                            ? fmt::format("Remove the PIN policy {}?", chosen[0].identity.text())
                            : fmt::format("Remove {} PIN policies?", chosen.size()));
  for (const NamedPolicy& policy : chosen)
    store->policies().remove(policy.identity, ImportMode::Apply, context.by);
  return 0;
}

}  // namespace

Command policy_remove_command() {
  return {policy_remove_spec(), run_policy_remove};
}

}  // namespace dialin
