// SPDX-License-Identifier: Apache-2.0
#include "pin/pin.h"

#include <algorithm>

namespace dialin {

std::optional<Pin> Pin::parse(std::string_view digits) {
  if (digits.size() < MinimumLength || digits.size() > MaximumLength) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  return Pin(Secret(digits));
}

}  // namespace dialin
