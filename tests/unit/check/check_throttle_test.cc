// SPDX-License-Identifier: Apache-2.0
#include "check/check_throttle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(CheckThrottle, AllowsSoManyAtOnceAndSoManyAnHour) {
  FakeClock clock;
  CheckThrottle throttle({.caller_failures = 60, .system_failures = 0}, clock);
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(throttle.take("+1001", 1)) << i;
  EXPECT_EQ(throttle.take("+1001", 1), seconds(60));
  EXPECT_FALSE(throttle.take("+1002", 1));
  clock.advance(seconds(59));
  EXPECT_EQ(throttle.take("+1001", 1), seconds(1));
  clock.advance(seconds(1));
  EXPECT_FALSE(throttle.take("+1001", 1));
  EXPECT_TRUE(throttle.take("+1001", 1));
  clock.advance(hours(24));
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(throttle.take("+1001", 1)) << i;
  EXPECT_TRUE(throttle.take("+1001", 1));
}

TEST(CheckThrottle, WhatIsGivenBackWasNeverTaken) {
  FakeClock clock;
  CheckThrottle throttle({.caller_failures = 2, .system_failures = 2}, clock);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(throttle.take("+1001", 1));
    throttle.give_back("+1001", 1);
  }
  EXPECT_EQ(throttle.remembered(), 0u);
}

TEST(CheckThrottle, ACallerWhoIsRefusedTakesNothingFromTheSystem) {
  FakeClock clock;
  CheckThrottle throttle({.caller_failures = 1, .system_failures = 3}, clock);
  EXPECT_FALSE(throttle.take("+1001", 1));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(throttle.take("+1001", 1));
  EXPECT_FALSE(throttle.take("+1002", 1));
  EXPECT_FALSE(throttle.take("+1003", 1));
  EXPECT_EQ(throttle.take("+1004", 1), minutes(20));
}

TEST(CheckThrottle, NoLimitIsNoLimit) {
  FakeClock clock;
  CheckThrottle throttle({.caller_failures = 0, .system_failures = 0}, clock);
  for (int i = 0; i < 10000; ++i) ASSERT_FALSE(throttle.take("+1001", 8));
  EXPECT_EQ(throttle.remembered(), 0u);
}

TEST(CheckThrottle, WhoseAllowanceIsFullAgainIsForgotten) {
  FakeClock clock;
  CheckThrottle throttle({.caller_failures = 10, .system_failures = 0}, clock);
  for (int i = 0; i < 50000; ++i) {
    throttle.take(fmt::format("+{}", i), 1);
    clock.advance(seconds(1));
  }
  // Each is full again after six minutes.
  EXPECT_LT(throttle.remembered(), 1100u);
}

}  // namespace
}  // namespace dialin::test
