// SPDX-License-Identifier: Apache-2.0
// Writing down how attempts ended, against a store that cannot be asked for a moment.
#pragma once

#include <vector>

#include "store/records.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// Tries for some seconds: a store that is busy must not turn an accepted mail into one that is sent again.
// Error(Unavailable) if it stays so; of accepted mails it says what to do.
std::vector<RecordResult> record_persistently(const WelcomeEnvironment& environment,
                                              const std::vector<AttemptRecord>& records);

// The checkpoints where a row has been answered by the server, and where that was recorded: "answered",
// "copy-answered", "notice-answered" and so on.
void reach_answered(Checkpoints& checkpoints, WelcomeKind kind);
void reach_recorded(Checkpoints& checkpoints, WelcomeKind kind);

// The copies, and the notice, that follow from a recorded outcome: also of an Accepted that had been recorded
// before, but whose answer from the store was lost.
std::vector<WelcomeId> copies_to_send(const WelcomeEnvironment& environment, const WelcomeId& id,
                                      const RecordResult& result);

}  // namespace dialin
