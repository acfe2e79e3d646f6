// SPDX-License-Identifier: Apache-2.0
#include "pin/pin_generator.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "pin/common_patterns.h"

namespace dialin {
namespace {

// Digits on their way into a Pin; wiped whichever way the function ends.
struct Draw {
  std::array<char, Pin::MaximumLength> digits{};
  ~Draw() { wipe(digits.data(), digits.size()); }
};

}  // namespace

Pin generate_pin(const PinPolicy& policy, unsigned length, const PinOwnerNumbers& owner,
                 RandomSource& random) {
  constexpr int MostDraws = 1000;
  const std::size_t wanted = std::min<std::size_t>(
      std::max({std::size_t{length}, std::size_t{policy.minimum_length}, Pin::MinimumLength}),
      Pin::MaximumLength);
  Draw draw;
  const std::string_view digits(draw.digits.data(), wanted);
  for (int i = 0; i < MostDraws; ++i) {
    // The whole PIN anew: changing only what a rule refused would make its neighbours likelier.
    for (std::size_t place = 0; place < wanted; ++place) {
      draw.digits[place] = static_cast<char>('0' + random.uniform(10));
    }
    if (!policy.allow_common_patterns && is_common_pattern(digits, owner)) continue;
    return std::move(*Pin::parse(digits));
  }
  throw Error(ErrorCode::Internal,
              "making a PIN: a thousand random ones in a row were refused by the policy");
}

}  // namespace dialin
