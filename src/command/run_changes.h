// SPDX-License-Identifier: Apache-2.0
// What a person may change of a run before it goes on: the account at the mail server and the sender, because
// these are what a pause waits for (doc/delivery.md).
#pragma once

#include <vector>

#include "command/run_working.h"
#include "shell/command_spec.h"

namespace dialin {

// -Credential and -From, as welcome has them.
std::vector<ParameterSpec> run_change_parameter_specs();

// Does what was typed, and says so. Where the run goes several ways or has several senders, the one that is
// paused is meant; Error(InvalidInput) if that does not tell which. Error(TryAgain) while another process
// sends mails of it.
void change_run(const RunWorkplace& work, const RunRecord& run);

}  // namespace dialin
