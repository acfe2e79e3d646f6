// SPDX-License-Identifier: Apache-2.0
// Limits of mail servers: what is handed out never exceeds them, whoever asks.
#include <algorithm>
#include <atomic>
#include <thread>

#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Relays : public StoreTest {
 protected:
  RelayStore& relays() { return store().relays(); }
  RelayLimit limit(std::int64_t messages, seconds period = seconds(60)) {
    RelayLimit limit;
    limit.messages = messages;
    limit.period = period;
    return limit;
  }
  RelayLimit connections(int count) {
    RelayLimit limit;
    limit.connections = count;
    return limit;
  }
  bool lease(const ProcessIdentity& owner) {
    return relays().lease_connection(relay_, owner, seconds(60), std::nullopt).has_value();
  }

  Relay relay_{"mail.contoso.com", 587, "dialin"};
};
DIALIN_ON_BOTH_STORES(Relays);

TEST_P(Relays, NothingIsKnownUntilSomebodySaysSo) {
  EXPECT_FALSE(relays().state(relay_));
  const RelayPermits permits = relays().take_permits(relay_, 10);
  EXPECT_TRUE(permits.after.empty());
  EXPECT_FALSE(permits.used_up_until);
  // A connection is counted, but it is no limit.
  EXPECT_TRUE(lease(living_));
  EXPECT_FALSE(relays().state(relay_));
  relays().set_limit(relay_, RelayLimit(), marco_);
  ASSERT_TRUE(relays().state(relay_));
  EXPECT_EQ(relays().state(relay_)->limit, RelayLimit());
  EXPECT_EQ(relays().state(relay_)->connections_open, 1);
  Relay other = relay_;
  other.user.clear();
  EXPECT_FALSE(relays().state(other));
}

TEST_P(Relays, ALimitIsWrittenAndAuditedOnlyWhereItDiffers) {
  RelayLimit all = limit(30);
  all.connections = 3;
  all.daily = 10'000;
  relays().set_limit(relay_, all, marco_);
  relays().set_limit(relay_, all, marco_);
  EXPECT_EQ(events(), std::vector<std::string>{"relay-limit-set"});
  EXPECT_EQ(relays().state(relay_)->limit, all);
  all.daily.reset();
  relays().set_limit(relay_, all, marco_);
  EXPECT_EQ(events().size(), 2u);
  EXPECT_EQ(relays().state(relay_)->limit, all);
  all.messages = 0;
  EXPECT_THROW(relays().set_limit(relay_, all, marco_), Error);
}

TEST_P(Relays, PermitsAreSpacedAndNotAheadByMoreThanASecond) {
  relays().set_limit(relay_, limit(600), marco_);  // ten a second
  const RelayPermits first = relays().take_permits(relay_, 100);
  ASSERT_EQ(first.after.size(), 9u);
  EXPECT_EQ(first.after.front(), microseconds(0));
  for (std::size_t i = 1; i < first.after.size(); ++i)
    EXPECT_NEAR((first.after[i] - first.after[i - 1]).count(), 105'000, 50'000) << i;
  EXPECT_LE(first.lateness, milliseconds(2400));
  EXPECT_GE(first.lateness, milliseconds(1200));
  // The next ones come after these.
  const RelayPermits second = relays().take_permits(relay_, 2);
  ASSERT_EQ(second.after.size(), 2u);
  EXPECT_GT(second.after.front(), milliseconds(500));
  // Where nobody took any for a time, nothing was saved up.
  let_pass(hours(1));
  EXPECT_EQ(relays().take_permits(relay_, 100).after.size(), 9u);
  relays().set_limit(relay_, limit(1), marco_);
  EXPECT_EQ(relays().take_permits(relay_, 100).after.size(), 1u);
}

// That what stands in the row keeps the limit is tested without a database (unit/store/relay_rows_test.cc):
// here, that no two processes are handed out the same moment.
TEST_P(Relays, OfManyWhoTakePermitsEachHasMomentsOfItsOwn) {
  relays().set_limit(relay_, limit(40, seconds(1)), marco_);
  const Timestamp begin = tables().now() + hours(1);
  tables().execute("UPDATE relays SET next_permit_at = :begin", {{"begin", begin}});
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < 8; ++i) stores.push_back(open());
  std::vector<std::vector<microseconds>> taken(stores.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < stores.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 4; ++round) {
        // Counted from the return of each call, so those of one call alone can be compared.
        const std::vector<microseconds> granted = stores[i]->relays().take_permits(relay_, 1 + i).after;
        EXPECT_TRUE(std::is_sorted(granted.begin(), granted.end()));
        taken[i].insert(taken[i].end(), granted.begin(), granted.end());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::int64_t count = 0;
  for (const auto& some : taken) {
    count += static_cast<std::int64_t>(some.size());
    EXPECT_GT(some.front(), minutes(50));
  }
  EXPECT_EQ(count, 4 * (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8));
  EXPECT_EQ(number("SELECT next_permit_at FROM relays"),
            to_microseconds(begin + count * microseconds(26'250)));
}

TEST_P(Relays, TheDailyLimitEndsADayThatBeginsWithItsFirstMessage) {
  RelayLimit daily;
  daily.daily = 5;
  relays().set_limit(relay_, daily, marco_);
  RelayPermits permits = relays().take_permits(relay_, 3);
  ASSERT_EQ(permits.after.size(), 3u);  // without a rate all may go at once
  EXPECT_EQ(permits.after.back(), microseconds(0));
  let_pass(hours(10));
  EXPECT_EQ(relays().take_permits(relay_, 3).after.size(), 2u);
  permits = relays().take_permits(relay_, 1);
  EXPECT_TRUE(permits.after.empty());
  ASSERT_TRUE(permits.used_up_until);
  EXPECT_EQ(relays().state(relay_)->sent_today, 5);
  EXPECT_EQ(relays().state(relay_)->day_ends, permits.used_up_until);
  const auto left = *permits.used_up_until - tables().now();
  EXPECT_LE(left, hours(14));
  EXPECT_GT(left, hours(13));
  let_pass(hours(14));
  EXPECT_EQ(relays().state(relay_)->sent_today, 0);
  EXPECT_EQ(relays().take_permits(relay_, 9).after.size(), 5u);
}

TEST_P(Relays, ConnectionsAreLeasedUpToTheLimit) {
  relays().set_limit(relay_, connections(2), marco_);
  const auto first = relays().lease_connection(relay_, living_, seconds(60), std::nullopt);
  const auto second = relays().lease_connection(relay_, living_, seconds(60), std::nullopt);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(lease(living_));
  EXPECT_EQ(relays().state(relay_)->connections_open, 2);
  relays().release_connections({*first});
  EXPECT_TRUE(lease(living_));
  EXPECT_FALSE(lease(living_));
  EXPECT_EQ(relays().renew_connections({*first, *second}, seconds(60)), std::vector<std::string>{*second});
}

TEST_P(Relays, ALeaseEndsWithItsTimeOrItsProcess) {
  relays().set_limit(relay_, connections(1), marco_);
  EXPECT_TRUE(lease(gone_));
  EXPECT_EQ(relays().state(relay_)->connections_open, 0);
  const auto ours = relays().lease_connection(relay_, living_, seconds(60), std::nullopt);
  ASSERT_TRUE(ours);
  let_pass(seconds(50));
  EXPECT_EQ(relays().renew_connections({*ours}, seconds(60)).size(), 1u);
  let_pass(seconds(50));
  EXPECT_FALSE(lease(living_));
  let_pass(seconds(11));
  // Nobody took its place: it goes on.
  EXPECT_EQ(relays().renew_connections({*ours}, seconds(60)).size(), 1u);
  let_pass(seconds(61));
  EXPECT_TRUE(lease(living_));
  EXPECT_TRUE(relays().renew_connections({*ours}, seconds(60)).empty());
  // Whether a process of another host is gone cannot be told.
  let_pass(seconds(61));
  ProcessIdentity elsewhere = gone_;
  elsewhere.host = "another-host";
  EXPECT_TRUE(lease(elsewhere));
  EXPECT_FALSE(lease(living_));
}

TEST_P(Relays, OfManyWhoWantAConnectionAsManyGetOneAsThereAre) {
  relays().set_limit(relay_, connections(3), marco_);
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < 8; ++i) stores.push_back(open());
  std::atomic<int> got = 0;
  std::vector<std::thread> threads;
  for (auto& own : stores) {
    threads.emplace_back([&, store = own.get()] {
      got += store->relays().lease_connection(relay_, living_, seconds(60), std::nullopt).has_value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, 3);
}

TEST_P(Relays, WhoHasNoneWaitsInTurnAndIsServedBeforeWhoHasSome) {
  relays().set_limit(relay_, connections(2), marco_);
  const auto ask = [&](const std::optional<std::string>& place) {
    return relays().lease_connection(relay_, living_, seconds(60), place);
  };
  const auto first = ask(std::nullopt), second = ask(std::nullopt);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(ask("ann"));
  let_pass(milliseconds(10));
  EXPECT_FALSE(ask("bob"));
  EXPECT_FALSE(ask("ann"));
  RelayState state = *relays().state(relay_);
  EXPECT_EQ(state.waiting, 2);
  EXPECT_EQ(state.connections_open, 2) << "who waits has none";
  EXPECT_EQ(state.most_of_one, 2);
  EXPECT_EQ(store().status().relays.at(0).second.connections_open, 2);

  relays().release_connections({*first});
  EXPECT_FALSE(ask(std::nullopt)) << "it is ann's";
  EXPECT_FALSE(ask("bob"));
  const auto of_ann = ask("ann");
  ASSERT_TRUE(of_ann);
  EXPECT_EQ(relays().state(relay_)->waiting, 1);
  relays().release_connections({*of_ann});
  let_pass(milliseconds(10));
  EXPECT_FALSE(ask("ann")) << "at the end of the queue";
  EXPECT_TRUE(ask("bob"));
  relays().release_connections({"ann"});
  EXPECT_EQ(relays().state(relay_)->waiting, 0);
}

TEST_P(Relays, APlaceEndsWithItsTimeOrItsProcess) {
  relays().set_limit(relay_, connections(1), marco_);
  const auto first = relays().lease_connection(relay_, living_, seconds(600), std::nullopt);
  ASSERT_TRUE(first);
  EXPECT_FALSE(relays().lease_connection(relay_, gone_, seconds(60), "gone"));
  EXPECT_FALSE(relays().lease_connection(relay_, living_, seconds(60), "ann"));
  EXPECT_EQ(relays().state(relay_)->waiting, 1);
  // Who goes on asking keeps it.
  for (int i = 0; i < 3; ++i) {
    let_pass(seconds(6));
    EXPECT_FALSE(relays().lease_connection(relay_, living_, seconds(60), "ann"));
    EXPECT_EQ(relays().state(relay_)->waiting, 1);
  }
  let_pass(RelayStore::PlaceTime + seconds(1));
  EXPECT_EQ(relays().state(relay_)->waiting, 0);
  relays().release_connections({*first});
  EXPECT_TRUE(lease(living_));
}

TEST_P(Relays, AComplaintHalvesTheRateAndTakesAConnectionOnceInTenSeconds) {
  RelayLimit set = limit(60);
  set.connections = 3;
  relays().set_limit(relay_, set, marco_);
  RelayState state = relays().slow_down(relay_, 7);
  EXPECT_TRUE(state.slowed);
  EXPECT_DOUBLE_EQ(*state.rate_now, 0.5);
  EXPECT_EQ(state.connections_now, 2);
  EXPECT_DOUBLE_EQ(*relays().slow_down(relay_, 7).rate_now, 0.5);
  let_pass(seconds(11));
  state = relays().slow_down(relay_, 7);
  EXPECT_DOUBLE_EQ(*state.rate_now, 0.25);
  EXPECT_EQ(state.connections_now, 1);
  let_pass(seconds(11));
  EXPECT_EQ(relays().slow_down(relay_, 7).connections_now, 1);
  EXPECT_TRUE(lease(living_));
  EXPECT_FALSE(lease(living_));
}

TEST_P(Relays, ItBecomesFasterEachMinuteWithoutAComplaintUpToTheLimit) {
  RelayLimit set = limit(60);
  set.connections = 2;
  relays().set_limit(relay_, set, marco_);
  relays().slow_down(relay_, 7);
  let_pass(seconds(59));
  EXPECT_DOUBLE_EQ(*relays().speed_up(relay_).rate_now, 0.5);
  let_pass(seconds(2));
  EXPECT_DOUBLE_EQ(*relays().speed_up(relay_).rate_now, 0.625);
  EXPECT_DOUBLE_EQ(*relays().speed_up(relay_).rate_now, 0.625);
  let_pass(minutes(1));
  EXPECT_DOUBLE_EQ(*relays().speed_up(relay_).rate_now, 0.75);
  EXPECT_EQ(relays().speed_up(relay_).connections_now, 1);
  let_pass(minutes(1));
  relays().speed_up(relay_);
  let_pass(minutes(1));
  RelayState state = relays().speed_up(relay_);
  EXPECT_DOUBLE_EQ(*state.rate_now, 1.0);
  EXPECT_TRUE(state.slowed);  // a connection is still missing
  let_pass(minutes(1));
  state = relays().speed_up(relay_);
  EXPECT_EQ(state.connections_now, 2);
  EXPECT_FALSE(state.slowed);
}

TEST_P(Relays, WithoutALimitWhatWasReachedIsTheMeasure) {
  EXPECT_FALSE(relays().speed_up(relay_).slowed);
  lease(living_);
  lease(living_);
  RelayState state = relays().slow_down(relay_, 8.0);
  EXPECT_DOUBLE_EQ(*state.rate_now, 4.0);
  EXPECT_EQ(state.connections_now, 1);
  EXPECT_FALSE(relays().take_permits(relay_, 1).after.empty());
  ASSERT_TRUE(relays().state(relay_));
  for (int i = 0; i < 6; ++i) {
    let_pass(minutes(1));
    state = relays().speed_up(relay_);
  }
  // As fast as before, it is no longer held back.
  EXPECT_FALSE(state.rate_now);
  EXPECT_FALSE(state.slowed);
  // Nothing was sent yet when it complained: slow, but not stopped.
  let_pass(minutes(1));
  state = relays().slow_down(relay_, 0.0);
  EXPECT_GT(*state.rate_now, 0.0);
  EXPECT_TRUE(state.slowed);
}

}  // namespace
}  // namespace dialin::test
