// SPDX-License-Identifier: Apache-2.0
// Which checkpoints a command reaches: asked of the program itself, so that a new one is killed at without
// being listed in any test.
#pragma once

#include <string>
#include <vector>

#include "support/dialin_program.h"

namespace dialin::test {

// What was told under DIALIN_CHECKPOINT="*=tell", in order; a name stands as often as it was reached.
std::vector<std::string> checkpoints_in(const std::string& standard_error);

// The environment that kills (stops) at the `number`-th checkpoint, from 1, whatever its name.
DialinProgram::Environment kill_at(std::size_t number);
DialinProgram::Environment stop_at(std::size_t number);
DialinProgram::Environment kill_at(const std::string& name);
DialinProgram::Environment stop_at(const std::string& name);
DialinProgram::Environment tell();

inline constexpr int killed = 128 + 9;  // exit code of Completed

}  // namespace dialin::test
