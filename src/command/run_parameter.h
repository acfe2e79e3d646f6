// SPDX-License-Identifier: Apache-2.0
// The run that a command is about.
#pragma once

#include <string>

#include "command/command_context.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

// -Name, mandatory, the first operand.
ParameterSpec run_name_parameter_spec();
// -Report of commands that work on a run.
ParameterSpec run_report_parameter_spec();

// By name, without case. Error(NotFound) with the name that may have been meant.
RunRecord run_from(Store& store, const BoundParameters& bound);

}  // namespace dialin
