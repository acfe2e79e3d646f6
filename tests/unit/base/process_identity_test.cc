// SPDX-License-Identifier: Apache-2.0
#include "base/process_identity.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dialin {
namespace {

// A child that waits until it is told to end.
class Child {
 public:
  Child() {
    if (pipe(pipe_) != 0) throw std::runtime_error("pipe");
    number_ = fork();
    if (number_ == 0) {
      close(pipe_[1]);
      char octet;
      _exit(read(pipe_[0], &octet, 1) == 0 ? 0 : 1);
    }
    close(pipe_[0]);
  }
  ~Child() {
    end();
    bury();
  }
  pid_t number() const { return number_; }
  // It becomes a zombie.
  void end() {
    if (pipe_[1] < 0) return;
    close(pipe_[1]);
    pipe_[1] = -1;
    siginfo_t ignored;
    waitid(P_PID, static_cast<id_t>(number_), &ignored, WEXITED | WNOWAIT);
  }
  void bury() {
    if (!buried_) waitpid(number_, nullptr, 0);
    buried_ = true;
  }

 private:
  int pipe_[2] = {-1, -1};
  pid_t number_ = 0;
  bool buried_ = false;
};

TEST(ProcessIdentity, ThisProcessExists) {
  const ProcessIdentity identity = this_process();
  EXPECT_EQ(identity.process_id, getpid());
  EXPECT_FALSE(identity.host.empty());
  EXPECT_FALSE(no_longer_exists(identity));
  EXPECT_EQ(identity, this_process());
}

TEST(ProcessIdentity, AnotherStartTimeIsAnotherProcess) {
  ProcessIdentity identity = this_process();
  ++identity.start_time;
  EXPECT_TRUE(no_longer_exists(identity));
}

TEST(ProcessIdentity, AnotherBootIsOver) {
  ProcessIdentity identity = this_process();
  if (identity.boot_id.empty()) GTEST_SKIP() << "this host tells no boot id";
  identity.boot_id = "00000000-0000-0000-0000-000000000000";
  EXPECT_TRUE(no_longer_exists(identity));
}

TEST(ProcessIdentity, NothingIsCertainAboutAnotherHost) {
  ProcessIdentity identity = this_process();
  identity.host += "-elsewhere";
  identity.process_id = 0;
  EXPECT_FALSE(no_longer_exists(identity));
}

TEST(ProcessIdentity, NothingIsCertainWithoutABootId) {
  ProcessIdentity identity = this_process();
  identity.boot_id.clear();
  ++identity.start_time;
  EXPECT_FALSE(no_longer_exists(identity));
}

TEST(ProcessIdentity, AZombieAndABuriedProcessAreGone) {
  if (this_process().boot_id.empty()) GTEST_SKIP() << "this host tells no boot id";
  Child child;
  ProcessIdentity identity = this_process();
  identity.process_id = child.number();
  child.end();
  EXPECT_TRUE(no_longer_exists(identity));
  child.bury();
  EXPECT_TRUE(no_longer_exists(identity));
}

}  // namespace
}  // namespace dialin
