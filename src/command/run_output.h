// SPDX-License-Identifier: Apache-2.0
// What is said of a run while it goes on and when it has ended.
#pragma once

#include <map>
#include <string>

#include "command/command_context.h"
#include "run/run_report.h"
#include "run/run_work.h"
#include "shell/output.h"
#include "shell/progress.h"

namespace dialin {

// `text` as one word of a shell: quoted where it must be.
std::string shell_word(const std::string& text);

ProgressState progress_state(const RunProgress& progress);

// Run, State, and a number for each way in which its rows stand.
OutputObject object_of(const RunRecord& record, const RunCounts& counts);

// "Failures by reason", the most frequent first, at most 20; empty if there are none.
std::string failure_table(const std::map<std::string, FailureGroup>& failures);

// Why nobody takes rows of it, and what ends that.
std::string describe(const RunPause& pause, const std::string& run_name);

// 0, 1, 75, 77, ..., the worst that is true of it (doc/architecture.md, exit codes): a refused password
// before failed people before those that stay queued; 130 after Ctrl-C.
int exit_code_of(const RunOutcome& outcome);
// In bulk 77 and 78 stand before 1, and 1 before 75.
int worse_exit_code(int a, int b);

// The object, the failures, what to do next, and the report (null: none was asked for). Returns the exit
// code.
int write_outcome(CommandContext& context, const BoundParameters& bound, Store& store,
                  const RunOutcome& outcome, NewFile* report);

// Every line of the run's report.
void write_report(Store& store, const RunId& run, NewFile& file);

}  // namespace dialin
