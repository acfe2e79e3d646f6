// SPDX-License-Identifier: Apache-2.0
// `dialin deliver`: everything in the outbox that can be sent now, of single commands and of runs.
#pragma once

#include <functional>
#include <vector>

#include "run/run_work.h"
#include "welcome/deliver_due.h"

namespace dialin {

struct DeliverReport {
  DueReport single;              // rows of commands for one person
  std::vector<RunOutcome> runs;  // those that were worked on, oldest first
};

// Once through: what is deferred comes again in a later call. A pause of a run whose time is over ends.
DeliverReport deliver_all(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                          const RunWatcher& watcher);

// Again and again until the operator interrupts: `settings` is asked for each round, so that a policy that
// was changed holds from the next one on; `report` gets each round in which something happened. A store that
// cannot be asked for a while is said and waited for.
void deliver_until_interrupted(const WelcomeEnvironment& environment,
                               const std::function<WelcomeSettings()>& settings, const RunWatcher& watcher,
                               const std::function<void(const DeliverReport&)>& report);

}  // namespace dialin
