// SPDX-License-Identifier: Apache-2.0
#include "welcome/choose_pin.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "pin/pin_verifier.h"
#include "store/owner_numbers.h"
#include "support/fake_random.h"
#include "unit/welcome/fake_store.h"

namespace dialin::test {
namespace {

constexpr PinHashCost kCheap{.memory_kib = 8, .passes = 1};

Pin pin(const std::string& digits) {
  return std::move(Pin::parse(digits).value());
}

class ChoosePinTest : public testing::Test {
 protected:
  ChoosePinTest() {
    settings_.hash_cost = kCheap;
    person_.line_uri = PhoneNumber::parse("tel:+14255551297;ext=51297");
  }

  ChosenPin choose(const std::string& wanted = {}) {
    if (wanted.empty()) return choose_pin(store_, person_, nullptr, settings_, random_);
    const Pin digits = pin(wanted);
    return choose_pin(store_, person_, &digits, settings_, random_);
  }

  std::string refusal(const std::string& wanted) {
    try {
      choose(wanted);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Precondition);
      const std::string all = std::string(error.what()) + error.next();
      EXPECT_EQ(all.find(wanted), std::string::npos) << all;
      return error.what();
    }
    return "allowed";
  }

  // Others with the number: one whose PIN is set, one who waits for a welcome.
  void share(const std::string& set, const std::string& pending) {
    store_.pins().on_sharers = [=] {
      std::vector<NumberSharer> sharers(2);
      sharers[0].person = "anna";
      sharers[0].version = 3;
      sharers[0].verifier = hash_pin(pin(set), kCheap);
      sharers[1].person = "carl";
      sharers[1].version = 4;
      sharers[1].pending = pin(pending);
      return sharers;
    };
  }

  FakeStore store_;
  FakeRandom random_{20260301};
  WelcomeSettings settings_;
  Person person_{.id = "bob", .sip_address = SipAddress::parse("sip:bob@contoso.com").value()};
};

TEST_F(ChoosePinTest, ARandomPinHasThePolicysLengthOrALongerOneThatWasConfigured) {
  EXPECT_EQ(choose().pin.length(), 5u);
  settings_.policy_of = [](const Person&) { return PinPolicy{.minimum_length = 8}; };
  EXPECT_EQ(choose().pin.length(), 8u);
  settings_.generated_length = 10;
  EXPECT_EQ(choose().pin.length(), 10u);
  settings_.generated_length = 6;  // never shorter than the policy asks
  EXPECT_EQ(choose().pin.length(), 8u);
}

TEST_F(ChoosePinTest, RandomPinsKeepToThePolicy) {
  for (int i = 0; i < 200; ++i)
    EXPECT_TRUE(check_pin(choose().pin, settings_.policy_of(person_), owner_numbers(person_)).empty());
}

TEST_F(ChoosePinTest, APinThatIsAskedForIsTakenIfAllowed) {
  EXPECT_TRUE(choose("383042650").pin.same_as(pin("383042650")));
}

TEST_F(ChoosePinTest, WhatThePolicyForbidsIsRefusedWithAllReasons) {
  EXPECT_EQ(refusal("7351").rfind("PinDoesNotMeetMinimumRequirements: ", 0), 0u) << refusal("7351");
  const std::string both = refusal("1111");
  EXPECT_NE(both.find("; "), std::string::npos) << both;
  EXPECT_EQ(refusal("51297").rfind("PinDoesNotMeetMinimumRequirements: ", 0), 0u) << "the own extension";
}

TEST_F(ChoosePinTest, AFormerPinIsRefusedAndNeverDrawnUnlessTheHistoryIsIgnored) {
  settings_.policy_of = [](const Person&) { return PinPolicy{.minimum_length = 4, .history_count = 2}; };
  unsigned asked = 0;
  store_.pins().on_last_verifiers = [&](unsigned count) {
    asked = count;
    std::vector<Secret> verifiers;
    for (const char* digits : {"7351", "8624"}) verifiers.push_back(hash_pin(pin(digits), kCheap));
    return verifiers;
  };
  const std::string text = refusal("8624");
  EXPECT_EQ(text.rfind("PinDoesNotMeetMinimumRequirements: ", 0), 0u) << text;
  EXPECT_EQ(asked, 2u);
  EXPECT_EQ(refusal("8625"), "allowed");
  const Pin former = pin("8624");
  EXPECT_TRUE(
      choose_pin(store_, person_, &former, settings_, random_, HistoryRule::Ignored).pin.same_as(former));
  for (int i = 0; i < 300; ++i) {
    const Pin drawn = choose().pin;
    EXPECT_FALSE(drawn.same_as(former) || drawn.same_as(pin("7351")));
  }
}

TEST_F(ChoosePinTest, WithoutAHistoryNobodyIsAskedForOne) {
  store_.pins().on_last_verifiers = [](unsigned) -> std::vector<Secret> { not_expected(); };
  EXPECT_EQ(refusal("383042650"), "allowed");
}

TEST_F(ChoosePinTest, APinOfASharerIsRefusedSetOrWaiting) {
  share("73519", "86204");
  for (const char* digits : {"73519", "86204"}) {
    const std::string text = refusal(digits);
    EXPECT_EQ(text.rfind("PinNotUnique: ", 0), 0u) << text;
    EXPECT_NE(text.find("tel:+14255551297;ext=51297"), std::string::npos) << text;
  }
  EXPECT_EQ(refusal("73520"), "allowed");
}

TEST_F(ChoosePinTest, GivesBackWhatItWasDecidedOn) {
  share("73519", "86204");
  const ChosenPin chosen = choose();
  EXPECT_EQ(chosen.record.version, 7);
  ASSERT_EQ(chosen.sharers.size(), 2u);
  EXPECT_EQ(chosen.sharers[0].person, "anna");
  EXPECT_EQ(chosen.sharers[0].version, 3);
  EXPECT_EQ(chosen.sharers[1].person, "carl");
  EXPECT_EQ(chosen.sharers[1].version, 4);
}

TEST_F(ChoosePinTest, ARandomPinThatASharerHasIsDrawnAgain) {
  // The same randomness twice: what is drawn first is taken the second time.
  FakeRandom first(1), second(1);
  const Pin drawn = choose_pin(store_, person_, nullptr, settings_, first).pin;
  store_.pins().on_sharers = [&] {
    std::vector<NumberSharer> sharers(1);
    sharers[0].person = "anna";
    sharers[0].pending = drawn.duplicate();
    return sharers;
  };
  EXPECT_FALSE(choose_pin(store_, person_, nullptr, settings_, second).pin.same_as(drawn));
}

TEST_F(ChoosePinTest, TheOwnersNumbersAreDigits) {
  EXPECT_EQ(owner_numbers(person_).number, "14255551297");
  EXPECT_EQ(owner_numbers(person_).extension, "51297");
  person_.line_uri.reset();
  EXPECT_EQ(owner_numbers(person_).number, "");
}

}  // namespace
}  // namespace dialin::test
