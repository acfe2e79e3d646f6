// SPDX-License-Identifier: Apache-2.0
// libsodium started once, for those who use it: their .cc files call this before anything else of the
// library.
#pragma once

namespace dialin {

// Any thread, any number of times. Throws Error(Internal) if libsodium cannot start.
void require_libsodium();

}  // namespace dialin
