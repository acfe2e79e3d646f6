// SPDX-License-Identifier: Apache-2.0
// A Pin does not become text unseen.
#include <string>

#include "pin/pin.h"

using namespace dialin;

std::string allowed(const Pin& pin) {
  return std::string(pin.reveal(ClearPinAccess()));
}
#ifdef MISUSE
std::string misuse(const Pin& pin) {
  return std::string(pin);
}
#endif
