// SPDX-License-Identifier: Apache-2.0
// What the commands about telephone commands have in common.
#pragma once

#include <string>

#include "shell/bound_parameters.h"
#include "shell/output.h"
#include "store/dtmf_configuration.h"

namespace dialin {

// Identity, CommandCharacter, the commands and OperatorLineUri, for what changes them.
std::vector<ParameterSpec> dtmf_parameter_specs();
// Error(InvalidInput) for what is no key or no number.
DtmfChanges dtmf_changes_from(const BoundParameters& bound);

// Global, or a site. Error(InvalidInput).
ScopeIdentity dtmf_identity_from(const BoundParameters& bound, const std::string& text);

// Identity, CommandCharacter, the commands in the order of their default keys, OperatorLineUri; a command
// that is disabled is empty.
OutputObject object_of(const DtmfConfiguration& configuration);

}  // namespace dialin
