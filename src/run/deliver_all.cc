// SPDX-License-Identifier: Apache-2.0
#include "run/deliver_all.h"

#include <fmt/format.h>

#include "base/error.h"

namespace dialin {
namespace {

// Between two rounds in which there was nothing to do.
constexpr std::chrono::milliseconds RoundPause{2000};

// What a round is said for: runs that only wait are not named every two seconds.
bool something_happened(DeliverReport& report) {
  std::erase_if(report.runs,
                [](const RunOutcome& run) { return run.end == RunEnd::Waiting && !run.changed; });
  return !report.single.outcomes.empty() || report.single.swept > 0 || !report.runs.empty();
}

}  // namespace

DeliverReport deliver_all(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                          const RunWatcher& watcher) {
  DeliverReport report;
  environment.store.runs().sweep_abandoned();
  report.single = deliver_due(environment, settings);
  for (const RunRecord& run : environment.store.runs().ready()) {
    if (environment.interrupted()) break;
    report.runs.push_back(work_off(environment, settings, run.id, RunPatience::OnePass, watcher));
  }
  return report;
}

void deliver_until_interrupted(const WelcomeEnvironment& environment,
                               const std::function<WelcomeSettings()>& settings, const RunWatcher& watcher,
                               const std::function<void(const DeliverReport&)>& report) {
  bool away = false;
  while (!environment.interrupted()) {
    try {
      DeliverReport round = deliver_all(environment, settings(), watcher);
      if (something_happened(round)) report(round);
      away = false;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Unavailable) throw;
      if (!away) environment.observer.say(fmt::format("{}: trying again.", error.what()));
      away = true;
    }
    environment.wait(RoundPause);
  }
}

}  // namespace dialin
