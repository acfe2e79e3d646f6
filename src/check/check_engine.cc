// SPDX-License-Identifier: Apache-2.0
#include "check/check_engine.h"

#include <algorithm>

#include "base/error.h"
#include "store/owner_numbers.h"

namespace dialin {
namespace {

constexpr int MostBeginnings = 20;

// What an administrator reads of one person, if the PIN is not theirs.
CheckWord word_of_wrong(const CheckCandidate& candidate, const AttemptPayment& payment) {
  if (!candidate.person.enabled) return CheckWord::PinNotEnabledForUser;
  if (!candidate.pin.verifier) return CheckWord::PinNotSet;
  if (candidate.pin.lock || !payment.paid) return CheckWord::UserPinAccountLocked;
  return CheckWord::IncorrectPin;
}

CheckWord word_of_right(const CheckCandidate& candidate, Timestamp now) {
  if (!candidate.person.enabled) return CheckWord::PinNotEnabledForUser;
  if (candidate.pin.lock) return CheckWord::UserPinAccountLocked;
  if (candidate.pin.expires_at && *candidate.pin.expires_at <= now) return CheckWord::PinExpired;
  return CheckWord::Success;
}

bool may_be_used(const CheckCandidate& candidate) {
  return candidate.person.enabled && !candidate.pin.lock;
}

}  // namespace

CheckRules rules_of(Store& store, std::size_t most_sharers) {
  return {.policy_of =
              [&store](const Person* person) {
                const PolicySet policies = store.policies().policies();
                return person != nullptr ? policies.of(person->site, person->pin_policy).policy
                                         : policies.of("", "").policy;
              },
          .most_sharers = most_sharers};
}

struct CheckEngine::Found {
  std::vector<CheckCandidate> candidates;
  std::vector<AttemptRequest> requests;  // one each, or one of nobody
  PaidAttempts paid;
  bool too_many = false;
};

LockoutLimits CheckEngine::limits_of(const CheckCandidate& candidate) const {
  const PinPolicy policy = rules_.policy_of(&candidate.person);
  std::optional<std::size_t> length;
  if (candidate.pin.verifier) length = pin_length_of(*candidate.pin.verifier);
  return lockout_limits(length.value_or(policy.minimum_length), policy.maximum_logon_attempts);
}

CheckEngine::Found CheckEngine::find_and_pay(const CheckedName& name) {
  LockoutStore& lockouts = store_.lockouts();
  for (int beginning = 0; beginning < MostBeginnings; ++beginning) {
    Found found;
    found.candidates = lockouts.candidates(name, rules_.most_sharers + 1);
    if (found.candidates.size() > rules_.most_sharers) {
      found.too_many = true;
      return found;
    }
    for (const CheckCandidate& candidate : found.candidates) {
      found.requests.push_back({.subject = {candidate.person.id, false},
                                .expected_version = candidate.pin.version,
                                .limits = limits_of(candidate)});
    }
    if (found.requests.empty()) {
      const PinPolicy policy = rules_.policy_of(nullptr);
      found.requests.push_back(
          {.subject = lockouts.nobody(name),
           .expected_version = 0,
           .limits = lockout_limits(policy.minimum_length, policy.maximum_logon_attempts)});
    }
    found.paid = lockouts.pay(found.requests);
    if (!found.paid.version_changed) return found;
  }
  throw Error(ErrorCode::Unavailable,
              "the PIN could not be checked: it is being changed again and again by others",
              "Try again in a moment.");
}

CheckAnswer CheckEngine::compare(Found& found, const Pin& pin, const CheckOrigin& origin, bool& right) {
  if (found.too_many) {
    store_.lockouts().settle({}, to_text(CheckWord::NonUniqueUser), origin, by_);
    return {CheckWord::NonUniqueUser, CheckWord::NonUniqueUser};
  }
  const auto paid = [](const AttemptPayment& payment) { return payment.paid; };
  const std::vector<AttemptPayment>& payments = found.paid.payments;
  const bool locked_out = std::none_of(payments.begin(), payments.end(), paid);

  std::vector<std::size_t> matching;
  for (std::size_t i = 0; i < payments.size() && !locked_out; ++i) {
    const bool comparable =
        payments[i].paid && i < found.candidates.size() && found.candidates[i].pin.verifier.has_value();
    if (!comparable) {
      hasher_.spend(pin);
    } else if (hasher_.matches(pin, *found.candidates[i].pin.verifier)) {
      matching.push_back(i);
    }
  }
  // Who cannot use the PIN stands in nobody's way who can.
  std::vector<std::size_t> usable;
  for (const std::size_t i : matching) {
    if (may_be_used(found.candidates[i])) usable.push_back(i);
  }
  if (!usable.empty()) matching = usable;
  right = !matching.empty();

  CheckAnswer answer;
  if (matching.size() > 1) {
    answer = {CheckWord::NonUniqueUser, CheckWord::NonUniqueUser};
  } else if (right) {
    answer.word = answer.told = word_of_right(found.candidates[matching[0]], found.paid.now);
  } else {
    answer.told = locked_out ? CheckWord::UserPinAccountLocked : CheckWord::IncorrectPin;
    answer.word = found.candidates.empty()       ? CheckWord::UserDoesNotExist
                  : found.candidates.size() == 1 ? word_of_wrong(found.candidates[0], payments[0])
                                                 : answer.told;
  }

  std::vector<AttemptOutcome> outcomes;
  for (std::size_t i = 0; i < payments.size(); ++i) {
    if (!payments[i].paid) continue;
    AttemptOutcome outcome{.subject = found.requests[i].subject, .payment = payments[i]};
    if (right) {
      const bool theirs = matching.size() == 1 && matching[0] == i;
      outcome.end = theirs && may_be_used(found.candidates[i]) ? AttemptEnd::Right : AttemptEnd::NotCounted;
      outcome.result = to_text(answer.word);
    } else {
      outcome.result = to_text(found.candidates.empty() ? CheckWord::UserDoesNotExist
                                                        : word_of_wrong(found.candidates[i], payments[i]));
    }
    outcomes.push_back(std::move(outcome));
  }
  store_.lockouts().settle(outcomes, to_text(answer.word), origin, by_);

  if (answer.word == CheckWord::Success || answer.word == CheckWord::PinExpired) {
    const CheckCandidate& person = found.candidates[matching[0]];
    if (const std::optional<Secret> verifier =
            hasher_.renewed(pin, *person.pin.verifier, owner_numbers(person.person)))
      store_.pins().replace_verifier(person.person.id, person.pin.version, *verifier);
  }
  return answer;
}

std::variant<CheckAnswer, CheckThrottled> CheckEngine::check(const CheckedName& name, const Pin& pin,
                                                             const CheckOrigin& origin) {
  const std::string& asker = origin.caller.empty() ? origin.address : origin.caller;
  if (throttle_ != nullptr) {
    if (const auto wait = throttle_->take(asker, 1)) return CheckThrottled{*wait};
  }
  bool right = false;
  const auto give_back = [&] {
    if (throttle_ != nullptr) throttle_->give_back(asker, 1);
  };
  try {
    Found found = find_and_pay(name);
    const CheckAnswer answer = compare(found, pin, origin, right);
    if (right) give_back();
    return answer;
  } catch (const Error&) {
    // Not the caller's failure: otherwise a store that is away would use up everybody's allowance.
    give_back();
    throw;
  }
}

}  // namespace dialin
