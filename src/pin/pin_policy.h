// SPDX-License-Identifier: Apache-2.0
// What a PIN must be: the properties of the original's PIN policy (New-CsPinPolicy), with its defaults and
// ranges. Which policy holds for whom: pin/policy_set.h; changing one: pin/policy_change.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pin/pin.h"

namespace dialin {

struct PinPolicy {
  static constexpr unsigned MostHistory = 20;
  static constexpr unsigned LongestLifetimeDays = 999;
  static constexpr unsigned MostLogonAttempts = 999;

  unsigned minimum_length = 5;         // MinPasswordLength, 4 to 24 digits
  unsigned history_count = 0;          // PINHistoryCount, 0 to 20; 0: any former PIN may come back
  bool allow_common_patterns = false;  // AllowCommonPatterns
  unsigned lifetime_days = 0;          // PINLifetime, 0 to 999; 0: for ever
  std::optional<unsigned>
      maximum_logon_attempts;        // MaximumLogonAttempts, 1 to 999; none: by the PIN's length
  bool change_at_first_use = false;  // ChangeAtFirstUse: a PIN that others set must be changed first

  bool operator==(const PinPolicy&) const = default;
};

// What a rule looks at besides the digits: the person's own telephone number and extension, digits only, may
// be empty.
struct PinOwnerNumbers {
  std::string number;     // 14255551297 for tel:+14255551297
  std::string extension;  // 51297 for ;ext=51297
};

enum class PinViolation {
  TooShort,       // shorter than the policy's minimum
  CommonPattern,  // one of the named patterns (pin/common_patterns.h)
};

// Every rule of `policy` that `pin` breaks; empty: allowed. History and uniqueness need hashes and stand
// elsewhere.
std::vector<PinViolation> check_pin(const Pin& pin, const PinPolicy& policy, const PinOwnerNumbers& owner);

// The violation in words that name no digit: "it is shorter than the 5 digits that the policy asks for".
std::string describe(PinViolation violation, const PinPolicy& policy);

}  // namespace dialin
