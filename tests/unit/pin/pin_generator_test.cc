// SPDX-License-Identifier: Apache-2.0
#include "pin/pin_generator.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "pin/common_patterns.h"
#include "support/fake_random.h"

namespace dialin {
namespace {

std::string generate(const PinPolicy& policy, unsigned length, RandomSource& random,
                     const PinOwnerNumbers& owner = {}) {
  return std::string(generate_pin(policy, length, owner, random).reveal(ClearPinAccess()));
}

// Always the same digit.
class StuckRandom final : public RandomSource {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& octet : out) octet = std::byte{0x77};
  }
};

TEST(PinGenerator, LengthIsBetweenThePolicysMinimumAnd24) {
  test::FakeRandom random(1);
  PinPolicy policy;
  policy.minimum_length = 6;
  EXPECT_EQ(generate(policy, 0, random).size(), 6U);
  EXPECT_EQ(generate(policy, 6, random).size(), 6U);
  EXPECT_EQ(generate(policy, 9, random).size(), 9U);
  EXPECT_EQ(generate(policy, 24, random).size(), 24U);
  EXPECT_EQ(generate(policy, 1000, random).size(), 24U);
  policy.minimum_length = 24;
  EXPECT_EQ(generate(policy, 4, random).size(), 24U);
}

TEST(PinGenerator, SameRandomnessGivesTheSamePin) {
  test::FakeRandom first(5), second(5), third(6);
  const std::string pin = generate({}, 10, first);
  EXPECT_EQ(pin, generate({}, 10, second));
  EXPECT_NE(pin, generate({}, 10, third));
}

// Every allowed PIN of four digits comes, none that is refused does, and they come equally often.
TEST(PinGenerator, IsUniformOverTheAllowedPins) {
  constexpr int PerPin = 20;
  const PinOwnerNumbers owner{"4930836495", "6495"};
  PinPolicy policy;
  policy.minimum_length = 4;
  std::map<std::string, int> seen;
  for (int number = 0; number < 10000; ++number) {
    std::string digits = std::to_string(number);
    digits.insert(0, 4 - digits.size(), '0');
    if (!is_common_pattern(digits, owner)) seen[digits] = 0;
  }
  ASSERT_GT(seen.size(), 8500U);
  const std::size_t allowed = seen.size();

  test::FakeRandom random(20260301);
  const auto draws = static_cast<int>(allowed) * PerPin;
  for (int i = 0; i < draws; ++i) ++seen[generate(policy, 4, random, owner)];
  EXPECT_EQ(seen.size(), allowed) << "a refused PIN was generated";

  double chi_square = 0;
  for (const auto& [digits, count] : seen) {
    EXPECT_GT(count, 0) << digits << " never came";
    chi_square += (count - PerPin) * (count - PerPin) / double{PerPin};
  }
  // With k - 1 degrees of freedom the mean is k - 1, the standard deviation the root of 2 (k - 1): about 136.
  // The source is fixed, so this holds in every run or in none.
  EXPECT_NEAR(chi_square, static_cast<double>(allowed - 1), 4 * 136.0);
}

TEST(PinGenerator, EveryPlaceHasEveryDigitEquallyOften) {
  test::FakeRandom random(3);
  std::vector<std::vector<int>> seen(9, std::vector<int>(10));
  for (int i = 0; i < 20000; ++i) {
    const std::string pin = generate({}, 9, random);
    for (std::size_t place = 0; place < 9; ++place) ++seen[place][static_cast<std::size_t>(pin[place] - '0')];
  }
  for (const auto& place : seen) {
    for (const int count : place) EXPECT_NEAR(count, 2000, 5 * 43);
  }
}

TEST(PinGenerator, AllowsPatternsWhereThePolicyDoes) {
  StuckRandom random;
  PinPolicy policy;
  policy.allow_common_patterns = true;
  const std::string pin = generate(policy, 6, random);
  EXPECT_EQ(pin, std::string(6, pin[0]));
}

TEST(PinGenerator, GivesUpWhereEverythingIsRefused) {
  StuckRandom random;
  try {
    generate_pin({}, 6, {}, random);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Internal);
  }
}

}  // namespace
}  // namespace dialin
