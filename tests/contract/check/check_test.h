// SPDX-License-Identifier: Apache-2.0
// What the tests of the check engine stand on: people with PINs in a store of each kind, and a hash that
// counts.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "check/check_engine.h"
#include "check/checked_name.h"
#include "contract/store/store_test.h"

namespace dialin::test {

// The cheapest hash that there is, counted. Any thread.
class CountingHasher final : public PinHasher {
 public:
  bool matches(const Pin& pin, const Secret& verifier) override {
    ++count;
    return cheap_.matches(pin, verifier);
  }
  void spend(const Pin& pin) override {
    ++count;
    cheap_.spend(pin);
  }
  std::optional<Secret> renewed(const Pin& pin, const Secret& verifier,
                                const PinOwnerNumbers& owner) override {
    std::optional<Secret> verifier_now = cheap_.renewed(pin, verifier, owner);
    if (verifier_now) ++renewals;
    return verifier_now;
  }
  std::atomic<int> count = 0;
  std::atomic<int> renewals = 0;

 private:
  ArgonPinHasher cheap_{{8, 1}};
};

class CheckTest : public StoreTest {
 protected:
  // A person whose PIN is `digits`; empty: none.
  PersonId person(const std::string& name, const std::string& digits = "73519", const std::string& line = {},
                  std::optional<std::chrono::seconds> lifetime = {});
  void set_digits(const PersonId& id, const std::string& digits,
                  std::optional<std::chrono::seconds> lifetime = {});

  CheckAnswer answer(const std::string& who, const std::string& digits);
  // The word for an administrator, and the one for a telephone system.
  CheckWord word(const std::string& who, const std::string& digits) { return answer(who, digits).word; }
  CheckWord told(const std::string& who, const std::string& digits) { return answer(who, digits).told; }
  // How many hashes `body` costs.
  template <class Body>
  int hashes(Body body) {
    const int before = hasher_.count;
    body();
    return hasher_.count - before;
  }
  static CheckedName name(const std::string& text) { return parse_checked_name(text).value(); }

  CountingHasher hasher_;
  CheckRules rules_;
  CheckThrottle* throttle_ = nullptr;
  CheckOrigin origin_{.caller = "+14255550199", .address = "192.0.2.7"};
};

}  // namespace dialin::test
