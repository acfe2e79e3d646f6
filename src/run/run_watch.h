// SPDX-License-Identifier: Apache-2.0
// What a watcher of a run is shown: counts from the store once a second, brought forward by what this process
// has done since, and the rate over the last half minute. One thread.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "run/run_work.h"

namespace dialin {

class RunWatch {
 public:
  RunWatch(Store& store, RunId run, const Clock& clock, const RunWatcher& watcher)
      : store_(store), run_(std::move(run)), clock_(clock), watcher_(watcher) {}

  // Reads the counts if they are older than a second, and shows them at most ten times a second.
  void look(const std::string& notice);
  // Reads them at once, and shows them.
  const RunCounts& read(const std::string& notice = {});
  const RunCounts& counts() const { return counts_; }
  // The run is neither paused nor cancelled, as of the last reading.
  bool may_go_on() const { return may_go_on_; }

  // What this process has just done.
  void issued(std::int64_t rows);
  void settled(std::int64_t rows);
  void ended(RecordResult::Outcome outcome);

 private:
  void show(SteadyTime now, const std::string& notice);
  double rate(SteadyTime now) const;

  struct Sample {
    SteadyTime at;
    std::int64_t sent;
  };

  Store& store_;
  const RunId run_;
  const Clock& clock_;
  const RunWatcher& watcher_;
  RunCounts counts_;
  bool may_go_on_ = true;
  std::optional<SteadyTime> read_at_;
  std::optional<SteadyTime> shown_at_;
  std::deque<Sample> samples_;
};

}  // namespace dialin
