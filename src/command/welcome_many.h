// SPDX-License-Identifier: Apache-2.0
// welcome for many people in one run (doc/operations.md, Runs).
#pragma once

#include "command/command_context.h"
#include "shell/bound_parameters.h"

namespace dialin {

int run_welcome_many(CommandContext& context, BoundParameters& bound);

}  // namespace dialin
