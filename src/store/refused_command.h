// SPDX-License-Identifier: Apache-2.0
// The audit line of a command that its operator was refused.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/operator.h"
#include "base/random_source.h"
#include "store/store.h"

namespace dialin {

// Event command-refused. `command` as the table names it; `why` in a few words, without what was typed. Opens
// the store for it, as open_store does; does nothing if there is none yet.
void record_refused_command(const StoreLocation& location, Clock& clock, RandomSource& random,
                            Checkpoints& checkpoints, const Operator& by, const std::string& command,
                            const std::string& why);

}  // namespace dialin
