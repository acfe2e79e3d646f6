// SPDX-License-Identifier: Apache-2.0
#include "base/checkpoint.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

namespace dialin {
namespace {

TEST(Checkpoints, DoNothingByDefault) {
  Checkpoints().reach("anything");
}

TEST(SignalCheckpoints, KillsWhereItIsTold) {
  EXPECT_EXIT(
      {
        SignalCheckpoints checkpoints("after_dot=kill");
        checkpoints.reach("before_dot");
        checkpoints.reach("after_dot");
        _exit(7);
      },
      testing::KilledBySignal(SIGKILL), "");
}

TEST(SignalCheckpoints, CountsAndIsOverAfterwards) {
  const auto reach_times = [](int times) {
    SignalCheckpoints checkpoints("claim#3=kill");
    for (int i = 0; i < times; ++i) checkpoints.reach("claim");
    _exit(7);
  };
  EXPECT_EXIT(reach_times(2), testing::ExitedWithCode(7), "");
  EXPECT_EXIT(reach_times(3), testing::KilledBySignal(SIGKILL), "");
}

TEST(SignalCheckpoints, MeansEveryNameByAnAsterisk) {
  EXPECT_EXIT(
      {
        SignalCheckpoints checkpoints("*#2=kill");
        checkpoints.reach("first");
        checkpoints.reach("second");
        _exit(7);
      },
      testing::KilledBySignal(SIGKILL), "");
}

TEST(SignalCheckpoints, TellsWhatIsReached) {
  EXPECT_EXIT(
      {
        SignalCheckpoints checkpoints("*=tell");
        checkpoints.reach("first");
        checkpoints.reach("second");
        checkpoints.reach("first");
        _exit(7);
      },
      testing::ExitedWithCode(7), "checkpoint: first\ncheckpoint: second\ncheckpoint: first\n");
  EXPECT_EXIT(
      {
        SignalCheckpoints checkpoints("second=tell");
        checkpoints.reach("first");
        checkpoints.reach("second");
        _exit(7);
      },
      testing::ExitedWithCode(7), "^checkpoint: second\n$");
}

TEST(SignalCheckpoints, StopsAndGoesOn) {
  const pid_t child = fork();
  if (child == 0) {
    SignalCheckpoints("here=stop").reach("here");
    _exit(7);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  EXPECT_TRUE(WIFSTOPPED(status));
  kill(child, SIGCONT);
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(SignalCheckpoints, RefusesWhatItCannotRead) {
  for (const char* order : {"", "name", "=kill", "name=", "name=pause", "name#=kill", "name#0=kill",
                            "name#-1=kill", "name#2x=kill", "#2=kill", "name#99999999999=kill"}) {
    try {
      SignalCheckpoints checkpoints(order);
      ADD_FAILURE() << order;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::InvalidInput) << order;
    }
  }
}

}  // namespace
}  // namespace dialin
