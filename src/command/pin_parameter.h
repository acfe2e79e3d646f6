// SPDX-License-Identifier: Apache-2.0
// -Pin: digits, or - for a line of standard input or an unechoed prompt.
#pragma once

#include <optional>
#include <string>

#include "command/command_context.h"
#include "pin/pin.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

ParameterSpec pin_parameter_spec(const std::string& help);

// Called before anything is asked: on a terminal, says of a PIN that stands on the command line that the
// shell's history keeps it.
void say_what_history_keeps(Streams& streams, const BoundParameters& bound);

// Nothing if -Pin was not given. Error(InvalidInput) if it is not 4 to 24 digits; the message holds none of
// them.
std::optional<Pin> pin_from(CommandContext& context, BoundParameters& bound);

}  // namespace dialin
