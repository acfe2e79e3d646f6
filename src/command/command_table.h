// SPDX-License-Identifier: Apache-2.0
// The one table of commands. A new command is a file of its own with its row and handler, and a line in
// command_table.cc; help, binder and lookup read the rows.
#pragma once

#include <functional>
#include <vector>

#include "command/command_context.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

struct Command {
  CommandSpec spec;
  // The exit code. What could not be done is an Error, which main prints.
  std::function<int(CommandContext&, BoundParameters&)> run;
  // Runs although configuration or data directory could not be found out, with defaults in their place, and
  // is told why (CommandContext::hindrances): it is there to help with that.
  bool despite_problems = false;
};

const std::vector<Command>& all_commands();
CommandTable command_specs();
// The command whose row this is.
const Command& command_of(const CommandSpec& spec);

}  // namespace dialin
