// SPDX-License-Identifier: Apache-2.0
// What the commands about PIN policies have in common: their parameters, how a policy and what a change does
// are shown.
#pragma once

#include <string>
#include <vector>

#include "command/command_context.h"
#include "pin/policy_change.h"
#include "pin/policy_set.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"
#include "shell/output.h"
#include "store/policy_store.h"

namespace dialin {

// -Description to -ChangeAtFirstUse.
std::vector<ParameterSpec> policy_property_specs();
PinPolicyChanges changes_from(const BoundParameters& bound);

ParameterSpec policy_force_spec();
ParameterSpec policy_filter_spec();

// Error(InvalidInput) that says how identities are written.
ScopeIdentity scope_identity_from(const BoundParameters& bound, const std::string& parameter,
                                  const std::string& text);

// The policies that -Identity (a list) or -Filter names, else `otherwise`. Error(NotFound) if one is not
// there, or nothing has the filter's form.
std::vector<NamedPolicy> named_policies(const PolicySet& policies, const BoundParameters& bound,
                                        const std::vector<NamedPolicy>& otherwise);

// In the original's order, then our own property.
OutputObject object_of(const NamedPolicy& policy);

// "12 people have the policy site:Redmond, 9 of them a PIN. ..." in sentences that end with a line end.
std::string describe(const PolicyEffect& effect, const std::string& identity);
// What follows from the properties themselves, or from their change: that a stricter policy binds the next
// PIN, what a history costs, what a first use means. May be empty.
std::string consequences(const PinPolicy& after, const PinPolicy& before);

// Says what a change of policy does and asks, if it touches more than one person and nobody said -Force.
void confirm_policy_change(CommandContext& context, const BoundParameters& bound, const PolicyEffect& effect,
                           const std::string& question);

}  // namespace dialin
