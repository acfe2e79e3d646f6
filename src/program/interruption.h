// SPDX-License-Identifier: Apache-2.0
// Ctrl-C, and what means the same: the first lets what is in flight finish, the second ends at once.
#pragma once

#include <chrono>

namespace dialin {

// From here on SIGINT, SIGTERM and SIGHUP are noted first; before it they end the process.
void finish_on_interruption();
bool interrupted();
// Ends early when the operator interrupts.
void wait_interruptibly(std::chrono::milliseconds duration);

}  // namespace dialin
