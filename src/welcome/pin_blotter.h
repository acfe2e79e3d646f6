// SPDX-License-Identifier: Apache-2.0
// Takes PINs out of a server's words before they are shown or kept: a server may quote the message that it
// refuses.
#pragma once

#include <string>

#include "pin/pin.h"

namespace dialin {

// `words` with every occurrence of `pin` replaced, as digits and as base64 writes them, also where the text
// was cut in the middle of it.
std::string without_pin(std::string words, const Pin& pin);

}  // namespace dialin
