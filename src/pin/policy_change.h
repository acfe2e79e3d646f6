// SPDX-License-Identifier: Apache-2.0
// Changing a PIN policy: which values it may have, and what a change does to PINs that are set. Pure
// functions; the one place of these rules.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "pin/pin_policy.h"

namespace dialin {

// What an operator changes; everything else stays.
struct PinPolicyChanges {
  std::optional<std::string> description;
  std::optional<unsigned> minimum_length;
  std::optional<unsigned> history_count;
  std::optional<bool> allow_common_patterns;
  std::optional<unsigned> lifetime_days;
  std::optional<unsigned> maximum_logon_attempts;
  bool automatic_logon_attempts = false;  // MaximumLogonAttempts becomes empty
  std::optional<bool> change_at_first_use;

  bool empty() const;
};

PinPolicy changed(PinPolicy policy, const PinPolicyChanges& changes);

// Why there cannot be such a policy, in the words of New-CsPinPolicy's parameters: a value out of its range,
// or a lifetime without a history. Empty if there can.
std::string explain_bad_policy(const PinPolicy& policy);

// Whether a PIN that `before` allows may be refused by `after`. It binds the next change, never a PIN that is
// set.
bool is_stricter(const PinPolicy& after, const PinPolicy& before);

// A change of policy makes no PIN expire sooner than this after it.
inline constexpr std::chrono::hours ShortestNotice{14 * 24};

// When a PIN set at `changed_at`, which was to expire at `expires_at` (none: never), expires now that
// `policy` holds for it. One that must be changed at its first use (it expired when it was set) stays so.
// Asked again later, with the same policy, the answer is the same.
std::optional<Timestamp> expiry_under(const PinPolicy& policy, Timestamp changed_at,
                                      std::optional<Timestamp> expires_at, Timestamp now);

// How long a PIN that is set under `policy` is valid; nothing: for ever. None at all if it must be changed at
// its first use: such a PIN opens the form that changes it and no conference, which is what an expired one
// does.
std::optional<std::chrono::seconds> pin_lifetime(const PinPolicy& policy);

}  // namespace dialin
