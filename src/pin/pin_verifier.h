// SPDX-License-Identifier: Apache-2.0
// The verifier of a PIN: Argon2id (RFC 9106) in PHC string format, through libsodium.
// Slow on purpose: about 8 ms with the default cost. The store encrypts it once more under a key that lies
// outside the database, because a short PIN cannot be protected by a hash alone (doc/security.md).
// Any thread; a hash takes `memory_kib` of memory while it runs.
#pragma once

#include <cstddef>
#include <optional>

#include "base/secret.h"
#include "pin/pin.h"
#include "pin/pin_policy.h"

namespace dialin {

struct PinHashCost {
  unsigned memory_kib = 7168;  // 8 is the least that libsodium takes
  unsigned passes = 5;         // 1 is the least
};

// "$argon2id$v=19$m=7168,t=5,p=1,l=05,c=0$..."; l is the PIN's length, on which the limits of its lockout
// depend, c whether it was a common pattern when it was set, with the numbers of its `owner`: so it can be
// told later whether it meets another policy (pin/policy_fit.h). Verifiers without them are read too.
Secret hash_pin(const Pin& pin, const PinHashCost& cost, const PinOwnerNumbers& owner = {});

// Whether `pin` is the one that `verifier` was made from. Throws Error(Internal) if there is no memory for
// it, or `verifier` is not such a string: never false for "could not find out".
bool verify_pin(const Pin& pin, const Secret& verifier);

// Whether `verifier` was made with another cost, or says less of the PIN than hash_pin() writes now, so that
// a right check should write a new one.
bool needs_rehash(const Secret& verifier, const PinHashCost& cost);

// How many digits the PIN has; nothing if `verifier` does not say.
std::optional<std::size_t> pin_length_of(const Secret& verifier);

// Whether the PIN was a common pattern when it was set; nothing if `verifier` does not say.
std::optional<bool> was_common_pattern(const Secret& verifier);

}  // namespace dialin
