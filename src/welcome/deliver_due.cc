// SPDX-License-Identifier: Apache-2.0
#include "welcome/deliver_due.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "welcome/same_command.h"

namespace dialin {
namespace {

constexpr std::size_t PageSize = 256;

using WayKey = std::tuple<std::string, std::uint16_t, WelcomeWay::Tls, std::string, std::string>;

WayKey key_of(const WelcomeWay& way) {
  return {way.server, way.port, way.tls, way.user, way.password_source};
}

struct Group {
  WelcomeWay way;
  std::vector<WelcomeId> ids;
};

// The rows that are due and were not looked at before in this call, by way. Rows that a broken way leaves
// behind stay due, so the page grows by what was seen.
std::map<WayKey, Group> due_groups(Outbox& outbox, std::set<WelcomeId>& seen) {
  std::map<WayKey, Group> groups;
  for (const WelcomeId& id : outbox.due(seen.size() + PageSize)) {
    if (!seen.insert(id).second) continue;
    auto row = outbox.get(id);
    if (!row) continue;
    Group& group = groups[key_of(row->way)];
    group.way = row->way;
    group.ids.push_back(id);
  }
  return groups;
}

}  // namespace

DueReport deliver_due(const WelcomeEnvironment& environment, const WelcomeSettings& settings) {
  DueReport report;
  report.swept = environment.store.outbox().sweep(settings.max_queue_time);
  std::set<WelcomeId> seen;
  std::set<WayKey> closed;  // ways that did not work: not tried again in this call
  for (;;) {
    std::map<WayKey, Group> groups = due_groups(environment.store.outbox(), seen);
    if (groups.empty() || environment.interrupted()) return report;
    for (auto& [key, group] : groups) {
      if (closed.contains(key)) continue;
      SessionReport session = run_session(environment, settings, group.way, group.ids, ClaimReason::Due);
      std::size_t done = session.outcomes.size();
      for (RowOutcome& outcome : session.outcomes) report.outcomes.push_back(std::move(outcome));
      DueReport::Waiting waiting;
      waiting.rows = group.ids.size() > done ? group.ids.size() - done : 0;
      if (session.password_missing) {
        waiting.reason = fmt::format("the password of {} for {}:{} can only be typed", group.way.user,
                                     group.way.server, group.way.port);
        waiting.next = "Type the welcome's own command again on a terminal, or use -Credential user:@FILE.";
        waiting.code = ErrorCode::Configuration;
      } else if (session.pause) {
        waiting.reason = describe(*session.pause);
        waiting.next = how_to_end(*session.pause);
        waiting.code = code_of(*session.pause);
      } else if (session.problem) {
        waiting.reason = describe(*session.problem);
        waiting.next = "Run `dialin deliver` later.";
        if (session.problem->problem == SessionProblem::PasswordRefused)
          waiting.code = ErrorCode::Unauthenticated;
      } else {
        continue;
      }
      closed.insert(key);
      if (waiting.rows > 0) report.waiting.push_back(std::move(waiting));
    }
  }
}

}  // namespace dialin
