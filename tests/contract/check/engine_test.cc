// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "contract/check/check_test.h"
#include "support/fault_injecting_store.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Checks : public CheckTest {
 protected:
  std::int64_t lines(const std::string& event) {
    return number("SELECT COUNT(*) FROM audit WHERE event = :event", {{"event", event}});
  }
};
DIALIN_ON_BOTH_STORES(Checks);

TEST_P(Checks, APersonIsNamedByNumberExtensionOrSipAddress) {
  person("bob", "73519", "tel:+14255551297;ext=51297");
  person("eva", "73519", "tel:+14255551298");
  for (const char* who :
       {"tel:+14255551297;ext=51297", "51297", "sip:bob@contoso.com", "BOB@contoso.com", " 51297 "})
    EXPECT_EQ(word(who, "73519"), CheckWord::Success) << who;
  EXPECT_EQ(word("+1 (425) 555-1298", "73519"), CheckWord::Success);
  // The digits at a number's end are no extension, and a number without its extension is another number.
  for (const char* who : {"14255551298", "+14255551297", "1297", "eva@fabrikam.com"})
    EXPECT_EQ(word(who, "73519"), CheckWord::UserDoesNotExist) << who;
}

TEST_P(Checks, EveryWordStandsForItsState) {
  const PersonId bob = person("bob", "", "tel:+14255551297");
  EXPECT_EQ(word("bob@contoso.com", "73519"), CheckWord::PinNotSet);
  set_digits(bob, "73519");
  EXPECT_EQ(word("bob@contoso.com", "73519"), CheckWord::Success);
  EXPECT_EQ(word("bob@contoso.com", "73510"), CheckWord::IncorrectPin);
  pins().lock(bob, "lost telephone", marco_);
  EXPECT_EQ(word("bob@contoso.com", "73519"), CheckWord::UserPinAccountLocked);
  EXPECT_EQ(word("bob@contoso.com", "73510"), CheckWord::UserPinAccountLocked);
  pins().unlock(bob, marco_);
  tables().execute("UPDATE pins SET expires_at = changed_at - 1");
  EXPECT_EQ(word("bob@contoso.com", "73519"), CheckWord::PinExpired);
  EXPECT_EQ(word("bob@contoso.com", "73510"), CheckWord::IncorrectPin);
  people().disable(bob, marco_);
  EXPECT_EQ(word("bob@contoso.com", "73519"), CheckWord::PinNotEnabledForUser);
}

TEST_P(Checks, WhoDoesNotKnowThePinLearnsNothingButThat) {
  const PersonId locked = person("locked"), disabled = person("disabled"), expired = person("expired");
  person("none", "");
  person("bob");
  pins().lock(locked, "lost telephone", marco_);
  people().disable(disabled, marco_);
  tables().execute("UPDATE pins SET expires_at = changed_at - 1 WHERE person = :id", {{"id", expired}});
  for (const char* who : {"bob", "none", "nobody", "locked", "disabled", "expired"}) {
    const std::string address = std::string(who) + "@contoso.com";
    EXPECT_EQ(hashes([&] { EXPECT_EQ(told(address, "73510"), CheckWord::IncorrectPin) << who; }), 1) << who;
  }
  // Nor by locking out: nobody's name does too, after as many.
  for (const char* who : {"bob", "none", "nobody", "locked", "disabled", "expired"}) {
    const std::string address = std::string(who) + "@contoso.com";
    for (int i = 1; i < 25; ++i) EXPECT_EQ(told(address, "73510"), CheckWord::IncorrectPin) << who << i;
    EXPECT_EQ(hashes([&] { EXPECT_EQ(told(address, "73519"), CheckWord::UserPinAccountLocked) << who; }), 0);
  }
  // With the right PIN more is told.
  let_pass(minutes(61));
  EXPECT_EQ(told("locked@contoso.com", "73519"), CheckWord::UserPinAccountLocked);
  EXPECT_EQ(told("disabled@contoso.com", "73519"), CheckWord::PinNotEnabledForUser);
  EXPECT_EQ(told("expired@contoso.com", "73519"), CheckWord::PinExpired);
  EXPECT_EQ(told("bob@contoso.com", "73519"), CheckWord::Success);
}

TEST_P(Checks, WhatBelongsToNobodyIsNotKept) {
  told("73519", "11223");
  told("+14255550123", "11223");
  for (const SqlRow& row : tables().rows("SELECT subject FROM lockouts", 1)) {
    EXPECT_EQ(row.text(0).find("73519"), std::string::npos);
    EXPECT_EQ(row.text(0).find("4255550123"), std::string::npos);
  }
  EXPECT_EQ(number("SELECT COUNT(*) FROM lockouts"), 2);
  // And goes away in time, when another comes.
  let_pass(hours(24 * 31));
  told("11111", "11223");
  EXPECT_EQ(number("SELECT COUNT(*) FROM lockouts"), 1);
}

TEST_P(Checks, TheLimitsFollowTheLengthOfThePinAndThePolicy) {
  struct Case {
    const char* who;
    const char* digits;
    int local;
  };
  for (const Case& c : {Case{"four", "7351", 10}, Case{"five", "73519", 25}, Case{"six", "735196", 25}}) {
    person(c.who, c.digits);
    const std::string address = std::string(c.who) + "@contoso.com";
    for (int i = 0; i < c.local; ++i) EXPECT_EQ(told(address, "00000"), CheckWord::IncorrectPin) << i;
    EXPECT_EQ(told(address, c.digits), CheckWord::UserPinAccountLocked) << c.who;
  }
  rules_.policy_of = [](const Person*) { return PinPolicy{.maximum_logon_attempts = 3}; };
  const PersonId strict = person("strict");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(told("strict@contoso.com", "00000"), CheckWord::IncorrectPin);
  EXPECT_EQ(told("strict@contoso.com", "73519"), CheckWord::UserPinAccountLocked);
  const FailureCounts counts = pins().pin_of(strict).failures;
  EXPECT_TRUE(counts.locked_out);
  EXPECT_TRUE(counts.locked_out_until);
  EXPECT_EQ(counts.local, 3u);
  EXPECT_EQ(counts.global, 3u);
}

TEST_P(Checks, ALockoutEndsByTimeByUnlockAndByANewPin) {
  rules_.policy_of = [](const Person*) { return PinPolicy{.maximum_logon_attempts = 2}; };
  const PersonId bob = person("bob");
  const auto lock_out = [&] {
    for (int i = 0; i < 2; ++i) told("bob@contoso.com", "00000");
    ASSERT_EQ(told("bob@contoso.com", "73519"), CheckWord::UserPinAccountLocked);
  };
  lock_out();
  let_pass(minutes(59));
  EXPECT_EQ(told("bob@contoso.com", "73519"), CheckWord::UserPinAccountLocked);
  let_pass(minutes(2));
  EXPECT_FALSE(pins().pin_of(bob).failures.locked_out);
  EXPECT_EQ(told("bob@contoso.com", "73519"), CheckWord::Success);
  EXPECT_EQ(pins().pin_of(bob).failures.global, 2u);
  lock_out();
  EXPECT_TRUE(pins().unlock(bob, marco_));
  EXPECT_FALSE(pins().unlock(bob, marco_));
  EXPECT_EQ(pins().pin_of(bob).failures.global, 0u);
  EXPECT_EQ(told("bob@contoso.com", "73519"), CheckWord::Success);
  lock_out();
  set_digits(bob, "73520");
  EXPECT_EQ(told("bob@contoso.com", "73520"), CheckWord::Success);
  EXPECT_EQ(pins().pin_of(bob).failures.global, 0u);
}

TEST_P(Checks, AnActivatedWelcomeEndsALockoutAndLeavesADeliberateLock) {
  rules_.policy_of = [](const Person*) { return PinPolicy{.maximum_logon_attempts = 1}; };
  const PersonId bob = person("bob");
  told("bob@contoso.com", "00000");
  EXPECT_TRUE(pins().pin_of(bob).failures.locked_out);
  EXPECT_THAT(pins().people_with(PinCondition::Locked), testing::ElementsAre(bob));
  const WelcomeId id = issue(bob);
  record(id, claim(id).claim_id, AttemptRecord::End::Accepted);
  EXPECT_FALSE(pins().pin_of(bob).failures.locked_out);
  EXPECT_THAT(pins().people_with(PinCondition::Locked), testing::IsEmpty());
}

TEST_P(Checks, AChangeOfPolicyHoldsFromTheNextCheckOn) {
  rules_ = rules_of(store(), 8);
  person("bob");
  EXPECT_EQ(told("bob@contoso.com", "00000"), CheckWord::IncorrectPin);
  EXPECT_EQ(told("nobody@contoso.com", "00000"), CheckWord::IncorrectPin);
  store().policies().change({}, {.maximum_logon_attempts = 1}, ImportMode::Apply, marco_);
  EXPECT_EQ(told("bob@contoso.com", "73519"), CheckWord::UserPinAccountLocked);
  EXPECT_EQ(told("nobody@contoso.com", "00000"), CheckWord::UserPinAccountLocked);
}

TEST_P(Checks, APinThatMustBeChangedAtItsFirstUseOpensNoConference) {
  person("bob", "73519", {}, std::chrono::seconds(0));
  EXPECT_EQ(told("bob@contoso.com", "73519"), CheckWord::PinExpired);
  EXPECT_EQ(told("bob@contoso.com", "00000"), CheckWord::IncorrectPin);
}

TEST_P(Checks, FailuresLockoutsAndASuccessAfterThemAreAudited) {
  rules_.policy_of = [](const Person*) { return PinPolicy{.maximum_logon_attempts = 3}; };
  person("bob");
  told("bob@contoso.com", "73519");
  EXPECT_EQ(lines("pin-check-succeeded"), 0);
  told("bob@contoso.com", "00000");
  told("bob@contoso.com", "73519");
  EXPECT_EQ(lines("pin-check-failed"), 1);
  EXPECT_EQ(lines("pin-check-succeeded"), 1);
  for (int i = 0; i < 5; ++i) told("bob@contoso.com", "00000");
  EXPECT_EQ(lines("pin-check-failed"), 4);
  EXPECT_EQ(lines("pin-locked-out"), 1);
  told("nobody@contoso.com", "00000");
  EXPECT_EQ(text("SELECT person FROM audit ORDER BY number DESC LIMIT 1"), "");
  for (const SqlRow& row : tables().rows("SELECT detail FROM audit", 1)) {
    EXPECT_EQ(row.text(0).find("00000"), std::string::npos);
    EXPECT_EQ(row.text(0).find("4255550199"), std::string::npos);  // by an id, so that it can be erased
  }
  EXPECT_EQ(text("SELECT name FROM audit_names WHERE kind = 'address' AND person <> ''"), "+14255550199");
}

TEST_P(Checks, ARightCheckRenewsAVerifierOfAnotherCostAndNothingElse) {
  const PersonId bob = person("bob");
  const Secret costly = hash_pin(pin("73519"), {16, 2});
  pins().replace_verifier(bob, version_of(bob), costly);
  const std::int64_t version = version_of(bob);
  told("bob@contoso.com", "73510");
  EXPECT_EQ(hasher_.renewals, 0);
  EXPECT_EQ(told("bob@contoso.com", "73519"), CheckWord::Success);
  EXPECT_EQ(told("bob@contoso.com", "73519"), CheckWord::Success);
  EXPECT_EQ(hasher_.renewals, 1);
  EXPECT_FALSE(needs_rehash(*pins().pin_of(bob).verifier, {8, 1}));
  EXPECT_EQ(version_of(bob), version);
}

TEST_P(Checks, AStoreThatCannotBeAskedIsNoWrongPinAtAnyStep) {
  person("bob");
  for (int call = 1; call <= 3; ++call) {
    FaultInjectingStore faulty(open());
    CheckThrottle throttle({.caller_failures = 1, .system_failures = 1}, clock_);
    CheckEngine engine(faulty, hasher_, rules_, &throttle, marco_);
    faulty.plan.fail_at(call, Fault::NotDone);
    try {
      engine.check(name("bob@contoso.com"), pin("73519"), origin_);
      ADD_FAILURE() << "answered, call " << call;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Unavailable);
    }
    // Nobody's allowance is used up by it.
    EXPECT_EQ(std::get<CheckAnswer>(engine.check(name("bob@contoso.com"), pin("73519"), origin_)).told,
              CheckWord::Success);
  }
}

TEST_P(Checks, AThrottledCallerIsNotAnsweredAndNobodyPays) {
  const PersonId bob = person("bob"), eva = person("eva");
  CheckThrottle throttle({.caller_failures = 2, .system_failures = 3}, clock_);
  CheckEngine engine(store(), hasher_, rules_, &throttle, marco_);
  const auto throttled = [&](const std::string& who, const std::string& digits, const std::string& caller) {
    return std::holds_alternative<CheckThrottled>(
        engine.check(name(who), pin(digits), {.caller = caller, .address = "192.0.2.7"}));
  };
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(throttled("bob@contoso.com", "73519", "+1001"));
  EXPECT_FALSE(throttled("bob@contoso.com", "00000", "+1001"));
  EXPECT_FALSE(throttled("eva@contoso.com", "00000", "+1001"));
  EXPECT_EQ(hashes([&] { EXPECT_TRUE(throttled("bob@contoso.com", "73519", "+1001")); }), 0);
  EXPECT_EQ(pins().pin_of(bob).failures.global, 1u);
  // Another caller is not concerned, until the whole system is.
  EXPECT_FALSE(throttled("eva@contoso.com", "73519", "+1002"));
  EXPECT_FALSE(throttled("eva@contoso.com", "00000", "+1002"));
  EXPECT_TRUE(throttled("eva@contoso.com", "73519", "+1003"));
  EXPECT_EQ(pins().pin_of(eva).failures.global, 2u);
  clock_.advance(hours(1));
  EXPECT_FALSE(throttled("eva@contoso.com", "73519", "+1001"));
}

}  // namespace
}  // namespace dialin::test
