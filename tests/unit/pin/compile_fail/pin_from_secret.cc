// SPDX-License-Identifier: Apache-2.0
// A Secret does not become a Pin unchecked.
#include "pin/pin.h"

using namespace dialin;

std::optional<Pin> allowed(const Secret& text) {
  return Pin::parse(text.reveal(ClearSecretAccess()));
}
#ifdef MISUSE
Pin misuse(Secret text) {
  return Pin(std::move(text));
}
#endif
