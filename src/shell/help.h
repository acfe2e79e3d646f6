// SPDX-License-Identifier: Apache-2.0
// Help, rendered from the table: it cannot say anything else than the binder does.
#pragma once

#include <string>
#include <string_view>

#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

// Everything about one command: both spellings, parameters, examples, exit codes. `width` in columns.
std::string render_help(const CommandSpec& spec, std::size_t width);

// All commands by group, one line each; only verbs that begin with the word `group` if it is not empty.
std::string render_overview(const CommandTable& table, std::size_t width, std::string_view group = {});

// The syntax line in one spelling, for the end of a usage error.
std::string render_syntax(const CommandSpec& spec, Spelling spelling, std::size_t width);

}  // namespace dialin
