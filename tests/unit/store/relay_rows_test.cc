// SPDX-License-Identifier: Apache-2.0
// What is handed out keeps the limit in every span of time, however it is asked for.
#include "store/relay_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace dialin {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

RelayRow limited(std::int64_t messages, seconds period) {
  RelayRow row;
  change_limit(row, {.messages = messages, .period = period}, Timestamp());
  return row;
}

struct Taken {
  Timestamp time;
  microseconds lateness;
};

// The most messages that a server can see in a span of `period`, if each permit is used as early or as late
// as it may be.
std::size_t most_in_a_span(const std::vector<Taken>& taken, microseconds period) {
  std::size_t most = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const Timestamp begin = taken[i].time + taken[i].lateness;
    std::size_t seen = 0;
    for (std::size_t j = i; j < taken.size(); ++j) seen += taken[j].time < begin + period;
    most = std::max(most, seen);
  }
  return most;
}

TEST(RelayRows, NoSpanSeesMoreThanTheLimit) {
  std::mt19937 generator(1);
  for (const auto& [messages, period] : std::vector<std::pair<std::int64_t, seconds>>{{1, seconds(1)},
                                                                                      {1, seconds(60)},
                                                                                      {7, seconds(10)},
                                                                                      {30, seconds(60)},
                                                                                      {30, seconds(1)},
                                                                                      {1000, seconds(1)}}) {
    SCOPED_TRACE(messages);
    RelayRow row = limited(messages, period);
    std::vector<Taken> taken;
    Timestamp now{std::chrono::hours(480'000)};
    for (int i = 0; i < 200; ++i) {
      // Now and then more than the rate asks, now and then a pause.
      for (const Timestamp time : take_permits(row, 1 + generator() % 50, now))
        taken.push_back({time, permit_lateness(row)});
      now += milliseconds(generator() % (generator() % 10 == 0 ? 100'000 : 900));
      if (generator() % 40 == 0) slow_down(row, 3.0, 2, now);
      speed_up(row, now);
    }
    EXPECT_TRUE(std::is_sorted(taken.begin(), taken.end(),
                               [](const Taken& a, const Taken& b) { return a.time < b.time; }));
    EXPECT_LE(most_in_a_span(taken, period), static_cast<std::size_t>(messages));
  }
}

TEST(RelayRows, TheLimitIsReachedButForTheSpacing) {
  RelayRow row = limited(30, seconds(1));
  Timestamp now{std::chrono::hours(480'000)};
  std::size_t count = 0;
  for (int i = 0; i < 60; ++i, now += seconds(1)) count += take_permits(row, 100, now).size();
  EXPECT_GE(count, 60u * 28u);
}

TEST(RelayRows, ABatchIsOfASecondOrOne) {
  RelayRow row = limited(10'000, seconds(60));
  EXPECT_EQ(take_permits(row, 1000, Timestamp()).size(), 158u);
  row = limited(1, seconds(3600));
  EXPECT_EQ(take_permits(row, 1000, Timestamp()).size(), 1u);
  EXPECT_EQ(take_permits(row, 0, Timestamp()).size(), 0u);
}

TEST(RelayRows, ANewLimitBeginsAPeriodFromNowAtTheLatest) {
  RelayRow row = limited(1, seconds(86'400));
  const Timestamp now{std::chrono::hours(480'000)};
  take_permits(row, 1, now);
  take_permits(row, 1, now);
  change_limit(row, {.messages = 30, .period = seconds(60)}, now);
  EXPECT_EQ(take_permits(row, 1, now).at(0), now + seconds(60));
}

TEST(RelayRows, NoComplaintStopsIt) {
  RelayRow row = limited(6000, seconds(60));
  Timestamp now{std::chrono::hours(480'000)};
  for (int i = 0; i < 100; ++i, now += seconds(11)) slow_down(row, 100, 4, now);
  EXPECT_NEAR(*state_of(row, {}, now).rate_now, 1.0 / 60, 0.001);
  EXPECT_EQ(state_of(row, {}, now).connections_now, 1);
  // Nor makes it faster than a slower limit.
  row = limited(1, seconds(3600));
  slow_down(row, 100, 1, now);
  EXPECT_NEAR(*state_of(row, {}, now).rate_now, 1.0 / 3600, 0.0001);
}

TEST(RelayRows, ALimitThatIsSetWhileItIsSlowedTakesItsPlace) {
  RelayRow row;
  const Timestamp now{std::chrono::hours(480'000)};
  slow_down(row, 8.0, 4, now);
  EXPECT_DOUBLE_EQ(*state_of(row, {}, now).rate_now, 4.0);
  change_limit(row, {.messages = 60, .period = seconds(60), .connections = 2}, now);
  const RelayState state = state_of(row, {}, now);
  EXPECT_DOUBLE_EQ(*state.rate_now, 1.0);
  EXPECT_EQ(state.connections_now, 2);
  EXPECT_FALSE(state.slowed);
  change_limit(row, {}, now);
  EXPECT_FALSE(state_of(row, {}, now).rate_now);
  EXPECT_TRUE(take_permits(row, 5, now).empty());
}

TEST(RelayRows, OddFiguresOfWhatWasReachedAreTaken) {
  const Timestamp now{std::chrono::hours(480'000)};
  for (const double reached : {0.0, -1.0, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
    RelayRow row;
    slow_down(row, reached, 0, now);
    EXPECT_GT(*state_of(row, {}, now).rate_now, 0.0);
    EXPECT_TRUE(state_of(row, {}, now).slowed);
    EXPECT_FALSE(take_permits(row, 5, now).empty());
  }
}

}  // namespace
}  // namespace dialin
