// SPDX-License-Identifier: Apache-2.0
// Whether a PIN that is set would meet a policy, as far as that can be known without the PIN: its verifier
// says how long it is and whether it was a common pattern when it was set, the record when that was. What a
// history would say is not known, and needs not be: it binds new PINs only.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "pin/pin_policy.h"

namespace dialin {

struct PolicyFit {
  bool too_short = false;
  bool common_pattern = false;
  bool too_old =
      false;  // older than PINLifetime, though a later change of policy may have given it more time
  bool unknown = false;  // set by a version that did not record it, and not used since

  bool breaks() const { return too_short || common_pattern || too_old; }
};

PolicyFit fit_of(const PinPolicy& policy, const Secret& verifier, Timestamp changed_at, Timestamp now);

// "shorter than 6 digits, a common pattern"; empty if it meets the policy, or that is not known.
std::string describe(const PolicyFit& fit, const PinPolicy& policy);

}  // namespace dialin
