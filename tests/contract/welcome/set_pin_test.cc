// SPDX-License-Identifier: Apache-2.0
// Set-CsClientPin and Test-CsClientPin.
#include "welcome/set_pin.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "contract/welcome/welcome_test.h"
#include "pin/pin_verifier.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::ThrowsMessage;

class SettingPins : public WelcomeTest {};
DIALIN_ON_BOTH_STORES(SettingPins);

TEST_P(SettingPins, ANamedOneAndARandomOneTakeEffectAtOnce) {
  const Person bob = person("bob");
  Process process(*this);
  const Pin wanted = pin("383042650");
  const PinSet first = process.set_pin(bob, &wanted);
  EXPECT_FALSE(first.replaced);
  EXPECT_TRUE(first.pin.same_as(wanted));
  EXPECT_TRUE(is_valid(bob, "383042650"));
  const PinSet second = process.set_pin(bob, nullptr);
  EXPECT_TRUE(second.replaced);
  EXPECT_EQ(second.pin.length(), 5u);
  EXPECT_TRUE(verify_pin(second.pin, *pins().pin_of(bob.id).verifier));
  EXPECT_TRUE(server_.sessions.empty());
}

TEST_P(SettingPins, RefusesWhatThePolicyOrTheStateOfThePersonForbids) {
  Process process(*this);
  const Pin bad = pin("11111"), good = pin("73519");
  const Person bob = person("bob");
  EXPECT_THAT([&] { process.set_pin(bob, &bad); },
              ThrowsMessage<Error>(HasSubstr("PinDoesNotMeetMinimumRequirements")));
  set_lock(bob);
  EXPECT_THAT([&] { process.set_pin(bob, &good); }, ThrowsMessage<Error>(HasSubstr("UserPinAccountLocked")));
  const Person anna = person("anna");
  people().disable(anna.id, marco_);
  EXPECT_THAT([&] { process.set_pin(again(anna), &good); },
              ThrowsMessage<Error>(HasSubstr("PinNotEnabledForUser")));
  EXPECT_FALSE(has_pin(bob));
}

TEST_P(SettingPins, SharersOfANumberHaveDifferentOnesAlsoThoseThatWait) {
  const Person bob = person("bob", "tel:+14255550123"), anna = person("anna", "tel:+14255550123");
  set_pin_to(bob, "73519");
  EXPECT_THAT([&] { set_pin_to(anna, "73519"); }, ThrowsMessage<Error>(HasSubstr("PinNotUnique")));
  server_.answer(deferred_recipient());
  welcome(bob, [](WelcomeRequest& r) {
    r.force = true;
    r.pin = pin("86204");
  });
  EXPECT_THAT([&] { set_pin_to(anna, "86204"); }, ThrowsMessage<Error>(HasSubstr("PinNotUnique")));
  EXPECT_THAT([&] { welcome(anna, [](WelcomeRequest& r) { r.pin = pin("86204"); }); },
              ThrowsMessage<Error>(HasSubstr("PinNotUnique")));
}

TEST_P(SettingPins, ASharerThatTakesItMeanwhileIsNoticed) {
  const Person bob = person("bob", "tel:+14255550123"), anna = person("anna", "tel:+14255550123");
  Process process(*this);
  process.checkpoints.also = [&](std::string_view name) {
    if (name == "before-set") set_pin_to(anna, "73519");
  };
  const Pin wanted = pin("73519");
  EXPECT_THAT([&] { process.set_pin(bob, &wanted); }, ThrowsMessage<Error>(HasSubstr("PinNotUnique")));
  EXPECT_FALSE(has_pin(bob));
}

TEST_P(SettingPins, ASharerThatTakesItMeanwhileIsNoticedByAWelcomeToo) {
  const Person bob = person("bob", "tel:+14255550123"), anna = person("anna", "tel:+14255550123");
  Process process(*this);
  process.checkpoints.also = [&](std::string_view name) {
    if (name == "before-issue" && !has_pin(anna)) set_pin_to(anna, "73519");
  };
  WelcomeRequest typed = request(bob);
  typed.pin = pin("73519");
  rehash(typed);
  EXPECT_THAT([&] { process.run(std::move(typed)); }, ThrowsMessage<Error>(HasSubstr("PinNotUnique")));
  EXPECT_TRUE(server_.arrived.empty());
}

TEST_P(SettingPins, BeginsAgainWhenSomethingElseIsDecidedMeanwhile) {
  const Person bob = person("bob");
  Process process(*this);
  int times = 0;
  process.checkpoints.also = [&](std::string_view name) {
    if (name == "before-set" && ++times == 1) set_pin_to(bob, "86204");
  };
  const Pin wanted = pin("73519");
  EXPECT_TRUE(process.set_pin(bob, &wanted).replaced);
  EXPECT_EQ(times, 2);
  EXPECT_TRUE(is_valid(bob, "73519"));
}

TEST_P(SettingPins, GivesUpWhenOthersDecideAgainAndAgain) {
  const Person bob = person("bob");
  Process process(*this);
  process.checkpoints.also = [&](std::string_view name) {
    if (name == "before-set") StoreTest::set_pin(bob.id);
  };
  const Pin wanted = pin("73519");
  EXPECT_THAT([&] { process.set_pin(bob, &wanted); }, ThrowsMessage<Error>(HasSubstr("again and again")));
}

TEST_P(SettingPins, WaitsTwentySecondsForADeliveryAndThenSaysTryAgain) {
  const Person bob = person("bob");
  server_.content_written = [&](const OutgoingMessage&) {
    server_.content_written = nullptr;
    Process process(*this);
    const SteadyTime before = clock_.steady_now();
    const Pin wanted = pin("73519");
    try {
      process.set_pin(bob, &wanted);
      FAIL() << "was set during a delivery";
    } catch (const Error& error) {
      EXPECT_EQ(exit_code(error.code()), 75);
      EXPECT_THAT(error.what(), HasSubstr("a welcome is being delivered, try again"));
    }
    EXPECT_GE(clock_.steady_now() - before, seconds(20));
    EXPECT_LT(clock_.steady_now() - before, seconds(22));
    EXPECT_EQ(process.said.size(), 1u);
  };
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(SettingPins, SetsWhenTheDeliveryIsOver) {
  const Person bob = person("bob");
  const WelcomeId id = StoreTest::issue(bob.id, "73519");
  const ClaimedWelcome claimed = claim(id);
  Process process(*this);
  process.waiting = [&](std::chrono::milliseconds) {
    if (latest(bob).state == WelcomeState::Sending)
      record(id, claimed.claim_id, AttemptRecord::End::Deferred);
  };
  const Pin wanted = pin("86204");
  process.set_pin(bob, &wanted);
  EXPECT_TRUE(is_valid(bob, "86204"));
  EXPECT_EQ(latest(bob).state, WelcomeState::Superseded);
}

TEST_P(SettingPins, CtrlCEndsTheWaiting) {
  const Person bob = person("bob");
  claim(StoreTest::issue(bob.id, "73519"));
  Process process(*this);
  process.waiting = [&](std::chrono::milliseconds) { process.interrupted = true; };
  try {
    process.set_pin(bob, nullptr);
    FAIL() << "was set during a delivery";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Interrupted);
  }
}

TEST_P(SettingPins, TheHistoryAndTheLifetimeOfThePolicyAreWritten) {
  settings_.policy_of = [](const Person&) { return PinPolicy{.history_count = 3, .lifetime_days = 90}; };
  const Person bob = person("bob");
  for (const char* digits : {"73519", "86204", "97315", "40628"}) set_pin_to(bob, digits);
  const PinRecord record = pins().pin_of(bob.id);
  ASSERT_TRUE(record.expires_at);
  EXPECT_EQ(*record.expires_at - *record.changed_at, hours(90 * 24));
  EXPECT_EQ(number("SELECT COUNT(*) FROM pin_history WHERE person = :p", {{"p", bob.id}}), 3);
}

}  // namespace
}  // namespace dialin::test
