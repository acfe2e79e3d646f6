// SPDX-License-Identifier: Apache-2.0
#include "welcome/set_pin.h"

#include <fmt/format.h>

#include "base/error.h"
#include "pin/pin_verifier.h"
#include "pin/policy_change.h"
#include "store/owner_numbers.h"
#include "welcome/pin_notice.h"
#include "welcome/welcome_values.h"

namespace dialin {
namespace {

constexpr int MaximumBeginnings = 20;
constexpr std::chrono::seconds WaitForDelivery{20};
constexpr std::chrono::milliseconds PollInterval{200};

}  // namespace

void refuse_locked_or_disabled(const Person& person, const PinRecord& record) {
  if (!person.enabled) {
    throw Error(ErrorCode::Precondition,
                fmt::format("PinNotEnabledForUser: {} is disabled and gets no PIN", person.sip_address.uri()),
                fmt::format("If that is wrong: dialin people enable {}", person.sip_address.address()));
  }
  if (record.lock) {
    throw Error(ErrorCode::Precondition,
                fmt::format("UserPinAccountLocked: the PIN of {} was locked by {} on {}{}",
                            person.sip_address.uri(), record.lock->by, to_rfc3339(record.lock->since),
                            record.lock->reason.empty() ? "" : fmt::format(" ({})", record.lock->reason)),
                fmt::format("If it may be used again: Unlock-CsClientPin -Identity {}",
                            person.sip_address.address()));
  }
}

PinSet set_pin(const WelcomeEnvironment& environment, const WelcomeSettings& settings, const Person& person,
               const Pin* wanted, HistoryRule history) {
  const SteadyTime give_up = environment.clock.steady_now() + WaitForDelivery;
  bool said = false;
  for (int beginning = 0; beginning < MaximumBeginnings;) {
    ChosenPin chosen = choose_pin(environment.store, person, wanted, settings, environment.random, history);
    refuse_locked_or_disabled(person, chosen.record);
    const PinPolicy policy = settings.policy_of(person);
    const Secret verifier = hash_pin(chosen.pin, settings.hash_cost, owner_numbers(person));
    const std::optional<PinNotice> notice = notice_of_set(person, settings);
    environment.checkpoints.reach("before-set");
    const SetPinResult result = environment.store.pins().set_pin(
        {
            .person = person.id,
            .expected_version = chosen.record.version,
            .sharers = chosen.sharers,
            .verifier = &verifier,
            .lifetime = pin_lifetime(policy),
            .history_count = policy.history_count,
            .ignores_history = history == HistoryRule::Ignored,
            .notice = notice ? &*notice : nullptr,
        },
        environment.by);
    switch (result.outcome) {
      case SetPinResult::Outcome::Set:
        return {std::move(chosen.pin), false, result.notice};
      case SetPinResult::Outcome::Replaced:
        return {std::move(chosen.pin), true, result.notice};
      case SetPinResult::Outcome::VersionChanged:
        ++beginning;
        break;
      case SetPinResult::Outcome::DeliveryInProgress:
        if (environment.interrupted()) {
          throw Error(ErrorCode::Interrupted, "stopped before the PIN was set",
                      "The former PIN stays valid.");
        }
        if (environment.clock.steady_now() >= give_up) {
          throw Error(ErrorCode::TryAgain,
                      fmt::format("the PIN of {} was not set: a welcome is being delivered, try again",
                                  person.sip_address.uri()),
                      "The former PIN stays valid.");
        }
        if (!said) environment.observer.say("A welcome of this person is being delivered: waiting for it.");
        said = true;
        environment.wait(PollInterval);
        break;
    }
  }
  throw Error(
      ErrorCode::TryAgain,
      fmt::format("the PIN of {} is being changed again and again by others", person.sip_address.uri()),
      "Nothing was changed. Try again in a moment.");
}

}  // namespace dialin
