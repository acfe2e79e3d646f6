// SPDX-License-Identifier: Apache-2.0
#include "run/resume_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "welcome/outbox_session.h"

namespace dialin {

void resume_run(const WelcomeEnvironment& environment, const RunId& run) {
  Store& store = environment.store;
  const auto record = store.runs().get(run);
  if (!record) throw Error(ErrorCode::NotFound, "the run is not there any more");
  if (record->state != RunState::Ready) {
    throw Error(ErrorCode::Precondition,
                fmt::format("the run {} cannot be resumed: it is {}", record->name, to_text(record->state)),
                record->state == RunState::Finished
                    ? fmt::format("dialin run retry {} takes again what failed.", record->name)
                    : std::string());
  }
  const std::vector<RunPlan> plans = store.runs().plans(run);
  for (const Pause& pause : store.outbox().pauses()) {
    const bool concerns_it = std::ranges::any_of(
        plans, [&](const RunPlan& plan) { return covers(pause, plan.way, plan.content.from.address()); });
    if (concerns_it) store.outbox().end_pause(pause.id, environment.by);
  }
  store.runs().resume(run, environment.by);
}

}  // namespace dialin
