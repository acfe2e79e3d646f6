// SPDX-License-Identifier: Apache-2.0
#include "base/random_source.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <set>
#include <vector>

#include "base/error.h"
#include "support/fake_random.h"

namespace dialin {
namespace {

// Gives the numbers it was made with.
class ScriptedRandom final : public RandomSource {
 public:
  explicit ScriptedRandom(std::vector<std::uint32_t> numbers) : numbers_(std::move(numbers)) {}
  void fill(std::span<std::byte> out) override {
    ASSERT_EQ(out.size(), sizeof(std::uint32_t));
    ASSERT_LT(next_, numbers_.size());
    std::memcpy(out.data(), &numbers_[next_++], out.size());
  }
  std::size_t used() const { return next_; }

 private:
  std::vector<std::uint32_t> numbers_;
  std::size_t next_ = 0;
};

TEST(Uniform, RejectsTheSurplus) {
  // 2^32 mod 10 is 6: the draws 0 to 5 would make six of the ten results likelier.
  ScriptedRandom random({0, 5, 6, 4294967295U});
  EXPECT_EQ(random.uniform(10), 6U);
  EXPECT_EQ(random.used(), 3U);
  EXPECT_EQ(random.uniform(10), 5U);
}

TEST(Uniform, PowersOfTwoRejectNothing) {
  ScriptedRandom random({0, 17});
  EXPECT_EQ(random.uniform(16), 0U);
  EXPECT_EQ(random.uniform(16), 1U);
}

TEST(Uniform, ABoundOfOneIsZeroAndOfZeroAnError) {
  test::FakeRandom random(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.uniform(1), 0U);
  EXPECT_THROW(random.uniform(0), Error);
}

TEST(Uniform, ReachesEveryNumberEquallyOften) {
  test::FakeRandom random(2);
  std::array<int, 10> seen{};
  constexpr int Draws = 100000;
  for (int i = 0; i < Draws; ++i) ++seen[random.uniform(10)];
  for (const int count : seen) EXPECT_NEAR(count, Draws / 10, 500);
}

TEST(SystemRandom, DoesNotRepeatItself) {
  SystemRandom random;
  std::set<std::string> identifiers;
  for (int i = 0; i < 1000; ++i) identifiers.insert(new_identifier(random));
  EXPECT_EQ(identifiers.size(), 1000U);
}

TEST(NewIdentifier, Is32LowerCaseHexadecimalDigits) {
  SystemRandom random;
  const std::string identifier = new_identifier(random);
  EXPECT_EQ(identifier.size(), 32U);
  EXPECT_EQ(identifier.find_first_not_of("0123456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace dialin
