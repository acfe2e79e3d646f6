// SPDX-License-Identifier: Apache-2.0
// Random PINs: every allowed PIN of the wanted length is equally likely (digits drawn one by one without
// bias, the whole PIN drawn again while a rule refuses it).
#pragma once

#include "base/random_source.h"
#include "pin/pin.h"
#include "pin/pin_policy.h"

namespace dialin {

// `length` is raised to the policy's minimum and lowered to 24. Throws Error(Internal) if a thousand draws in
// a row are refused: a policy that leaves nothing.
Pin generate_pin(const PinPolicy& policy, unsigned length, const PinOwnerNumbers& owner,
                 RandomSource& random);

}  // namespace dialin
