// SPDX-License-Identifier: Apache-2.0
// What a watcher of a run is shown, and how often the store is asked for it. Time stands still but for what a
// test lets pass.
#include "run/run_watch.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/fake_clock.h"
#include "unit/run/fake_run_store.h"

namespace dialin::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Outcome = RecordResult::Outcome;

class RunWatchTest : public testing::Test {
 protected:
  RunWatchTest() {
    store_.run_store = &run_;
    run_.record.emplace().state = RunState::Ready;
  }
  void pass(milliseconds time) { clock_.advance(time); }

  FakeRunStore run_;
  FakeStore store_;
  FakeClock clock_;
  std::vector<RunProgress> shown_;
  const RunWatcher watcher_ = [this](const RunProgress& progress) { shown_.push_back(progress); };
  RunWatch watch_{store_, "run", clock_, watcher_};
};

TEST_F(RunWatchTest, CountsAreReadOnceASecondAndShownTenTimes) {
  for (int i = 0; i < 2000; ++i) {
    watch_.look("");
    pass(milliseconds(1));
  }
  EXPECT_EQ(run_.counted, 2);
  EXPECT_EQ(shown_.size(), 20u);
}

TEST_F(RunWatchTest, WhatWasJustDoneIsShownBeforeItIsRead) {
  run_.present.waiting = 10;
  watch_.read();
  watch_.issued(6);
  watch_.settled(1);
  const std::vector<Outcome> ended = {Outcome::Sent,           Outcome::Sent,       Outcome::Failed,
                                      Outcome::Uncertain,      Outcome::Superseded, Outcome::Queued,
                                      Outcome::AlreadyRecorded};
  for (const Outcome outcome : ended) watch_.ended(outcome);
  pass(milliseconds(100));
  watch_.look("");
  EXPECT_EQ(run_.counted, 1);
  const RunCounts& counts = shown_.back().counts;
  EXPECT_EQ(counts.waiting, 3);
  EXPECT_EQ(counts.queued, 1);
  EXPECT_EQ(counts.sent, 2);
  EXPECT_EQ(counts.failed, 1);
  EXPECT_EQ(counts.uncertain, 1);
  EXPECT_EQ(counts.not_sent, 1);
}

TEST_F(RunWatchTest, TheRateIsThatOfTheLastHalfMinute) {
  run_.present.waiting = 1000;
  watch_.read();
  EXPECT_EQ(shown_.back().rate, 0);
  EXPECT_EQ(shown_.back().left, std::nullopt);
  // Ten a second for a minute, then one a second.
  for (int i = 0; i < 60; ++i) {
    pass(seconds(1));
    run_.present.sent += 10;
    run_.present.waiting -= 10;
    watch_.look("");
  }
  EXPECT_NEAR(shown_.back().rate, 10, 0.01);
  EXPECT_EQ(shown_.back().left, seconds(40));
  for (int i = 0; i < 31; ++i) {
    pass(seconds(1));
    ++run_.present.sent;
    --run_.present.waiting;
    watch_.look("");
  }
  EXPECT_NEAR(shown_.back().rate, 1, 0.01);
}

TEST_F(RunWatchTest, RowsThatAreHeldAreNotExpectedToGo) {
  run_.present.queued = 10;
  run_.present.held = 10;
  watch_.read();
  pass(seconds(1));
  run_.present.sent = 5;
  watch_.read();
  EXPECT_EQ(shown_.back().left, std::nullopt);
}

TEST_F(RunWatchTest, ARunThatIsPausedCancelledOrGoneMayNotGoOn) {
  watch_.read();
  EXPECT_TRUE(watch_.may_go_on());
  run_.record->pause.emplace();
  EXPECT_TRUE(watch_.may_go_on());  // as of the last reading
  pass(seconds(1));
  watch_.look("");
  EXPECT_FALSE(watch_.may_go_on());
  run_.record->pause.reset();
  watch_.read();
  EXPECT_TRUE(watch_.may_go_on());
  run_.record->state = RunState::Cancelled;
  watch_.read();
  EXPECT_FALSE(watch_.may_go_on());
  run_.record.reset();
  watch_.read();
  EXPECT_FALSE(watch_.may_go_on());
}

TEST_F(RunWatchTest, ANoticeIsPassedOn) {
  watch_.look("the mail server slows us down: 28/min");
  EXPECT_EQ(shown_.back().notice, "the mail server slows us down: 28/min");
}

TEST_F(RunWatchTest, NobodyHasToWatch) {
  const RunWatcher nobody;
  RunWatch unwatched(store_, "run", clock_, nobody);
  run_.present.waiting = 3;
  EXPECT_EQ(unwatched.read().waiting, 3);
}

}  // namespace
}  // namespace dialin::test
