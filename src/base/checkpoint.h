// SPDX-License-Identifier: Apache-2.0
// Named instants in the life of a welcome at which a test may stop or kill the process (doc/delivery.md).
//
// The program itself does nothing at them, unless DIALIN_CHECKPOINT names one: `NAME=kill`, `NAME=stop`
// (SIGSTOP), `NAME=tell` (a line "checkpoint: NAME" on standard error), with `NAME#N=...` for the N-th time
// it is reached. `*` stands for every name, so that a test can stop at each without a list of them: `*=tell`
// says them all, `*#5=kill` kills at the fifth. Whoever may set the environment of a process may kill it
// anyway; the installed service takes no environment from its callers.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

namespace dialin {

class Checkpoints {
 public:
  virtual ~Checkpoints() = default;
  virtual void reach(std::string_view) {}
};

class SignalCheckpoints final : public Checkpoints {
 public:
  // `order` as above; throws Error(InvalidInput) if it cannot be read.
  explicit SignalCheckpoints(std::string_view order);
  void reach(std::string_view name) override;  // any thread

 private:
  std::string name_;
  int signal_ = 0;  // 0: tell
  int count_ = 0;   // the time that is meant; 0: every time
  std::atomic<int> times_ = 0;
};

}  // namespace dialin
