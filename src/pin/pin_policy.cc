// SPDX-License-Identifier: Apache-2.0
#include "pin/pin_policy.h"

#include <fmt/format.h>

#include "pin/common_patterns.h"

namespace dialin {

std::vector<PinViolation> check_pin(const Pin& pin, const PinPolicy& policy, const PinOwnerNumbers& owner) {
  std::vector<PinViolation> violations;
  if (pin.length() < policy.minimum_length) violations.push_back(PinViolation::TooShort);
  if (!policy.allow_common_patterns && is_common_pattern(pin.reveal(ClearPinAccess()), owner)) {
    violations.push_back(PinViolation::CommonPattern);
  }
  return violations;
}

std::string describe(PinViolation violation, const PinPolicy& policy) {
  switch (violation) {
    case PinViolation::TooShort:
      return fmt::format("it is shorter than the {} digits that the policy asks for", policy.minimum_length);
    case PinViolation::CommonPattern:
      return "it is one of the patterns that are easy to guess: repeated or consecutive digits, a date or "
             "year, a "
             "line on the keypad, the person's own number, or a very popular PIN";
  }
  return "it breaks a rule of the policy";
}

}  // namespace dialin
