// SPDX-License-Identifier: Apache-2.0
#include "pin/pin_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dialin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<PinViolation> check(const char* digits, const PinPolicy& policy,
                                const PinOwnerNumbers& owner = {}) {
  return check_pin(*Pin::parse(digits), policy, owner);
}

TEST(PinPolicy, DefaultsAreTheOriginals) {
  const PinPolicy policy;
  EXPECT_EQ(policy.minimum_length, 5U);
  EXPECT_EQ(policy.history_count, 0U);
  EXPECT_FALSE(policy.allow_common_patterns);
  EXPECT_EQ(policy.lifetime_days, 0U);
  EXPECT_FALSE(policy.maximum_logon_attempts);
}

TEST(PinPolicy, AllowsWhatBreaksNoRule) {
  EXPECT_THAT(check("18723834", {}), IsEmpty());
  EXPECT_THAT(check("83649", {}), IsEmpty());
}

TEST(PinPolicy, NamesEveryBrokenRule) {
  EXPECT_THAT(check("8364", {}), ElementsAre(PinViolation::TooShort));
  EXPECT_THAT(check("123456", {}), ElementsAre(PinViolation::CommonPattern));
  EXPECT_THAT(check("1234", {}), ElementsAre(PinViolation::TooShort, PinViolation::CommonPattern));
}

TEST(PinPolicy, TheMinimumItselfIsLongEnough) {
  PinPolicy policy;
  policy.minimum_length = 8;
  EXPECT_THAT(check("18723834", policy), IsEmpty());
  EXPECT_THAT(check("1872383", policy), ElementsAre(PinViolation::TooShort));
}

TEST(PinPolicy, CommonPatternsCanBeAllowed) {
  PinPolicy policy;
  policy.allow_common_patterns = true;
  EXPECT_THAT(check("123456", policy), IsEmpty());
  EXPECT_THAT(check("55551297", policy, {"14255551297", ""}), IsEmpty());
}

TEST(PinPolicy, LooksAtThePersonsNumbers) {
  EXPECT_THAT(check("55551297", {}, {"14255551297", ""}), ElementsAre(PinViolation::CommonPattern));
  EXPECT_THAT(check("83649", {}, {"", "83649"}), ElementsAre(PinViolation::CommonPattern));
}

TEST(PinPolicy, DescribesInWordsWithoutThePin) {
  PinPolicy policy;
  policy.minimum_length = 7;
  EXPECT_EQ(describe(PinViolation::TooShort, policy),
            "it is shorter than the 7 digits that the policy asks for");
  EXPECT_THAT(describe(PinViolation::CommonPattern, policy), HasSubstr("easy to guess"));
}

}  // namespace
}  // namespace dialin
