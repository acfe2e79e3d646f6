// SPDX-License-Identifier: Apache-2.0
// Works off runs: issues their rows when a mail server is ready for them, delivers, waits, backs off, pauses,
// until nothing is left (doc/runs.md). Any number of processes may work on the same run.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/store.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// What a watcher sees. Called on the working thread, at most ten times a second.
struct RunProgress {
  RunCounts counts;
  double rate = 0;                           // accepted a second, over the last half minute
  std::optional<std::chrono::seconds> left;  // none: cannot be told yet
  std::string notice;  // what the server does to us: "the mail server slows us down: 28/min"; may be empty
};
using RunWatcher = std::function<void(const RunProgress&)>;

enum class RunEnd {
  Finished,
  Paused,       // `record.pause`, or a pause of the relay: `error` says which
  Interrupted,  // Ctrl-C
  Cancelled,    // by another command meanwhile
  Waiting,      // RunPatience::OnePass: what is left is due later
};

struct RunOutcome {
  RunRecord record;
  RunCounts counts;
  RunEnd end = RunEnd::Finished;
  bool changed = false;  // rows ended, or became welcomes, meanwhile
  std::chrono::steady_clock::duration took{};
  std::optional<Error> error;  // why it did not finish, and what to do next
};

enum class RunPatience {
  UntilDone,  // waits for servers that are away and for deferred recipients
  OnePass,    // does what can be done now
};

RunOutcome work_off(const WelcomeEnvironment& environment, const WelcomeSettings& settings, const RunId& run,
                    RunPatience patience, const RunWatcher& watcher);

// Only looks, until the run ends or pauses, or nobody works on it any more.
RunOutcome follow(const WelcomeEnvironment& environment, const RunId& run, const RunWatcher& watcher);

}  // namespace dialin
