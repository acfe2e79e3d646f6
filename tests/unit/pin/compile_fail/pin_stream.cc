// SPDX-License-Identifier: Apache-2.0
// A Pin cannot be printed to a stream.
#include <ostream>

#include "pin/pin.h"

using namespace dialin;

void allowed(std::ostream& out, const Pin& pin) {
  out << pin.length();
}
#ifdef MISUSE
void misuse(std::ostream& out, const Pin& pin) {
  out << pin;
}
#endif
