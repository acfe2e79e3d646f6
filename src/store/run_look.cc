// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "store/run_rows.h"
#include "store/runs.h"

namespace dialin {
namespace {

const std::string kPlanColumns = fmt::format("{}, {}", kSharedContentColumns, kWayColumns);
constexpr std::size_t kPlanColumnCount = kSharedContentColumnCount + kWayColumnCount;

RunPlan read_plan(SqlRowReader& reader) {
  RunPlan plan{.content = read_shared_content(reader, std::nullopt)};
  plan.way = read_way(reader);
  return plan;
}

std::optional<RunRecord> first(std::vector<RunRecord> runs) {
  if (runs.empty()) return std::nullopt;
  return std::move(runs.front());
}

}  // namespace

std::optional<RunRecord> SociRunStore::get(const RunId& run) {
  return read(context_, "reading a run", [&](SociSession& sql) {
    return first(find_runs(sql, "id = :run", {{"run", run}}));
  });
}

std::optional<RunRecord> SociRunStore::find(const std::string& name) {
  return read(context_, "looking for a run", [&](SociSession& sql) {
    return first(find_runs(sql, "name_key = :key", {{"key", fold_case(name)}}));
  });
}

std::optional<RunRecord> SociRunStore::latest_of_input(const std::string& input_hash) {
  return read(context_, "looking for a run of the same input", [&](SociSession& sql) {
    return first(find_runs(sql, "input_hash = :hash AND ready_at IS NOT NULL", {{"hash", input_hash}},
                           "ready_at DESC, id"));
  });
}

std::vector<RunRecord> SociRunStore::list() {
  return read(context_, "listing the runs",
              [&](SociSession& sql) { return find_runs(sql, "1 = 1", {}, "created_at DESC, id"); });
}

std::vector<RunRecord> SociRunStore::ready() {
  return read(context_, "looking for runs to be worked off", [&](SociSession& sql) {
    return find_runs(sql, kRunIsOpen, {{"now", sql.now()}}, "ready_at, id");
  });
}

RunCounts SociRunStore::counts(const RunId& run) {
  return read(context_, "counting the rows of a run",
              [&](SociSession& sql) { return read_counts(sql, run); });
}

std::vector<RunPlan> SociRunStore::plans(const RunId& run) {
  // Whoever asks wants to know whether somebody has changed its way.
  known_plans_.erase(run);
  return read(context_, "reading what a run sends", [&](SociSession& sql) {
    std::vector<RunPlan> plans;
    for (const SqlRow& row : sql.rows(
             fmt::format("SELECT {}, content FROM run_plans JOIN templates ON templates.hash = template_hash "
                         "WHERE run = :run ORDER BY number",
                         kPlanColumns),
             kPlanColumnCount + 1, {{"run", run}})) {
      SqlRowReader reader(row);
      plans.push_back(read_plan(reader));
      plans.back().template_text = reader.text();
    }
    return plans;
  });
}

std::vector<WelcomeWay> SociRunStore::ways(const RunId& run) {
  known_plans_.erase(run);
  return read(context_, "reading the ways of a run", [&](SociSession& sql) {
    std::vector<WelcomeWay> ways;
    for (const SqlRow& row :
         sql.rows(fmt::format("SELECT {} FROM run_plans WHERE run = :run ORDER BY number", kWayColumns),
                  kWayColumnCount, {{"run", run}})) {
      SqlRowReader reader(row);
      ways.push_back(read_way(reader));
    }
    return ways;
  });
}

std::map<std::string, std::set<int>> SociRunStore::plans_of_sites(const RunId& run) {
  return read(context_, "reading what a run sends to which site", [&](SociSession& sql) {
    std::map<std::string, std::set<int>> plans;
    for (const SqlRow& row :
         sql.rows("SELECT DISTINCT people.site, run_rows.plan FROM run_rows JOIN people ON people.id = "
                  "run_rows.person WHERE run = :run AND run_rows.state IN ('waiting', 'issued') AND "
                  "people.removed = 0",
                  2, {{"run", run}}))
      plans[fold_case(row.text(0))].insert(static_cast<int>(row.integer(1)));
    return plans;
  });
}

const std::vector<RunPlan>& SociRunStore::plans_in_use(SociSession& sql, const RunId& run, int highest) {
  std::vector<RunPlan>& plans = known_plans_[run];
  if (plans.size() > static_cast<std::size_t>(highest)) return plans;
  plans.clear();
  for (const SqlRow& row :
       sql.rows(fmt::format("SELECT {} FROM run_plans WHERE run = :run ORDER BY number", kPlanColumns),
                kPlanColumnCount, {{"run", run}})) {
    SqlRowReader reader(row);
    plans.push_back(read_plan(reader));
  }
  if (plans.size() <= static_cast<std::size_t>(highest))
    throw Error(ErrorCode::Internal, fmt::format("a run has no plan with the number {}", highest));
  return plans;
}

std::vector<RunReportRow> SociRunStore::report(const RunId& run, std::int64_t after_line, std::size_t limit) {
  return read(context_, "reading the report of a run", [&](SociSession& sql) {
    known_run(sql, run);
    return report_rows(sql, run, "line > :after", {{"after", after_line}}, limit);
  });
}

}  // namespace dialin
