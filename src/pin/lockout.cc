// SPDX-License-Identifier: Apache-2.0
#include "pin/lockout.h"

namespace dialin {
namespace {

void begin_anew(LockoutState& state) {
  state.local = 0;
  state.window_began.reset();
  state.locked_until.reset();
  ++state.local_epoch;
}

AttemptPayment refused(std::optional<Timestamp> until) {
  AttemptPayment payment;
  payment.until = until;
  return payment;
}

// Whether the global payment is still among what was counted.
void give_back_global(LockoutState& state, const AttemptPayment& payment) {
  if (payment.global_epoch != state.global_epoch || state.global == 0) return;
  --state.global;
  state.globally_locked_since.reset();
}

}  // namespace

LockoutLimits lockout_limits(std::size_t pin_length, std::optional<unsigned> maximum_logon_attempts) {
  LockoutLimits limits = pin_length <= 4   ? LockoutLimits{10, 100}
                         : pin_length == 5 ? LockoutLimits{25, 1000}
                                           : LockoutLimits{25, 5000};
  if (maximum_logon_attempts) limits.local = *maximum_logon_attempts;
  return limits;
}

AttemptPayment pay_attempt(LockoutState& state, const LockoutLimits& limits, Timestamp now) {
  if (state.locked_until) {
    if (now < *state.locked_until && !state.globally_locked_since) return refused(state.locked_until);
    if (now >= *state.locked_until) begin_anew(state);
  } else if (state.window_began && now >= *state.window_began + LockoutWindow) {
    begin_anew(state);
  }
  // The limits may have become stricter since the last failure.
  if (!state.globally_locked_since && state.global >= limits.global) state.globally_locked_since = now;
  if (state.globally_locked_since) return refused(std::nullopt);
  if (state.local >= limits.local) {
    state.locked_until = now + LockoutTime;
    return refused(state.locked_until);
  }
  if (state.local == 0) state.window_began = now;
  ++state.local;
  ++state.global;
  AttemptPayment payment;
  payment.paid = true;
  payment.local_epoch = state.local_epoch;
  payment.global_epoch = state.global_epoch;
  if (state.local >= limits.local) state.locked_until = now + LockoutTime;
  if (state.global >= limits.global) state.globally_locked_since = now;
  payment.reached_limit = state.locked_until || state.globally_locked_since;
  return payment;
}

bool settle_attempt(LockoutState& state, const AttemptPayment& payment, AttemptEnd end) {
  if (!payment.paid) return false;
  const bool same_window = payment.local_epoch == state.local_epoch;
  switch (end) {
    case AttemptEnd::Wrong:
      return payment.reached_limit && (state.locked_until || state.globally_locked_since);
    case AttemptEnd::Right: {
      const bool after_failures = same_window && state.local > 1;
      give_back_global(state, payment);
      // Of another window or another PIN: what has been counted since then is not about this attempt.
      if (same_window) begin_anew(state);
      return after_failures;
    }
    case AttemptEnd::NotCounted:
      give_back_global(state, payment);
      if (same_window && state.local > 0) {
        --state.local;
        state.locked_until.reset();
        if (state.local == 0) state.window_began.reset();
      }
      return false;
  }
  return false;
}

void clear_lockout(LockoutState& state) {
  begin_anew(state);
  state.global = 0;
  state.globally_locked_since.reset();
  ++state.global_epoch;
}

}  // namespace dialin
