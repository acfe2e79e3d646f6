// SPDX-License-Identifier: Apache-2.0
// A Pin is not copied by assignment.
#include "pin/pin.h"

using namespace dialin;

void allowed(Pin& to, Pin& from) {
  to = std::move(from);
}
#ifdef MISUSE
void misuse(Pin& to, Pin& from) {
  to = from;
}
#endif
