// SPDX-License-Identifier: Apache-2.0
#include "shell/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "support/fake_clock.h"
#include "support/fake_streams.h"

namespace dialin::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

ProgressState some_state() {
  return {.done = 414,
          .all = 1000,
          .sent = 410,
          .skipped = 3,
          .failed = 1,
          .rate = 5,
          .left = 125min,
          .notice = "the mail server slows us down: 28/min"};
}

TEST(Progress, ALineHoldsEverythingWhereThereIsRoom) {
  EXPECT_EQ(progress_bar_line(some_state(), 200),
            "[################------------------------]   41%  300/min  2 h 5 min left  sent 410  skipped 3  "
            "failed 1  the mail server slows us down: 28/min");
}

TEST(Progress, ALineNeverIsWiderThanTheTerminal) {
  ProgressState state = some_state();
  for (const char* notice :
       {"", "the mail server slows us down: 28/min", "le serveur dit « après »", "混雑しています"}) {
    state.notice = notice;
    for (std::size_t width = 1; width < 200; ++width)
      EXPECT_LE(display_width(progress_bar_line(state, width)), width) << width << notice;
  }
}

TEST(Progress, WhatMattersLeastGoesFirst) {
  const ProgressState state = some_state();
  EXPECT_THAT(progress_bar_line(state, 79), AllOf(Not(HasSubstr("[")), HasSubstr("the mail"), EndsWith("..."),
                                                  HasSubstr("2 h 5 min left")));
  EXPECT_THAT(progress_bar_line(state, 45), AllOf(HasSubstr("300/min"), Not(HasSubstr("left"))));
  EXPECT_EQ(progress_bar_line(state, 38), " 41%  sent 410  skipped 3  failed 1");
}

TEST(Progress, AHundredPercentMeansThatNothingIsLeft) {
  EXPECT_THAT(progress_bar_line({.done = 999999, .all = 1000000}, 100), HasSubstr(" 99%"));
  EXPECT_THAT(progress_bar_line({.done = 1000000, .all = 1000000}, 100), HasSubstr("100%"));
  EXPECT_THAT(progress_bar_line({}, 100), HasSubstr("  0%"));
}

TEST(Progress, APlainLineIsForALog) {
  EXPECT_EQ(
      progress_plain_line(some_state()),
      "414 of 1,000 (41%), 300/min, 2 h 5 min left: 410 sent, 3 skipped, 1 failed; the mail server slows "
      "us down: 28/min");
  EXPECT_EQ(progress_plain_line({.all = 2}), "0 of 2 (0%): 0 sent, 0 skipped, 0 failed");
}

TEST(Progress, NumbersAreSaidAsPeopleSayThem) {
  EXPECT_EQ(describe_duration(59s), "59 s");
  EXPECT_EQ(describe_duration(90s), "2 min");
  EXPECT_EQ(describe_duration(2h), "2 h");
  EXPECT_EQ(describe_duration(56h), "2 days 8 h");
  EXPECT_EQ(describe_duration(240h), "10 days");
  EXPECT_EQ(describe_duration(-1s), "0 s");
  EXPECT_EQ(describe_rate(1234.5), "1,235/s");
  EXPECT_EQ(describe_rate(0.5), "30/min");
  EXPECT_EQ(describe_rate(0.01), "36/h");
  EXPECT_EQ(describe_rate(0), "");
  EXPECT_EQ(with_separators(0), "0");
  EXPECT_EQ(with_separators(-1234567), "-1,234,567");
}

class ProgressShown : public testing::Test {
 protected:
  FakeClock clock;
  FakeStreams streams;
};

TEST_F(ProgressShown, OnATerminalOneLineIsDrawnTenTimesASecondAtMost) {
  streams.error_is_terminal = true;
  {
    Progress progress(streams, clock);
    for (int i = 0; i < 1000; ++i) {
      progress.show({.done = i, .all = 1000});
      clock.advance(1ms);
    }
  }
  EXPECT_EQ(std::ranges::count(streams.error, '\r'), 11);  // and once to take it away
  EXPECT_THAT(streams.error, AllOf(Not(HasSubstr("\n")), EndsWith("\r\x1b[K")));
  EXPECT_THAT(streams.output, IsEmpty());
}

TEST_F(ProgressShown, TheLineFollowsTheTerminalsWidth) {
  streams.error_is_terminal = true;
  Progress progress(streams, clock);
  for (std::size_t columns : {200U, 60U, 0U}) {
    streams.columns = columns;
    streams.error.clear();
    progress.show(some_state());
    clock.advance(100ms);
    EXPECT_LT(display_width(streams.error.substr(4)), std::max<std::size_t>(columns, 2));
  }
}

TEST_F(ProgressShown, SentencesStandAboveTheLine) {
  streams.error_is_terminal = true;
  Progress progress(streams, clock);
  progress.show({.done = 1, .all = 2});
  progress.say("The mail server is away.");
  EXPECT_THAT(streams.error, EndsWith("\r\x1b[KThe mail server is away.\n"));
}

TEST_F(ProgressShown, ALogGetsALineEveryFiveSecondsAndTheLastState) {
  Progress progress(streams, clock);
  for (int i = 0; i <= 12; ++i) {
    progress.show({.done = i, .all = 12});
    clock.advance(1s);
  }
  progress.finish();
  EXPECT_THAT(streams.error, StartsWith("5 of 12"));
  EXPECT_EQ(std::ranges::count(streams.error, '\n'), 3);
  EXPECT_THAT(streams.error, EndsWith("12 of 12 (100%): 0 sent, 0 skipped, 0 failed\n"));
  EXPECT_THAT(streams.error, Not(HasSubstr("\r")));
}

TEST_F(ProgressShown, ATerminalThatCannotEraseIsALog) {
  streams.error_is_terminal = true;
  streams.variables["TERM"] = "dumb";
  Progress progress(streams, clock);
  progress.show({.done = 1, .all = 2});
  progress.show_count("Checked", 12000, "rows");
  EXPECT_THAT(streams.error, IsEmpty());
  clock.advance(5s);
  progress.show_count("Checked", 24000, "rows");
  EXPECT_EQ(streams.error, "Checked 24,000 rows\n");
}

}  // namespace
}  // namespace dialin::test
