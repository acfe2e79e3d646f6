// SPDX-License-Identifier: Apache-2.0
#include "welcome/deliver_due.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "welcome/same_command.h"

namespace dialin {
namespace {

constexpr std::size_t PageSize = 256;
constexpr std::size_t MostPaused = 100000;  // looked at in one call

using WayKey = std::tuple<std::string, std::uint16_t, WelcomeWay::Tls, std::string, std::string>;

WayKey key_of(const WelcomeWay& way) {
  return {way.server, way.port, way.tls, way.user, way.password_source};
}

struct Group {
  WelcomeWay way;
  std::set<std::string> senders;
  std::vector<WelcomeId> ids;
};

// The rows by way. Those of `seen` are left out; the others are added to it.
std::map<WayKey, Group> groups_of(Outbox& outbox, const std::vector<WelcomeId>& ids,
                                  std::set<WelcomeId>& seen) {
  std::map<WayKey, Group> groups;
  for (const WelcomeId& id : ids) {
    if (!seen.insert(id).second) continue;
    auto row = outbox.get(id);
    if (!row) continue;
    Group& group = groups[key_of(row->way)];
    group.way = row->way;
    group.senders.insert(row->content.from.address());
    group.ids.push_back(id);
  }
  return groups;
}

// Another password than the one that was refused ends its pause; what every other pause holds back is said.
void look_at_paused(const WelcomeEnvironment& environment, DueReport& report) {
  Outbox& outbox = environment.store.outbox();
  const std::vector<Pause> pauses = outbox.pauses();
  if (pauses.empty()) return;
  std::set<WelcomeId> seen;
  for (const auto& [key, group] : groups_of(outbox, outbox.paused(MostPaused), seen)) {
    for (const Pause& pause : pauses) {
      const bool covered = std::ranges::any_of(
          group.senders, [&](const std::string& sender) { return covers(pause, group.way, sender); });
      if (!covered) continue;
      const auto password =
          pause.reason == Pause::Reason::Password ? environment.password_of(group.way) : nullptr;
      if (password && environment.store.credential_stamp(*password) != pause.credential_stamp) {
        outbox.end_pause(pause.id, environment.by);
        continue;
      }
      report.waiting.push_back({group.ids.size(), describe(pause), how_to_end(pause), code_of(pause)});
    }
  }
}

}  // namespace

DueReport deliver_due(const WelcomeEnvironment& environment, const WelcomeSettings& settings) {
  DueReport report;
  Outbox& outbox = environment.store.outbox();
  report.swept = outbox.sweep(settings.max_queue_time);
  look_at_paused(environment, report);
  std::set<WelcomeId> seen;
  std::set<WayKey> closed;  // ways that did not work: not tried again in this call
  for (;;) {
    // Rows that a broken way leaves behind stay due, so the page grows by what was seen.
    const std::map<WayKey, Group> groups = groups_of(outbox, outbox.due(seen.size() + PageSize), seen);
    if (groups.empty() || environment.interrupted()) return report;
    for (const auto& [key, group] : groups) {
      if (closed.contains(key)) continue;
      SessionReport session = run_session(environment, settings, group.way, group.ids, ClaimReason::Due);
      std::size_t done = 0;
      for (RowOutcome& outcome : session.outcomes) {
        if (std::ranges::find(group.ids, outcome.id) != group.ids.end()) ++done;  // the others are new copies
        report.outcomes.push_back(std::move(outcome));
      }
      DueReport::Waiting waiting;
      waiting.rows = group.ids.size() - done;
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
      } else if (session.used_up_until) {
        waiting.reason = fmt::format("the daily limit of {}:{} is used up until {}", group.way.server,
                                     group.way.port, to_rfc3339(*session.used_up_until));
        waiting.next = "Run `dialin deliver` then.";
      } else {
        continue;
      }
      closed.insert(key);
      if (waiting.rows > 0) report.waiting.push_back(std::move(waiting));
    }
  }
}

}  // namespace dialin
