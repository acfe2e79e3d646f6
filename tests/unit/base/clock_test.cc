// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <gtest/gtest.h>

namespace dialin {
namespace {

TEST(Clock, WritesRfc3339) {
  EXPECT_EQ(to_rfc3339(from_microseconds(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(from_microseconds(951827696999999)), "2000-02-29T12:34:56Z");
  EXPECT_EQ(to_rfc3339(from_microseconds(1772356447000000)), "2026-03-01T09:14:07Z");
}

TEST(Clock, TimesBefore1970AreRoundedDown) {
  EXPECT_EQ(to_rfc3339(from_microseconds(-1)), "1969-12-31T23:59:59Z");
}

TEST(Clock, MicrosecondsComeBack) {
  for (const std::int64_t time : {std::int64_t{-5}, std::int64_t{0}, std::int64_t{1772356447123456}}) {
    EXPECT_EQ(to_microseconds(from_microseconds(time)), time);
  }
}

TEST(Clock, TheSystemsClockIsOfThisCentury) {
  const SystemClock clock;
  EXPECT_GT(to_rfc3339(clock.now()), "2024-01-01T00:00:00Z");
  EXPECT_LT(to_rfc3339(clock.now()), "2100-01-01T00:00:00Z");
  const SteadyTime before = clock.steady_now();
  EXPECT_GE(clock.steady_now(), before);
}

}  // namespace
}  // namespace dialin
