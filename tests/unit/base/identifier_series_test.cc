// SPDX-License-Identifier: Apache-2.0
#include "base/identifier_series.h"

#include <gtest/gtest.h>

#include <set>

#include "support/fake_clock.h"
#include "support/fake_random.h"

namespace dialin::test {
namespace {

TEST(IdentifierSeries, IsOfThirtyTwoHexadecimalDigitsInAscendingOrder) {
  FakeRandom random(1);
  FakeClock clock;
  IdentifierSeries series(random, clock.now());
  std::string last;
  for (int i = 0; i < 300; ++i) {
    const std::string id = series.next();
    EXPECT_EQ(id.size(), 32u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_LT(last, id);
    last = id;
  }
}

TEST(IdentifierSeries, ALaterOneFollowsAndOneOfTheSameInstantIsAnother) {
  FakeRandom random(1);
  FakeClock clock;
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.insert(IdentifierSeries(random, clock.now()).next());
  EXPECT_EQ(ids.size(), 100u);
  const std::string last = *ids.rbegin();
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_LT(last, IdentifierSeries(random, clock.now()).next());
}

TEST(IdentifierSeries, HoldsNoRowsOfZerosThatRandomDigitsDoNotHold) {
  FakeRandom random(1);
  FakeClock clock;
  int rows = 0;
  for (int i = 0; i < 100; ++i)
    rows += IdentifierSeries(random, clock.now()).next().find("00000") != std::string::npos ? 1 : 0;
  EXPECT_LT(rows, 5);
}

// Its digits are read by people who look for when something was made.
TEST(IdentifierSeries, BeginsWithTheTime) {
  FakeRandom random(1);
  const Timestamp time{std::chrono::milliseconds(0x0195'1234'5678)};
  EXPECT_EQ(IdentifierSeries(random, time).next().substr(0, 12), "019512345678");
}

}  // namespace
}  // namespace dialin::test
