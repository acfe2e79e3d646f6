// SPDX-License-Identifier: Apache-2.0
// Runs on SOCI; split over run_*.cc by subject.
#pragma once

#include <map>

#include "store/run_store.h"
#include "store/store_context.h"

namespace dialin {

class SociRunStore final : public RunStore {
 public:
  explicit SociRunStore(StoreContext& context) : context_(context) {}

  // run_stage.cc
  RunId begin(const NewRun& run, const ProcessIdentity& stager, const Operator& by) override;
  int add_plan(const RunId& run, const RunPlan& plan) override;
  std::vector<Duplicate> stage(const RunId& run, const std::vector<StagedRow>& rows) override;
  std::vector<Duplicate> restage(const RunId& run, const std::vector<StagedRow>& rows,
                                 const Operator& by) override;
  void set_input_hash(const RunId& run, const std::string& input_hash) override;
  void make_ready(const RunId& run, const std::string& note, const Operator& by) override;
  void discard(const RunId& run) override;
  std::size_t sweep_abandoned() override;

  // run_look.cc
  std::optional<RunRecord> get(const RunId& run) override;
  std::optional<RunRecord> find(const std::string& name) override;
  std::optional<RunRecord> latest_of_input(const std::string& input_hash) override;
  std::vector<RunRecord> list() override;
  std::vector<RunRecord> ready() override;
  RunCounts counts(const RunId& run) override;
  std::vector<RunPlan> plans(const RunId& run) override;
  std::vector<WelcomeWay> ways(const RunId& run) override;
  std::map<std::string, std::set<int>> plans_of_sites(const RunId& run) override;
  std::vector<RunReportRow> report(const RunId& run, std::int64_t after_line, std::size_t limit) override;

  // run_waiting.cc, run_issue.cc, run_course.cc
  std::vector<WaitingRow> waiting(const RunId& run, const std::vector<int>& plans, std::int64_t after_line,
                                  std::size_t limit) override;
  std::vector<RowIssue> issue(const RunId& run, const std::vector<IssueRow>& rows,
                              const ProcessIdentity& owner, std::chrono::seconds lease,
                              const Operator& by) override;
  void settle(const RunId& run, const std::vector<SettledRow>& rows, const Operator& by) override;
  std::vector<WelcomeId> due(const RunId& run, const std::vector<int>& plans, std::size_t limit) override;
  std::optional<Timestamp> next_due(const RunId& run) override;
  bool anything_left(const RunId& run, const std::vector<int>& plans) override;
  bool worked_on(const RunId& run) override;
  std::vector<WelcomeId> fail_held(const RunId& run, const std::optional<std::string>& sender,
                                   const Operator& by) override;
  std::size_t release_held(const RunId& run) override;
  bool finish(const RunId& run, const Operator& by) override;

  // run_decide.cc
  bool change_way(const RunId& run, const WelcomeWay& before, const WelcomeWay& now,
                  const Operator& by) override;
  bool change_sender(const RunId& run, const Mailbox& before, const Mailbox& now,
                     const Operator& by) override;
  bool pause(const RunId& run, const RunPause& pause, const Operator& by) override;
  bool resume(const RunId& run, const Operator& by) override;
  Retry retry(const RunId& run, const Operator& by) override;
  std::int64_t cancel(const RunId& run, const Operator& by) override;

 private:
  const std::vector<RunPlan>& plans_in_use(SociSession& sql, const RunId& run, int highest);

  StoreContext& context_;
  // Without the templates' texts; forgotten when the ways are asked for, which are all that may change.
  std::map<RunId, std::vector<RunPlan>> known_plans_;
};

}  // namespace dialin
