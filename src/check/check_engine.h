// SPDX-License-Identifier: Apache-2.0
// Is this PIN right? One question, asked by a telephone system or an administrator.
//
// The attempt is paid for, by everybody who is meant, before the PIN is compared (pin/lockout.h). Whoever has
// the number costs one hash, and nobody at all costs one, so the number of hashes does not tell a wrong PIN
// from an unknown person or a person without PIN; nor does a lockout, because a name that belongs to nobody
// locks out as well. All else is told to the telephone system only with the right PIN.
//
// One thread at a time, like its store; the throttle is shared.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/operator.h"
#include "check/check_throttle.h"
#include "check/check_word.h"
#include "check/pin_hasher.h"
#include "pin/pin_policy.h"
#include "store/store.h"

namespace dialin {

struct CheckAnswer {
  CheckWord word = CheckWord::IncorrectPin;  // for an administrator: everything that is known
  CheckWord told = CheckWord::IncorrectPin;  // for a telephone system, and so for whoever calls
};

// An allowance is used up: nothing was looked at, and no attempt counted.
struct CheckThrottled {
  std::chrono::seconds retry_after{1};
};

struct CheckRules {
  // Of a person, and (null) of nobody.
  std::function<PinPolicy(const Person*)> policy_of = [](const Person*) { return PinPolicy(); };
  // More people than that with one number: NonUniqueUser, and no hash.
  std::size_t most_sharers = 8;
};

// The policies are asked of `store`, which outlives the rules, at each check: a change holds from the next
// one on.
CheckRules rules_of(Store& store, std::size_t most_sharers);

class CheckEngine {
 public:
  // `throttle` null: an administrator's command. All outlive the engine.
  CheckEngine(Store& store, PinHasher& hasher, CheckRules rules, CheckThrottle* throttle, Operator by)
      : store_(store), hasher_(hasher), rules_(std::move(rules)), throttle_(throttle), by_(std::move(by)) {}

  // Error(Unavailable): it could not be found out. An attempt that was paid for then stays paid for.
  std::variant<CheckAnswer, CheckThrottled> check(const CheckedName& name, const Pin& pin,
                                                  const CheckOrigin& origin);

 private:
  struct Found;
  Found find_and_pay(const CheckedName& name);
  CheckAnswer compare(Found& found, const Pin& pin, const CheckOrigin& origin, bool& right);
  LockoutLimits limits_of(const CheckCandidate& candidate) const;

  Store& store_;
  PinHasher& hasher_;
  const CheckRules rules_;
  CheckThrottle* throttle_;
  const Operator by_;
};

}  // namespace dialin
