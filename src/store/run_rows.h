// SPDX-License-Identifier: Apache-2.0
// Runs, their plans and their rows as they stand in the tables, and the small things that all functions of
// SociRunStore share.
//
// Locks: a run's own row comes after people, welcomes and its rows, and before the audit head; whatever
// changes rows of a run tells WriteTransaction::count_run_rows(), which writes the counters there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/outbox_rows.h"
#include "store/run_records.h"
#include "store/store_context.h"

namespace dialin {

// The runs that `condition` (SQL after WHERE) selects; `order` names columns.
std::vector<RunRecord> find_runs(SociSession& sql, const std::string& condition, const Binds& binds,
                                 const char* order = "id");
// Error(NotFound) if there is none. `lock` is a lock clause.
RunRecord known_run(SociSession& sql, const RunId& run, const char* lock = "");
[[noreturn]] void refuse_unknown_run(const RunId& run);
// Error(Precondition): `doing` in words, "making a run ready".
[[noreturn]] void refuse_state(const RunRecord& record, const char* doing);

// SQL for: the welcome's way is that of the plan of a run.
inline constexpr const char* kSameWay =
    "run_plans.server = welcomes.server AND run_plans.port = welcomes.port AND run_plans.tls = welcomes.tls "
    "AND "
    "run_plans.user_name = welcomes.user_name AND run_plans.password_source = welcomes.password_source";

// A welcome whose way was changed to one that its run does not have is the run's no more, because nobody who
// works the run off has a session for it: the row stands for it, and Outbox::due() gives it out.
void leave_run_of_another_way(WriteTransaction& transaction, const OutboxRow& welcome);

// SQL for: the run may be worked off. With a placeholder :now.
inline constexpr const char* kRunIsOpen =
    "state = 'ready' AND (pause_reason IS NULL OR paused_until <= :now)";

const char* to_text(RunPause::Reason reason);
const char* to_text(RunRowState state);
RunRowState row_state_from_text(const std::string& text);

// "(:p0, :p1, ...)" for IN, and the values.
template <class Value>
std::string list_of(const char* prefix, const std::vector<Value>& values, Binds& binds) {
  std::string list = "(";
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::string name = prefix + std::to_string(i);
    list.append(i == 0 ? ":" : ", :").append(name);
    binds.push_back({std::move(name), values[i]});
  }
  return list + ")";
}
// "(1, 2, 3)": numbers of ours, which need no placeholders; a few, for each list makes another statement.
std::string list_of(const std::vector<std::int64_t>& numbers);

RunCounts read_counts(SociSession& sql, const RunId& run);
std::vector<std::pair<std::string, std::string>> count_detail(const RunId& run, const RunCounts& counts);

// Rows of the run for its report, by `condition` (SQL after AND) on run_rows.
std::vector<RunReportRow> report_rows(SociSession& sql, const RunId& run, const std::string& condition,
                                      const Binds& binds, std::size_t limit);

// The person's rows that wait in any run end, without their PINs: something newer was decided.
void end_waiting_rows(WriteTransaction& transaction, const PersonId& person, const char* because);
// Nothing personal stays in the person's rows; how each ended does.
void erase_person_from_runs(WriteTransaction& transaction, const PersonId& person);

}  // namespace dialin
