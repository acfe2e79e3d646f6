// SPDX-License-Identifier: Apache-2.0
// The person that a parameter names (-Identity, -UserUri), and how one of them is shown.
#pragma once

#include <string>

#include "command/command_context.h"
#include "people/person.h"
#include "people/user_identifier.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

// -Identity, mandatory, first in position and as operand.
ParameterSpec identity_parameter_spec(const std::string& help);

// Error(InvalidInput) that says why `text` names nobody.
UserIdentifier identifier_from(const BoundParameters& bound, const std::string& parameter);

// Exactly one person, or an Error (people/directory.h).
Person person_from(Store& store, const BoundParameters& bound, const std::string& parameter);

}  // namespace dialin
