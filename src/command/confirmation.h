// SPDX-License-Identifier: Apache-2.0
// Questions before something is changed: -Confirm, --yes, -Confirm:false.
#pragma once

#include <string>

#include "command/command_context.h"
#include "shell/bound_parameters.h"

namespace dialin {

enum class Question {
  IfConfirm,  // asked with -Confirm only
  Always,     // what it does cannot be taken back: asked unless it was answered beforehand
};

// Returns if the answer is yes, or none is needed. Error(Interrupted) if it is no; Error(InvalidInput) if
// there is no terminal to ask on, which says how to answer beforehand. `question` without its "[y/N]".
void confirm(CommandContext& context, const BoundParameters& bound, const std::string& question,
             Question when = Question::IfConfirm);

}  // namespace dialin
