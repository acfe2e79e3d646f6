// SPDX-License-Identifier: Apache-2.0
// A run's rows for the pipeline: rows that are due again, then waiting ones, which get their PIN here and
// become welcomes in the moment in which they are claimed.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "run/run_watch.h"
#include "welcome/outbox_pipeline.h"

namespace dialin {

class RunRowSource final : public RowSource {
 public:
  // `plans`: of the run, by number; `workable`: those of the way in question that no pause covers. All
  // outlive it.
  RunRowSource(const WelcomeEnvironment& environment, const WelcomeSettings& settings, const RunRecord& run,
               const std::vector<RunPlan>& plans, std::vector<int> workable, RunWatch& watch);

  std::vector<ClaimedWelcome> claim(std::size_t most) override;
  bool exhausted() override;
  bool recorded(std::vector<RowOutcome> outcomes) override;
  void alive(const std::string& notice) override { watch_.look(notice); }

  // Whether anything was accepted: the server works.
  bool accepted_any() const { return accepted_ > 0; }
  // The mail of a row could not be made: the first time why.
  const std::optional<Error>& error() const { return error_; }

 private:
  struct Prepared {
    IssueRow row;
    Pin pin;
    Person person;
  };

  void claim_due(std::size_t most, std::vector<ClaimedWelcome>& claimed);
  void claim_waiting(std::size_t most, std::vector<ClaimedWelcome>& claimed);
  bool next_page();
  // What a waiting row becomes: something to issue, or the reason why not, in `settled_`.
  std::optional<Prepared> prepare(WaitingRow& row);
  void settle(std::int64_t line, RunRowState state, std::string code, std::string detail);
  void write_settled();
  void fail_held_of(const std::string& sender);
  void issue(std::vector<Prepared>& rows, std::vector<ClaimedWelcome>& claimed);

  const WelcomeEnvironment& environment_;
  const WelcomeSettings& settings_;
  const RunRecord& run_;
  const std::vector<RunPlan>& plans_;
  const std::vector<int> workable_;
  RunWatch& watch_;

  std::deque<WaitingRow> page_;
  std::int64_t after_line_ = 0;
  bool waiting_is_over_ = false;
  bool look_again_ = false;  // a row was changed by somebody else while it was prepared
  int rounds_ = 0;
  bool due_is_over_ = false;
  std::optional<SteadyTime> due_looked_at_;
  std::vector<SettledRow> settled_;
  std::size_t accepted_ = 0;
  bool held_before_;             // of senders that nobody has asked about yet
  std::set<std::string> asked_;  // senders
  std::set<std::string> held_senders_;
  std::pair<int, std::string> last_refusal_;  // reply and enhanced code of the last held one
  int alike_ = 0;
  std::optional<Error> error_;
};

}  // namespace dialin
