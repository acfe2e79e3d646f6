// SPDX-License-Identifier: Apache-2.0
// A Pin cannot be formatted.
#include <fmt/format.h>

#include "pin/pin.h"

using namespace dialin;

std::string allowed(const Pin& pin) {
  return fmt::format("{}", pin.length());
}
#ifdef MISUSE
std::string misuse(const Pin& pin) {
  return fmt::format("{}", pin);
}
#endif
