// SPDX-License-Identifier: Apache-2.0
#include "command/confirmation.h"

#include <fmt/format.h>

#include "base/error.h"

namespace dialin {

void confirm(CommandContext& context, const BoundParameters& bound, const std::string& question,
             Question when) {
  const Confirmation said = bound.confirmation();
  if (said == Confirmation::NeverAsk) return;
  if (said == Confirmation::AskIfNeeded && when == Question::IfConfirm) return;
  if (!context.prompter.can_ask()) {
    const bool cmdlet = bound.spelling() == Spelling::Cmdlet;
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} asks a question, and there is no terminal to ask it on: {}",
                            bound.display_command(), question),
                fmt::format("To answer yes beforehand, write {}.", cmdlet ? "-Confirm:false" : "--yes"));
  }
  if (!context.prompter.ask_yes_no(question))
    throw Error(ErrorCode::Precondition, "stopped by your answer: nothing was changed or sent");
}

}  // namespace dialin
