// SPDX-License-Identifier: Apache-2.0
#include "command/run_working.h"

#include <fmt/format.h>

#include <algorithm>

#include "command/run_output.h"
#include "run/resume_run.h"
#include "shell/progress.h"
#include "welcome/same_command.h"

namespace dialin {
namespace {

// The invalid rows of a run as an input of their own, under their own lines.
class InvalidRows final : public RunInput {
 public:
  explicit InvalidRows(std::vector<RunReportRow> rows) : rows_(std::move(rows)) {}

  std::optional<RunInputRow> next() override {
    if (next_ == rows_.size()) return std::nullopt;
    const RunReportRow& row = rows_[next_++];
    RunInputRow result;
    result.line = row.line;
    result.identity = row.identity;
    if (!row.address.empty()) result.address = row.address;
    // A PIN of a row that could not be taken was not kept; another one is not what its author meant.
    if (row.had_pin) {
      result.problem = CsvProblem{static_cast<std::size_t>(row.line), "Pin",
                                  "the PIN of a bad row is not kept: type the first command again"};
    } else if (row.identity.empty()) {
      result.problem = CsvProblem{static_cast<std::size_t>(row.line), "", row.detail};
    }
    return result;
  }
  const std::vector<UnknownColumn>& unknown_columns() const override { return no_columns_; }
  std::string digest() const override { return {}; }

 private:
  std::vector<RunReportRow> rows_;
  std::size_t next_ = 0;
  std::vector<UnknownColumn> no_columns_;
};

class RestagingSink final : public RunRowSink {
 public:
  RestagingSink(RunStore& runs, RunId run, const Operator& by) : runs_(runs), run_(std::move(run)), by_(by) {}
  int plan_number(const RunPlan& plan) override { return runs_.add_plan(run_, plan); }
  std::vector<RunStore::Duplicate> put(const std::vector<StagedRow>& rows) override {
    return runs_.restage(run_, rows, by_);
  }

 private:
  RunStore& runs_;
  RunId run_;
  const Operator& by_;
};

// Progress on standard error while `work` runs, with the workplace's sentences above it.
template <typename Work>
RunOutcome watched(CommandContext& context, WelcomeWorkplace& workplace, const Work& work) {
  Progress progress(context.streams, context.clock);
  workplace.speak_above(&progress);
  const RunWatcher watcher = [&progress](const RunProgress& state) { progress.show(progress_state(state)); };
  try {
    RunOutcome outcome = work(watcher);
    progress.finish();
    workplace.speak_above(nullptr);
    return outcome;
  } catch (...) {
    workplace.speak_above(nullptr);
    throw;
  }
}

}  // namespace

void ask_for_passwords(Passwords& passwords, const std::vector<WelcomeWay>& ways) {
  for (const WelcomeWay& way : ways) {
    if (!way.user.empty()) passwords.of(way);
  }
}

std::vector<WelcomeWay> ways_of(Store& store, const RunId& run) {
  std::vector<WelcomeWay> ways;
  for (const RunPlan& plan : store.runs().plans(run)) {
    const bool known =
        std::ranges::any_of(ways, [&](const WelcomeWay& way) { return same_way(way, plan.way); });
    if (!known) ways.push_back(plan.way);
  }
  return ways;
}

void set_stated_limits(CommandContext& context, Store& store, const WelcomeSettings& settings,
                       const std::vector<WelcomeWay>& ways) {
  for (const WelcomeWay& way : ways) {
    const RelayLimit limit = settings.limit_of(way);
    // Nothing stated leaves what somebody else has stated.
    if (limit != RelayLimit()) store.relays().set_limit(relay_of(way), limit, context.by);
  }
}

int work_on_run(const RunWorkplace& work, const RunId& run, NewFile* report) {
  const RunOutcome outcome = watched(work.context, work.workplace, [&](const RunWatcher& watcher) {
    return work_off(work.workplace.environment(), work.workplace.settings(), run, RunPatience::UntilDone,
                    watcher);
  });
  return write_outcome(work.context, work.bound, work.store, outcome, report);
}

RunOutcome follow_run(CommandContext& context, WelcomeWorkplace& workplace, const RunId& run) {
  return watched(context, workplace,
                 [&](const RunWatcher& watcher) { return follow(workplace.environment(), run, watcher); });
}

int resume_and_work(const RunWorkplace& work, const RunRecord& run, NewFile* report) {
  if (!run.pause && work.store.runs().worked_on(run.id)) {
    work.context.streams.write_error(
        fmt::format("Another process works on the run {}: it is followed.\n", run.name));
    const RunOutcome outcome = follow_run(work.context, work.workplace, run.id);
    // Waiting: nobody works on it any more.
    if (outcome.end != RunEnd::Waiting)
      return write_outcome(work.context, work.bound, work.store, outcome, report);
  }
  const std::vector<WelcomeWay> ways = ways_of(work.store, run.id);
  ask_for_passwords(work.passwords, ways);
  set_stated_limits(work.context, work.store, work.workplace.settings(), ways);
  resume_run(work.workplace.environment(), run.id);
  return work_on_run(work, run.id, report);
}

RowMender look_again(const RunWorkplace& work, const RunRecord& run, WelcomePlanner& planner) {
  return [&work, &run, &planner](std::vector<RunReportRow> invalid) {
    InvalidRows input(std::move(invalid));
    RestagingSink sink(work.store.runs(), run.id, work.context.by);
    const RunCheckOptions options{.force = run.force, .add_people = false};
    return check_run(input, &work.store, planner, &sink, options, work.workplace.settings(),
                     work.context.clock, nullptr, work.context.interrupted)
        .summary.to_welcome();
  };
}

bool retry_rows(const RunWorkplace& work, const RunRecord& run, const RowMender& mender) {
  RunStore::Retry retry = work.store.runs().retry(run.id, work.context.by);
  const std::int64_t mended = retry.invalid.empty() ? 0 : mender(std::move(retry.invalid));
  const std::int64_t all = retry.failed + retry.uncertain + mended;
  if (all > 0) {
    work.context.streams.write_error(fmt::format(
        "The run {} takes again: {} that failed, {} that are uncertain, {} that could not be taken "
        "before.\n",
        run.name, retry.failed, retry.uncertain, mended));
  }
  return all > 0;
}

}  // namespace dialin
