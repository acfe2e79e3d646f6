// SPDX-License-Identifier: Apache-2.0
// The same input again, after a run that could not take some of its rows: what has become of these lines in
// the new staging, with their PINs, languages and subjects.
#pragma once

#include <cstdint>
#include <vector>

#include "store/run_store.h"

namespace dialin {

// Puts the rows of `staged`, a run in state Staging of the same input, in the place of the rows of `run` that
// are invalid and could be taken now. Returns how many of them wait to be sent.
std::int64_t take_staged_rows(RunStore& runs, const RunId& run, const std::vector<RunReportRow>& invalid,
                              const RunId& staged, const Operator& by);

}  // namespace dialin
