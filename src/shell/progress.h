// SPDX-License-Identifier: Apache-2.0
// How far a long work is: on a terminal one line that is drawn again in its place, elsewhere a plain line now
// and then. Standard error only: the result of a command never mixes with it.
//
// The lines are made by pure functions; Progress decides when they are shown. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "shell/streams.h"

namespace dialin {

struct ProgressState {
  std::int64_t done = 0;  // of `all`
  std::int64_t all = 0;   // 0: not known; only `done` and what follows is shown
  std::int64_t sent = 0;
  std::int64_t skipped = 0;
  std::int64_t failed = 0;
  double rate = 0;                           // a second
  std::optional<std::chrono::seconds> left;  // none: cannot be told yet
  std::string notice;                        // "the mail server slows us down: 28/min"
};

// "[######--------]  41%  300/min  2 h 5 min left  sent 410  skipped 3  failed 1  the mail server ...", at
// most `width` columns: what matters least goes first, the bar, then the time left, then the rate; the notice
// is cut.
std::string progress_bar_line(const ProgressState& state, std::size_t width);
// "410 of 1,000 (41%), 300/min, 2 h 5 min left: 410 sent, 3 skipped, 1 failed; the mail server ..."
std::string progress_plain_line(const ProgressState& state);

// "3 s", "12 min", "2 h 5 min", "3 days 4 h"
std::string describe_duration(std::chrono::seconds duration);
// "28/min", "12/s"; empty below one in an hour
std::string describe_rate(double messages_a_second);
// 1234567 -> "1,234,567"
std::string with_separators(std::int64_t number);

class Progress {
 public:
  // Both outlive this.
  Progress(Streams& streams, const Clock& clock);
  // Takes the line away, so that what comes next begins on an empty one.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows it if it is time: ten times a second on a terminal, every five seconds elsewhere.
  void show(const ProgressState& state);
  // The same for work whose end is not known: "Checked 12,000 rows".
  void show_count(const std::string& what, std::int64_t count, const std::string& of_what);
  // A sentence of its own, above the line.
  void say(const std::string& sentence);
  // Shows the last state once more, whether it is time or not: without a terminal a log ends with it. On a
  // terminal the line goes away.
  void finish();

 private:
  void draw(const std::string& line);
  void erase();
  bool is_time();

  Streams& streams_;
  const Clock& clock_;
  const bool in_place_;  // a terminal that can erase a line
  bool drawn_ = false;
  std::optional<SteadyTime> last_;
  std::string pending_;  // the newest plain line that was not shown
};

}  // namespace dialin
