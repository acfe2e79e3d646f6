// SPDX-License-Identifier: Apache-2.0
// Text does not become a Pin unseen and unchecked.
#include "pin/pin.h"

using namespace dialin;

std::optional<Pin> allowed() {
  return Pin::parse("18723834");
}
#ifdef MISUSE
Pin misuse() {
  return Pin("18723834");
}
#endif
