// SPDX-License-Identifier: Apache-2.0
// What the process does for its secrets before anything else.
#pragma once

namespace dialin {

// Initialises libsodium, forbids core dumps (RLIMIT_CORE 0) and makes the process not dumpable, so that no
// other process of the same account may read its memory (PR_SET_DUMPABLE). Throws Error(Internal) if
// libsodium cannot start or the system forbids it. Call it first thing in main; tests call it too, any number
// of times.
void harden_process();

}  // namespace dialin
