// SPDX-License-Identifier: Apache-2.0
// Lockout by failures: the original's two counters, as rules on values. Who keeps the values, and sees to it
// that two attempts never read the same ones, is the store (store/lockout_store.h).
//
// Local: a window of 30 minutes begins with the first failure; reaching the limit in it refuses every PIN,
// the right one too, for one hour, and then begins anew. Success begins anew. Global: counts every failure
// and is reset by an administrator's unlock, or a new PIN, only; reaching its limit refuses every PIN until
// then.
//
// An attempt is paid for as a failure before the PIN is compared, and settled afterwards: so of any number of
// guesses at the same instant no more are compared than the limits allow, and a process that dies in between
// has spent an attempt and won nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace dialin {

inline constexpr std::chrono::minutes LockoutWindow{30};
inline constexpr std::chrono::hours LockoutTime{1};

struct LockoutLimits {
  unsigned local = 0;
  unsigned global = 0;
  bool operator==(const LockoutLimits&) const = default;
};

// Local and global by the length of the PIN: 4 digits 10 and 100, 5 digits 25 and 1000, more 25 and 5000 (the
// documents leave out 6). `maximum_logon_attempts`, MaximumLogonAttempts of the policy, replaces the local
// one.
LockoutLimits lockout_limits(std::size_t pin_length, std::optional<unsigned> maximum_logon_attempts);

struct LockoutState {
  unsigned local = 0;
  // Raised whenever the local counter begins anew, so that a payment of before is not given back out of it.
  std::int64_t local_epoch = 0;
  std::optional<Timestamp> window_began;
  std::optional<Timestamp> locked_until;
  unsigned global = 0;
  std::int64_t global_epoch = 0;
  std::optional<Timestamp> globally_locked_since;
  bool operator==(const LockoutState&) const = default;

  // Refused now, whatever the PIN.
  bool locked_out(Timestamp now) const {
    return globally_locked_since.has_value() || (locked_until && now < *locked_until);
  }
};

struct AttemptPayment {
  bool paid = false;               // false: locked out, and nothing may be compared
  std::optional<Timestamp> until;  // not paid: when it ends; none: when an administrator unlocks it
  bool reached_limit = false;      // paid, and the last one that was allowed: wrong, it locks
  std::int64_t local_epoch = 0;
  std::int64_t global_epoch = 0;
};

AttemptPayment pay_attempt(LockoutState& state, const LockoutLimits& limits, Timestamp now);

enum class AttemptEnd {
  Wrong,       // the payment stays
  Right,       // the payment comes back, and the local counter begins anew
  NotCounted,  // the payment comes back: the PIN was somebody else's who shares the number
};

// True: the attempt was right after failures of the same window, or wrong and has locked the PIN out.
bool settle_attempt(LockoutState& state, const AttemptPayment& payment, AttemptEnd end);

// An administrator unlocked it, or another PIN was set.
void clear_lockout(LockoutState& state);

}  // namespace dialin
