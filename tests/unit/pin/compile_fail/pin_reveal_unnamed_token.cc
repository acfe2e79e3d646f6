// SPDX-License-Identifier: Apache-2.0
// The token cannot be made without writing its name.
#include "pin/pin.h"

using namespace dialin;

std::string_view allowed(const Pin& pin) {
  return pin.reveal(ClearPinAccess());
}
#ifdef MISUSE
std::string_view misuse(const Pin& pin) {
  return pin.reveal({});
}
#endif
