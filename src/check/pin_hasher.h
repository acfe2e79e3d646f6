// SPDX-License-Identifier: Apache-2.0
// The slow hash of a check, as a port, so that a test counts instead of timing.
#pragma once

#include "pin/pin_verifier.h"

namespace dialin {

class PinHasher {
 public:
  virtual ~PinHasher() = default;
  // One hash.
  virtual bool matches(const Pin& pin, const Secret& verifier) = 0;
  // One hash for nothing, where there is nothing to compare with: it must not be told from matches().
  virtual void spend(const Pin& pin) = 0;
  // A new verifier, if `verifier` was made at another cost or says less of the PIN than it should. One hash
  // then.
  virtual std::optional<Secret> renewed(const Pin& pin, const Secret& verifier,
                                        const PinOwnerNumbers& owner) = 0;
};

class ArgonPinHasher final : public PinHasher {
 public:
  explicit ArgonPinHasher(const PinHashCost& cost) : cost_(cost) {}
  bool matches(const Pin& pin, const Secret& verifier) override { return verify_pin(pin, verifier); }
  void spend(const Pin& pin) override { hash_pin(pin, cost_); }
  std::optional<Secret> renewed(const Pin& pin, const Secret& verifier,
                                const PinOwnerNumbers& owner) override {
    if (!needs_rehash(verifier, cost_)) return std::nullopt;
    return hash_pin(pin, cost_, owner);
  }

 private:
  PinHashCost cost_;
};

}  // namespace dialin
