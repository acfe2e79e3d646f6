// SPDX-License-Identifier: Apache-2.0
// What is asked before a run begins (doc/operations.md, Runs).
#pragma once

#include <string>

#include "command/command_context.h"
#include "run/run_check.h"
#include "shell/bound_parameters.h"

namespace dialin {

struct RunQuestion {
  std::string text;  // without "[y/N]"
  // It replaces PINs, shows them to those who get copies, or sends them outside of the allowed domains: where
  // nobody can be asked, that must be confirmed beforehand.
  bool must_be_answered = false;
};
RunQuestion question_about(const RunSummary& summary);

// Asks on a terminal, always; without one only what must be answered is an Error(InvalidInput) that names
// --yes. Error(Precondition) if the answer is no.
void ask_about_run(CommandContext& context, const BoundParameters& bound, const RunSummary& summary);

// For the audit trail: counts of what was confirmed, without addresses; empty if nothing had to be.
std::string confirmed_note(const RunSummary& summary);

}  // namespace dialin
