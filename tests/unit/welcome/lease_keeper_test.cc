// SPDX-License-Identifier: Apache-2.0
// The lease keeper renews by real time (a lease of 1 s: every 250 ms) and judges by the clock that it is
// given. The tests wait for what happens, never for time to pass.
#include "welcome/lease_keeper.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "base/error.h"
#include "support/fake_clock.h"
#include "unit/welcome/fake_store.h"

namespace dialin::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The store's side: answers renewals as told, and lets a test wait for them.
class Renewals {
 public:
  struct Renewal {
    WelcomeId id;
    std::string claim_id;
    seconds lease;
  };

  std::unique_ptr<Store> open() {
    auto store = std::make_unique<FakeStore>();
    store->outbox().on_renew = [this](const WelcomeId& id, const std::string& claim_id, seconds lease) {
      std::lock_guard lock(mutex_);
      renewals_.push_back({id, claim_id, lease});
      changed_.notify_all();
      if (unavailable_) throw Error(ErrorCode::Unavailable, "busy");
      return ours_ && id != lost_;
    };
    std::lock_guard lock(mutex_);
    ++opened_;
    thread_ = std::this_thread::get_id();
    changed_.notify_all();
    if (cannot_open_) throw Error(ErrorCode::Unavailable, "cannot be opened");
    return store;
  }

  template <class Condition>
  ::testing::AssertionResult wait_until(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(20), condition)
               ? ::testing::AssertionSuccess()
               : ::testing::AssertionFailure() << "it did not happen";
  }
  ::testing::AssertionResult wait_until_opened(int times) {
    return wait_until([&] { return opened_ >= times; });
  }
  ::testing::AssertionResult wait_for(std::size_t count) {
    return wait_until([&] { return renewals_.size() >= count; });
  }
  std::vector<Renewal> all() {
    std::lock_guard lock(mutex_);
    return renewals_;
  }
  void answer(bool ours) {
    std::lock_guard lock(mutex_);
    ours_ = ours;
  }
  void lose(const WelcomeId& id) {
    std::lock_guard lock(mutex_);
    lost_ = id;
  }
  void be_unavailable(bool unavailable) {
    std::lock_guard lock(mutex_);
    unavailable_ = unavailable;
  }
  void fail_to_open(bool fail) {
    std::lock_guard lock(mutex_);
    cannot_open_ = fail;
  }
  int opened() {
    std::lock_guard lock(mutex_);
    return opened_;
  }
  std::thread::id thread() {
    std::lock_guard lock(mutex_);
    return thread_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Renewal> renewals_;
  bool ours_ = true;
  WelcomeId lost_;
  bool unavailable_ = false;
  bool cannot_open_ = false;
  int opened_ = 0;
  std::thread::id thread_;
};

class LeaseKeeperTest : public testing::Test {
 protected:
  StoreOpener opener() {
    return [this] { return renewals_.open(); };
  }

  // What the keeper's thread does after the store has answered it.
  static ::testing::AssertionResult becomes(const LeaseKeeper& keeper, bool enough,
                                            const WelcomeId& id = "welcome") {
    const auto until = std::chrono::steady_clock::now() + seconds(20);
    while (std::chrono::steady_clock::now() < until) {
      if (keeper.enough_left(id) == enough) return ::testing::AssertionSuccess();
      std::this_thread::yield();
    }
    return ::testing::AssertionFailure() << "enough_left() stays " << !enough;
  }

  FakeClock clock_;
  Renewals renewals_;
};

TEST_F(LeaseKeeperTest, NothingIsHeldAtFirst) {
  LeaseKeeper keeper(opener(), clock_, seconds(60));
  EXPECT_FALSE(keeper.enough_left("welcome"));
}

TEST_F(LeaseKeeperTest, EnoughIsMoreThanAThirdByTheSteadyClock) {
  LeaseKeeper keeper(opener(), clock_, seconds(60));
  keeper.hold("welcome", "claim", clock_.steady_now());
  EXPECT_TRUE(keeper.enough_left("welcome"));
  clock_.advance(milliseconds(39999));
  EXPECT_TRUE(keeper.enough_left("welcome"));
  clock_.advance(milliseconds(1));
  EXPECT_FALSE(keeper.enough_left("welcome"));
}

TEST_F(LeaseKeeperTest, AThirdIsNotRoundedToSeconds) {
  LeaseKeeper keeper(opener(), clock_, seconds(4));
  keeper.hold("welcome", "claim", clock_.steady_now());
  clock_.advance(milliseconds(2665));
  EXPECT_TRUE(keeper.enough_left("welcome"));
  clock_.advance(milliseconds(1));
  EXPECT_FALSE(keeper.enough_left("welcome"));
}

TEST_F(LeaseKeeperTest, TheTimeBeforeTheClaimWasAskedForCounts) {
  LeaseKeeper keeper(opener(), clock_, seconds(60));
  const SteadyTime asked_at = clock_.steady_now();
  clock_.advance(seconds(41));  // the store took so long to answer
  keeper.hold("welcome", "claim", asked_at);
  EXPECT_FALSE(keeper.enough_left("welcome"));
}

TEST_F(LeaseKeeperTest, WhatWasReleasedIsNotHeldAndTheNextOneIs) {
  LeaseKeeper keeper(opener(), clock_, seconds(60));
  keeper.hold("one", "claim", clock_.steady_now());
  keeper.release("one");
  EXPECT_FALSE(keeper.enough_left("one"));
  keeper.hold("two", "another", clock_.steady_now());
  EXPECT_TRUE(keeper.enough_left("two"));
}

TEST_F(LeaseKeeperTest, AWelcomeThatTakesAMomentOpensNoStore) {
  {
    LeaseKeeper keeper(opener(), clock_, seconds(60));
    keeper.hold("welcome", "claim", clock_.steady_now());
    keeper.release("welcome");
  }
  EXPECT_EQ(renewals_.opened(), 0);
}

TEST_F(LeaseKeeperTest, RenewsAgainAndAgainInAThreadOfItsOwn) {
  LeaseKeeper keeper(opener(), clock_, seconds(1));
  keeper.hold("welcome", "claim", clock_.steady_now());
  ASSERT_TRUE(renewals_.wait_for(3));
  for (const Renewals::Renewal& renewal : renewals_.all()) {
    EXPECT_EQ(renewal.id, "welcome");
    EXPECT_EQ(renewal.claim_id, "claim");
    EXPECT_EQ(renewal.lease, seconds(1));
  }
  EXPECT_EQ(renewals_.opened(), 1);
  EXPECT_NE(renewals_.thread(), std::this_thread::get_id());
}

TEST_F(LeaseKeeperTest, ARenewalGivesTheLeaseItsFullLengthAgain) {
  LeaseKeeper keeper(opener(), clock_, seconds(1));
  keeper.hold("welcome", "claim", clock_.steady_now());
  clock_.advance(milliseconds(700));
  EXPECT_FALSE(keeper.enough_left("welcome"));
  EXPECT_TRUE(becomes(keeper, true));
}

TEST_F(LeaseKeeperTest, AClaimThatIsNoLongerOursIsLostForGood) {
  renewals_.answer(false);
  LeaseKeeper keeper(opener(), clock_, seconds(1));
  keeper.hold("welcome", "claim", clock_.steady_now());
  EXPECT_TRUE(becomes(keeper, false));
  // Only a new claim ends that.
  renewals_.answer(true);
  keeper.hold("welcome", "another claim", clock_.steady_now());
  EXPECT_TRUE(keeper.enough_left("welcome"));
  ASSERT_TRUE(renewals_.wait_for(3));
  EXPECT_TRUE(keeper.enough_left("welcome"));
  EXPECT_EQ(renewals_.all().at(0).claim_id, "claim");
  EXPECT_EQ(renewals_.all().at(1).claim_id, "another claim");
}

TEST_F(LeaseKeeperTest, WhatWasSaidOfAnEarlierClaimDoesNotConcernTheNext) {
  LeaseKeeper keeper(opener(), clock_, seconds(1));
  keeper.hold("one", "first", clock_.steady_now());
  ASSERT_TRUE(renewals_.wait_for(1));
  renewals_.answer(false);
  keeper.release("one");
  keeper.hold("two", "second", clock_.steady_now());
  renewals_.answer(true);
  ASSERT_TRUE(renewals_.wait_for(renewals_.all().size() + 2));
  EXPECT_TRUE(becomes(keeper, true, "two"));
}

TEST_F(LeaseKeeperTest, AStoreThatCannotBeAskedLetsTheLeaseRunOutAndIsAskedAgain) {
  renewals_.be_unavailable(true);
  LeaseKeeper keeper(opener(), clock_, seconds(1));
  keeper.hold("welcome", "claim", clock_.steady_now());
  ASSERT_TRUE(renewals_.wait_for(2));
  EXPECT_TRUE(keeper.enough_left("welcome"));  // not lost: nobody said so
  clock_.advance(milliseconds(700));
  EXPECT_FALSE(keeper.enough_left("welcome"));
  EXPECT_GE(renewals_.opened(), 2);  // by a connection of its own each time
  renewals_.be_unavailable(false);
  EXPECT_TRUE(becomes(keeper, true));
}

TEST_F(LeaseKeeperTest, AStoreThatCannotBeOpenedIsOpenedLater) {
  renewals_.fail_to_open(true);
  LeaseKeeper keeper(opener(), clock_, seconds(1));
  keeper.hold("welcome", "claim", clock_.steady_now());
  ASSERT_TRUE(renewals_.wait_until_opened(2));
  renewals_.fail_to_open(false);
  EXPECT_TRUE(renewals_.wait_for(1));
}

TEST_F(LeaseKeeperTest, NothingIsRenewedAfterItWasReleased) {
  LeaseKeeper keeper(opener(), clock_, seconds(1));
  keeper.hold("one", "first", clock_.steady_now());
  ASSERT_TRUE(renewals_.wait_for(1));
  keeper.release("one");
  // The next claim's renewals come, and none of the released one among them.
  const std::size_t before = renewals_.all().size();
  keeper.hold("two", "second", clock_.steady_now());
  ASSERT_TRUE(renewals_.wait_for(before + 3));
  const std::vector<Renewals::Renewal> all = renewals_.all();
  // At most the one that was on its way.
  for (std::size_t i = before + 1; i < all.size(); ++i) EXPECT_EQ(all[i].claim_id, "second");
}

TEST_F(LeaseKeeperTest, ManyRowsAreRenewedTogetherAndOneThatIsLostCostsNoOther) {
  LeaseKeeper keeper(opener(), clock_, seconds(1));
  renewals_.lose("three");
  for (const char* id : {"one", "two", "three"})
    keeper.hold(id, std::string("claim of ") + id, clock_.steady_now());
  ASSERT_TRUE(renewals_.wait_for(6));
  EXPECT_TRUE(becomes(keeper, false, "three"));
  EXPECT_TRUE(keeper.enough_left("one"));
  EXPECT_TRUE(keeper.enough_left("two"));
  for (const Renewals::Renewal& renewal : renewals_.all()) {
    EXPECT_EQ(renewal.claim_id, "claim of " + renewal.id);
  }
}

}  // namespace
}  // namespace dialin::test
