// SPDX-License-Identifier: Apache-2.0
// One run of which only what a test sets can be asked: its report, its record, its counts.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "unit/welcome/fake_store.h"

namespace dialin::test {

class FakeRunStore final : public RunStore {
 public:
  std::vector<RunReportRow> rows;   // of the report
  std::optional<RunRecord> record;  // what get() gives
  RunCounts present;
  int counted = 0;

  std::vector<RunReportRow> report(const RunId&, std::int64_t after_line, std::size_t limit) override {
    std::vector<RunReportRow> page;
    for (const RunReportRow& row : rows) {
      if (row.line > after_line && page.size() < limit) page.push_back(row);
    }
    return page;
  }

  RunId begin(const NewRun&, const ProcessIdentity&, const Operator&) override { not_expected(); }
  int add_plan(const RunId&, const RunPlan&) override { not_expected(); }
  std::vector<Duplicate> stage(const RunId&, const std::vector<StagedRow>&) override { not_expected(); }
  void set_input_hash(const RunId&, const std::string&) override { not_expected(); }
  void make_ready(const RunId&, const std::string&, const Operator&) override { not_expected(); }
  void discard(const RunId&) override { not_expected(); }
  std::size_t sweep_abandoned() override { not_expected(); }
  std::optional<RunRecord> get(const RunId&) override { return record; }
  std::optional<RunRecord> find(const std::string&) override { not_expected(); }
  std::optional<RunRecord> latest_of_input(const std::string&) override { not_expected(); }
  std::vector<RunRecord> list() override { not_expected(); }
  std::vector<RunRecord> ready() override { not_expected(); }
  RunCounts counts(const RunId&) override {
    ++counted;
    return present;
  }
  std::vector<RunPlan> plans(const RunId&) override { not_expected(); }
  std::vector<WelcomeWay> ways(const RunId&) override { not_expected(); }
  std::map<std::string, std::set<int>> plans_of_sites(const RunId&) override { not_expected(); }
  std::vector<WaitingRow> waiting(const RunId&, const std::vector<int>&, std::int64_t, std::size_t) override {
    not_expected();
  }
  std::vector<RowIssue> issue(const RunId&, const std::vector<IssueRow>&, const ProcessIdentity&,
                              std::chrono::seconds, const Operator&) override {
    not_expected();
  }
  void settle(const RunId&, const std::vector<SettledRow>&, const Operator&) override { not_expected(); }
  std::vector<WelcomeId> due(const RunId&, const std::vector<int>&, std::size_t) override { not_expected(); }
  std::optional<Timestamp> next_due(const RunId&) override { not_expected(); }
  bool anything_left(const RunId&, const std::vector<int>&) override { not_expected(); }
  bool worked_on(const RunId&) override { not_expected(); }
  bool change_way(const RunId&, const WelcomeWay&, const WelcomeWay&, const Operator&) override {
    not_expected();
  }
  std::vector<WelcomeId> fail_held(const RunId&, const std::optional<std::string>&,
                                   const Operator&) override {
    not_expected();
  }
  std::size_t release_held(const RunId&) override { not_expected(); }
  bool change_sender(const RunId&, const Mailbox&, const Mailbox&, const Operator&) override {
    not_expected();
  }
  bool pause(const RunId&, const RunPause&, const Operator&) override { not_expected(); }
  bool resume(const RunId&, const Operator&) override { not_expected(); }
  Retry retry(const RunId&, const Operator&) override { not_expected(); }
  std::vector<Duplicate> restage(const RunId&, const std::vector<StagedRow>&, const Operator&) override {
    not_expected();
  }
  std::int64_t cancel(const RunId&, const Operator&) override { not_expected(); }
  bool finish(const RunId&, const Operator&) override { not_expected(); }
};

}  // namespace dialin::test
