// SPDX-License-Identifier: Apache-2.0
// This process's share of a relay's limits. Time stands still but for what a test lets pass.
#include "welcome/relay_gate.h"

#include <gmock/gmock.h>

#include "unit/welcome/workplace.h"

namespace dialin::test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class RelayGateTest : public Workplace {
 protected:
  // A relay whose limit somebody has set before.
  void limit(RelayLimit limit) { store_.relays().present.emplace().limit = std::move(limit); }
  static RelayLimit a_minute(std::int64_t messages) { return {.messages = messages}; }
  static RelayLimit over(int connections) {
    RelayLimit limit;
    limit.connections = connections;
    return limit;
  }
  RelayGate& gate(int wanted = 2, RelayGate::Holds holds = RelayGate::Holds::UntilDone) {
    return gate_.emplace(environment_, settings_, way(), wanted, holds, keeper_);
  }
  // The next take_permits() gives permits in so many milliseconds.
  void offer(std::vector<int> after, milliseconds lateness = milliseconds(50)) {
    store_.relays().permits = {.lateness = lateness};
    for (const int one : after) store_.relays().permits.after.push_back(milliseconds(one));
  }
  void pass(milliseconds time) { clock_.advance(time); }
  FakeRelayStore& relays() { return store_.relays(); }

  LeaseKeeper keeper_{environment_.open_store, clock_, seconds(60)};
  std::optional<RelayGate> gate_;
};

TEST_F(RelayGateTest, WithoutALimitEverythingMayGo) {
  RelayGate& open = gate(4);
  EXPECT_FALSE(open.is_limited());
  EXPECT_FALSE(open.is_slow());
  EXPECT_EQ(open.connections(), 4);
  EXPECT_EQ(open.notice(), "");
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(open.take_permit());
  open.refresh(100);
  EXPECT_EQ(open.used_up_until(), std::nullopt);
  EXPECT_THAT(relays().calls, ElementsAre("state"));
}

TEST_F(RelayGateTest, WhatIsStatedBecomesTheRelaysLimit) {
  settings_.limit_of = [](const WelcomeWay&) { return a_minute(30); };
  EXPECT_TRUE(gate().is_limited());
  EXPECT_EQ(relays().present->limit, a_minute(30));
}

TEST_F(RelayGateTest, PermitsAreAskedForOnceAMessageWaitsAndForNoMoreThanThereAre) {
  limit(a_minute(600));
  gate().refresh(3);
  EXPECT_THAT(relays().asked_for, IsEmpty());
  EXPECT_FALSE(gate_->take_permit());
  EXPECT_LE(gate_->next_refresh(), clock_.steady_now());
  offer({0, 100, 200});
  gate_->refresh(3);
  EXPECT_THAT(relays().asked_for, ElementsAre(3u));
  EXPECT_TRUE(gate_->take_permit());
  // The second one's time has not come.
  EXPECT_EQ(gate_->next_permit(), clock_.steady_now() + milliseconds(100));
  EXPECT_FALSE(gate_->take_permit());
  // Two are there for two messages.
  gate_->refresh(2);
  EXPECT_EQ(relays().asked_for.size(), 1u);
  pass(milliseconds(100));
  EXPECT_TRUE(gate_->take_permit());
  // Only the missing ones, while the last one is still to come.
  offer({300});
  gate_->refresh(2);
  EXPECT_THAT(relays().asked_for, ElementsAre(3u, 1u));
}

TEST_F(RelayGateTest, APermitThatWasNotUsedInTimeIsLost) {
  limit(a_minute(600));
  gate().take_permit();
  offer({0, 100, 200});
  gate_->refresh(3);
  pass(milliseconds(251));  // all three were for before
  EXPECT_FALSE(gate_->take_permit());
  EXPECT_EQ(gate_->next_permit(), std::nullopt);
  offer({0});
  gate_->refresh(3);
  EXPECT_THAT(relays().asked_for, ElementsAre(3u, 3u));
  pass(milliseconds(50));
  EXPECT_TRUE(gate_->take_permit());  // on its last microsecond
}

TEST_F(RelayGateTest, TheDailyLimitIsUsedUpOnlyForAMessageThatWaits) {
  RelayLimit daily;
  daily.daily = 2;
  limit(daily);
  const Timestamp tomorrow = clock_.now() + seconds(86400);
  gate().take_permit();
  offer({0, 0});
  relays().permits.used_up_until = tomorrow;
  gate_->refresh(5);
  // Two may still go.
  EXPECT_EQ(gate_->used_up_until(), std::nullopt);
  EXPECT_TRUE(gate_->take_permit());
  EXPECT_TRUE(gate_->take_permit());
  EXPECT_EQ(gate_->used_up_until(), std::nullopt);
  EXPECT_FALSE(gate_->take_permit());
  EXPECT_EQ(gate_->used_up_until(), tomorrow);
}

TEST_F(RelayGateTest, ADayThatIsUsedUpBeforeIsKnownWithoutAsking) {
  RelayLimit daily;
  daily.daily = 2;
  limit(daily);
  relays().present->sent_today = 2;
  relays().present->day_ends = clock_.now() + seconds(3600);
  gate();
  EXPECT_EQ(gate_->used_up_until(), std::nullopt);
  EXPECT_FALSE(gate_->take_permit());
  EXPECT_EQ(gate_->used_up_until(), clock_.now() + seconds(3600));
}

TEST_F(RelayGateTest, ConnectionsAreLeasedUpToTheLimitAndGivenBack) {
  limit(over(3));
  EXPECT_EQ(gate(8).connections(), 0);
  EXPECT_LE(gate_->next_refresh(), clock_.steady_now());
  gate_->refresh(0);
  EXPECT_EQ(gate_->connections(), 3);
  EXPECT_EQ(relays().leased.size(), 3u);
  gate_->refresh(0);
  EXPECT_EQ(relays().leased.size(), 3u);
  gate_.reset();
  EXPECT_THAT(relays().leased, IsEmpty());
}

TEST_F(RelayGateTest, NoMoreThanAreWantedAreLeased) {
  limit(over(3));
  gate(2).refresh(0);
  EXPECT_EQ(gate_->connections(), 2);
  EXPECT_EQ(relays().leased.size(), 2u);
}

TEST_F(RelayGateTest, WhereNoneIsFreeItLooksAgainABitLater) {
  limit(over(3));
  relays().free_connections = 1;
  gate(3).refresh(0);
  EXPECT_EQ(gate_->connections(), 1);
  EXPECT_EQ(relays().times("lease_connection"), 2);
  relays().free_connections = 2;
  gate_->refresh(0);
  EXPECT_EQ(relays().times("lease_connection"), 2);
  pass(milliseconds(250));
  EXPECT_LE(gate_->next_refresh(), clock_.steady_now());
  gate_->refresh(0);
  EXPECT_EQ(gate_->connections(), 3);
}

TEST_F(RelayGateTest, ALowerLimitTakesBackWhatIsNotOpen) {
  limit(over(3));
  gate(3).refresh(0);
  gate_->connections_open(2);
  relays().present->limit.connections = 1;
  pass(seconds(5));
  gate_->refresh(0);
  // The two that are open still count.
  EXPECT_EQ(relays().leased.size(), 2u);
  gate_->connections_open(1);
  gate_->refresh(0);
  EXPECT_EQ(relays().leased.size(), 1u);
  EXPECT_EQ(gate_->connections(), 1);
}

TEST_F(RelayGateTest, WhoHasNoneStandsInTheQueueUntilTheEnd) {
  limit(over(1));
  relays().free_connections = 0;
  gate().refresh(1);
  EXPECT_EQ(gate_->connections(), 0);
  EXPECT_TRUE(relays().queued);
  gate_.reset();
  EXPECT_FALSE(relays().queued);
}

TEST_F(RelayGateTest, TheRunThatHasMostGivesOneToWhoeverWaits) {
  limit(over(2));
  gate(2, RelayGate::Holds::WhileNobodyWaits).refresh(1);
  ASSERT_EQ(gate_->connections(), 2);
  gate_->connections_open(2);
  relays().present->connections_open = 2;
  relays().present->most_of_one = 2;
  relays().present->waiting = 1;
  // Not before they were of some use.
  pass(milliseconds(1999));
  gate_->refresh(1);
  EXPECT_EQ(gate_->connections(), 2);
  pass(milliseconds(1000));
  gate_->refresh(1);
  EXPECT_EQ(gate_->connections(), 1);
  EXPECT_EQ(relays().leased.size(), 2u) << "it is still open";
  gate_->connections_open(1);
  gate_->refresh(1);
  EXPECT_EQ(relays().leased.size(), 1u);
}

TEST_F(RelayGateTest, ASingleCommandKeepsItsConnection) {
  limit(over(1));
  gate(1, RelayGate::Holds::UntilDone).refresh(1);
  relays().present->connections_open = 1;
  relays().present->most_of_one = 1;
  relays().present->waiting = 1;
  pass(seconds(10));
  gate_->refresh(1);
  EXPECT_EQ(gate_->connections(), 1);
}

TEST_F(RelayGateTest, AStoreThatIsAwayAtTheEndCostsNothing) {
  limit(over(2));
  gate().refresh(0);
  relays().unavailable = true;
  EXPECT_NO_THROW(gate_.reset());
}

TEST_F(RelayGateTest, AnotherProcessSlowingDownIsSeenAfterASecond) {
  gate();
  relays().present.emplace().rate_now = 0.5;
  relays().present->slowed = true;
  pass(milliseconds(999));
  gate_->refresh(1);
  EXPECT_TRUE(gate_->take_permit());
  pass(milliseconds(1));
  EXPECT_LE(gate_->next_refresh(), clock_.steady_now());
  gate_->refresh(1);
  EXPECT_FALSE(gate_->take_permit());
  EXPECT_EQ(gate_->notice(), "the mail server slows us down: 30/min");
}

TEST_F(RelayGateTest, AComplaintTakesBackThePermitsAtOnce) {
  limit(a_minute(600));
  gate().take_permit();
  offer({0, 0, 0});
  gate_->refresh(3);
  gate_->too_busy(6);
  EXPECT_FALSE(gate_->take_permit());
  EXPECT_EQ(gate_->notice(), "the mail server slows us down: 180/min");
  EXPECT_TRUE(gate_->is_slow());
}

TEST_F(RelayGateTest, ARelayBecomesFasterOnlyWhileItTakesMail) {
  limit(a_minute(600));
  gate().too_busy(6);
  pass(seconds(60));
  gate_->refresh(0);
  EXPECT_EQ(relays().times("speed_up"), 0);
  gate_->accepted();
  gate_->refresh(0);
  EXPECT_EQ(relays().times("speed_up"), 1);
  // Not more often than every ten seconds.
  gate_->accepted();
  pass(milliseconds(9999));
  gate_->refresh(0);
  EXPECT_EQ(relays().times("speed_up"), 1);
  pass(milliseconds(1));
  gate_->refresh(0);
  EXPECT_EQ(relays().times("speed_up"), 2);
}

TEST_F(RelayGateTest, SlowIsLessThanFourASecond) {
  limit(a_minute(239));
  EXPECT_TRUE(gate().is_slow());
  limit(a_minute(240));
  EXPECT_FALSE(gate().is_slow());
}

}  // namespace
}  // namespace dialin::test
