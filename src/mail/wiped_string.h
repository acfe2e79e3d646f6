// SPDX-License-Identifier: Apache-2.0
// A string for text with a PIN in it while it is being put together. (Text of fewer than 16 octets lies
// inside the object and is not wiped.)
#pragma once

#include <string>

#include "base/wiping_allocator.h"

namespace dialin {

using WipedString = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace dialin
