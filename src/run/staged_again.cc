// SPDX-License-Identifier: Apache-2.0
#include "run/staged_again.h"

#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace dialin {
namespace {

constexpr std::size_t Batch = 500;

class StagedAgain {
 public:
  StagedAgain(RunStore& runs, const RunId& run, const RunId& staged, const Operator& by)
      : runs_(runs), run_(run), staged_(staged), by_(by), plans_(runs.plans(staged)), all_(plans_.size()) {
    std::iota(all_.begin(), all_.end(), 0);
    rows_.reserve(Batch);
  }

  void take(std::int64_t line) {
    const std::vector<RunReportRow> now = runs_.report(staged_, line - 1, 1);
    if (now.empty() || now.front().line != line) return;
    const RunReportRow& row = now.front();
    StagedRow taken;
    taken.line = line;
    taken.identity = row.identity;
    taken.state = row.state;
    taken.code = row.code;
    taken.detail = row.detail;
    std::optional<Pin> pin;
    if (row.state == RunRowState::Waiting) {
      std::vector<WaitingRow> waiting = runs_.waiting(staged_, all_, line - 1, 1);
      if (waiting.empty() || waiting.front().line != line) return;
      taken.person = waiting.front().person.id;
      taken.plan = plan_in_run(waiting.front().plan);
      taken.to = std::move(waiting.front().to);
      taken.version = waiting.front().staged_version;
      pin = std::move(waiting.front().pin);
    } else if (row.state != RunRowState::Skipped) {
      return;
    }
    rows_.push_back(std::move(taken));
    pins_.push_back(std::move(pin));
    if (rows_.size() == Batch) write();
  }

  std::int64_t finish() {
    write();
    return waiting_;
  }

 private:
  int plan_in_run(int number) {
    const auto known = numbers_.find(number);
    if (known != numbers_.end()) return known->second;
    return numbers_[number] = runs_.add_plan(run_, plans_.at(static_cast<std::size_t>(number)));
  }

  void write() {
    if (rows_.empty()) return;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      rows_[i].pin = pins_[i] ? &*pins_[i] : nullptr;
      waiting_ += rows_[i].state == RunRowState::Waiting;
    }
    // Two lines of one person: the second is as invalid as it was.
    waiting_ -= static_cast<std::int64_t>(runs_.restage(run_, rows_, by_).size());
    rows_.clear();
    pins_.clear();
  }

  RunStore& runs_;
  const RunId& run_;
  const RunId& staged_;
  const Operator& by_;
  const std::vector<RunPlan> plans_;
  std::vector<int> all_;
  std::map<int, int> numbers_;  // of plans: in the staging, in the run
  std::vector<StagedRow> rows_;
  std::vector<std::optional<Pin>> pins_;  // of rows_
  std::int64_t waiting_ = 0;
};

}  // namespace

std::int64_t take_staged_rows(RunStore& runs, const RunId& run, const std::vector<RunReportRow>& invalid,
                              const RunId& staged, const Operator& by) {
  if (invalid.empty()) return 0;
  StagedAgain again(runs, run, staged, by);
  for (const RunReportRow& row : invalid) again.take(row.line);
  return again.finish();
}

}  // namespace dialin
