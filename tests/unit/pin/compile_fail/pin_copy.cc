// SPDX-License-Identifier: Apache-2.0
// A Pin is not copied by the way.
#include "pin/pin.h"

using namespace dialin;

Pin allowed(const Pin& pin) {
  return pin.duplicate();
}
#ifdef MISUSE
Pin misuse(const Pin& pin) {
  return pin;
}
#endif
