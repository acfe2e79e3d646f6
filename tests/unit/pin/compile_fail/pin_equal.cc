// SPDX-License-Identifier: Apache-2.0
// Pins are not compared with ==, which stops at the first difference.
#include "pin/pin.h"

using namespace dialin;

bool allowed(const Pin& a, const Pin& b) {
  return a.same_as(b);
}
#ifdef MISUSE
bool misuse(const Pin& a, const Pin& b) {
  return a == b;
}
#endif
