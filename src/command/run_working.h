// SPDX-License-Identifier: Apache-2.0
// Working a run off while somebody watches: what welcome, run resume, run retry and run show --follow share.
#pragma once

#include <functional>
#include <vector>

#include "command/command_context.h"
#include "command/welcome_workplace.h"
#include "run/run_check.h"
#include "run/run_work.h"
#include "shell/bound_parameters.h"

namespace dialin {

// Everything that working on runs takes; all outlive it.
struct RunWorkplace {
  CommandContext& context;
  const BoundParameters& bound;
  Store& store;
  Passwords& passwords;
  WelcomeWorkplace& workplace;
};

// Asks for the passwords of these ways that nobody has named a file for, each once.
void ask_for_passwords(Passwords& passwords, const std::vector<WelcomeWay>& ways);
std::vector<WelcomeWay> ways_of(Store& store, const RunId& run);

// Makes what is stated of the relays that these ways use the limit in force for everybody.
void set_stated_limits(CommandContext& context, Store& store, const WelcomeSettings& settings,
                       const std::vector<WelcomeWay>& ways);

// Until nothing is left of it, with progress on standard error. Prints what became of it, writes the report
// (null: none), and returns the exit code.
int work_on_run(const RunWorkplace& work, const RunId& run, NewFile* report);

// The same for a run that was begun before: while a live process works on it, it is only followed; else what
// paused it ends, and it goes on.
int resume_and_work(const RunWorkplace& work, const RunRecord& run, NewFile* report);

// Only looks.
RunOutcome follow_run(CommandContext& context, WelcomeWorkplace& workplace, const RunId& run);

// Gives rows that could not be taken another chance, and returns how many of them wait to be sent now.
using RowMender = std::function<std::int64_t(std::vector<RunReportRow> invalid)>;
// By looking for their people again; `planner` decides what they get.
RowMender look_again(const RunWorkplace& work, const RunRecord& run, WelcomePlanner& planner);

// Takes again what failed, is uncertain, or could not be taken. Says how many there are of each; false:
// nothing.
bool retry_rows(const RunWorkplace& work, const RunRecord& run, const RowMender& mender);

}  // namespace dialin
