// SPDX-License-Identifier: Apache-2.0
#include "pin/policy_fit.h"

#include <gtest/gtest.h>

#include "pin/pin_verifier.h"

namespace dialin {
namespace {

using std::chrono::hours;

constexpr PinHashCost Cheap{8, 1};
const Timestamp Set = Timestamp() + hours(24 * 365 * 50);
const Timestamp Now = Set + hours(24 * 30);

Secret verifier(const char* digits) {
  return hash_pin(*Pin::parse(digits), Cheap);
}

TEST(PolicyFit, ComparesLengthPatternAndAge) {
  const PinPolicy policy{.minimum_length = 6, .history_count = 1, .lifetime_days = 60};
  EXPECT_EQ(describe(fit_of(policy, verifier("735194"), Set, Now), policy), "");
  EXPECT_EQ(describe(fit_of(policy, verifier("73519"), Set, Now), policy), "shorter than 6 digits");
  EXPECT_EQ(describe(fit_of(policy, verifier("123456"), Set, Now), policy), "a common pattern");
  EXPECT_EQ(describe(fit_of(policy, verifier("1234"), Set, Now + hours(24 * 30)), policy),
            "shorter than 6 digits, a common pattern, older than 60 days");
  EXPECT_FALSE(fit_of(policy, verifier("735194"), Set, Set + hours(24 * 60) - hours(1)).breaks());
  EXPECT_TRUE(fit_of(policy, verifier("735194"), Set, Set + hours(24 * 60)).too_old);
  const PinPolicy lax{.minimum_length = 4, .allow_common_patterns = true};
  EXPECT_FALSE(fit_of(lax, verifier("1234"), Set, Now).breaks());
}

TEST(PolicyFit, WhatWasNotRecordedIsUnknownAndNoBreach) {
  std::string text(verifier("1234").reveal(ClearSecretAccess()));
  text.erase(text.find(",c=1"), 4);
  const Secret without_pattern{std::string_view(text)};
  const PinPolicy standard;
  EXPECT_TRUE(fit_of(standard, without_pattern, Set, Now).too_short);
  const PinPolicy four{.minimum_length = 4};
  EXPECT_FALSE(fit_of(four, without_pattern, Set, Now).breaks());
  EXPECT_TRUE(fit_of(four, without_pattern, Set, Now).unknown);
  const PinPolicy lax{.minimum_length = 4, .allow_common_patterns = true};
  EXPECT_FALSE(fit_of(lax, without_pattern, Set, Now).unknown);
}

}  // namespace
}  // namespace dialin
