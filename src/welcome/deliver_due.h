// SPDX-License-Identifier: Apache-2.0
// `dialin deliver`: sends what is due in the outbox, one session for each way.
#pragma once

#include <string>
#include <vector>

#include "welcome/outbox_session.h"
#include "welcome/welcome_settings.h"

namespace dialin {

struct DueReport {
  struct Waiting {
    std::size_t rows = 0;
    std::string reason;  // why they stay queued
    std::string next;    // what to do about it
    ErrorCode code = ErrorCode::TryAgain;
  };
  std::vector<RowOutcome> outcomes;
  std::vector<Waiting> waiting;
  std::size_t swept = 0;  // finished because they had waited too long
};

// Goes through everything that is due once; what is deferred comes again in a later call.
DueReport deliver_due(const WelcomeEnvironment& environment, const WelcomeSettings& settings);

}  // namespace dialin
