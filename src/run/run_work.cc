// SPDX-License-Identifier: Apache-2.0
#include "run/run_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "run/run_row_source.h"
#include "run/run_watch.h"
#include "welcome/failure_policy.h"
#include "welcome/outbox_session.h"
#include "welcome/same_command.h"

namespace dialin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// While there is nothing to do: how often the store is asked whether there is.
constexpr milliseconds IdleLook{500};
// Nobody works on a run that does not change for so long: whatever it looks like, and where it looks as if
// who worked on it has left it.
constexpr seconds NobodyWorks{75};
constexpr seconds NobodyWorksAnyMore{3};

// 10 s, 30 s, 1, 2, 5, 5 ... minutes, in units of queue.retry_pause.
milliseconds backoff(milliseconds unit, int failures) {
  constexpr int Steps[] = {1, 3, 6, 12, 30};
  return unit * Steps[std::clamp(failures - 1, 0, 4)];
}

// How the work that goes one way stands.
struct Way {
  WelcomeWay way;
  std::vector<int> plans;
  int failures = 0;
  std::optional<SteadyTime> away_since;
  SteadyTime not_before{};
};

class RunWork {
 public:
  RunWork(const WelcomeEnvironment& environment, const WelcomeSettings& settings, RunId run,
          RunPatience patience, const RunWatcher& watcher)
      : environment_(environment),
        settings_(settings),
        run_(std::move(run)),
        patience_(patience),
        watch_(environment.store, run_, environment.clock, watcher) {}

  RunOutcome work() {
    read_record();
    for (;;) {
      read_record();
      read_ways();
      watch_.read(notice_);
      if (!counts_before_) counts_before_ = watch_.counts();
      if (record_.state == RunState::Finished) return outcome(RunEnd::Finished);
      if (record_.state == RunState::Cancelled) return outcome(RunEnd::Cancelled);
      if (record_.pause && !pause_is_over()) return outcome(RunEnd::Paused, pause_error());
      if (environment_.interrupted()) return outcome(RunEnd::Interrupted, interrupted_error());
      if (finish_if_done()) continue;
      const bool worked = pass();
      if (environment_.interrupted() || error_now_) {
        if (auto ended = ended_by_error()) return std::move(*ended);
        continue;
      }
      if (worked) continue;
      if (auto ended = nothing_to_do()) return std::move(*ended);
    }
  }

 private:
  // Each time, because somebody may have changed the run's way, or added plans (`run retry`); what is known
  // of a way stays with it.
  void read_ways() {
    std::vector<WelcomeWay> now = environment_.store.runs().ways(run_);
    if (now.size() != plans_.size()) {
      plans_ = environment_.store.runs().plans(run_);
    } else {
      for (std::size_t i = 0; i < now.size(); ++i) plans_[i].way = std::move(now[i]);
    }
    for (Way& way : ways_) way.plans.clear();
    for (std::size_t i = 0; i < plans_.size(); ++i) add_way(plans_[i].way, static_cast<int>(i));
    std::erase_if(ways_, [](const Way& way) { return way.plans.empty(); });
  }

  void add_way(const WelcomeWay& way, int plan) {
    for (Way& known : ways_) {
      if (same_way(known.way, way)) return known.plans.push_back(plan);
    }
    ways_.push_back({.way = way, .plans = {plan}});
  }

  void read_record() {
    auto record = environment_.store.runs().get(run_);
    if (!record) throw Error(ErrorCode::NotFound, "the run is not there any more");
    record_ = std::move(*record);
    if (record_.state == RunState::Staging)
      throw Error(ErrorCode::Precondition,
                  fmt::format("the run {} is still being prepared by another process", record_.name));
  }

  bool pause_is_over() {
    if (!record_.pause->until || *record_.pause->until > environment_.clock.now()) return false;
    environment_.store.runs().resume(run_, environment_.by);
    read_record();
    return true;
  }

  bool finish_if_done() {
    const RunCounts& counts = watch_.counts();
    if (counts.waiting > 0 || counts.queued > counts.held) return false;
    if (counts.held > 0) {
      environment_.store.runs().fail_held(run_, std::nullopt, environment_.by);
      return true;
    }
    return environment_.store.runs().finish(run_, environment_.by);
  }

  // The plans of a way that no pause covers.
  std::vector<int> workable_plans(const Way& way, const std::vector<Pause>& pauses) {
    std::vector<int> workable;
    const auto password = std::ranges::find_if(pauses, [&](const Pause& pause) {
      return pause.reason == Pause::Reason::Password && covers(pause, way.way, {});
    });
    if (password != pauses.end()) {
      // Another password by now ends the pause; until then its rows are not due, so no session would ask.
      const WayAccess access = access_to(environment_, way.way);
      if (access.pause || access.password_missing) {
        block(way.plans, *password);
        return workable;
      }
    }
    for (const int plan : way.plans) {
      const std::string sender = plans_[static_cast<std::size_t>(plan)].content.from.address();
      const auto pause =
          std::ranges::find_if(pauses, [&](const Pause& p) { return covers(p, way.way, sender); });
      const bool is_over = pause != pauses.end() && pause->reason == Pause::Reason::Password;
      if (pause == pauses.end() || is_over) {
        workable.push_back(plan);
      } else {
        block({plan}, *pause);
      }
    }
    return workable;
  }

  // A pause that nothing waits for stops nobody.
  void block(const std::vector<int>& plans, const Pause& pause) {
    if (!blocked_by_ && environment_.store.runs().anything_left(run_, plans)) blocked_by_ = pause;
  }

  bool has_work(const std::vector<int>& plans) {
    return !environment_.store.runs().waiting(run_, plans, 0, 1).empty() ||
           !environment_.store.runs().due(run_, plans, 1).empty();
  }

  // One session for each way that has something to do. False: none had.
  bool pass() {
    bool worked = false;
    blocked_by_.reset();
    const std::vector<Pause> pauses = environment_.store.outbox().pauses();
    for (Way& way : ways_) {
      if (environment_.interrupted()) return worked;
      if (environment_.clock.steady_now() < way.not_before) continue;
      const std::vector<int> plans = workable_plans(way, pauses);
      if (plans.empty() || !has_work(plans)) continue;
      worked = true;
      RunRowSource source(environment_, settings_, record_, plans_, plans, watch_);
      judge(way, run_pipeline(environment_, settings_, way.way, UnclearRefusals::Hold, source), source);
    }
    return worked;
  }

  void judge(Way& way, const PipelineReport& report, const RunRowSource& source) {
    if (source.accepted_any()) {
      way.failures = 0;
      way.away_since.reset();
      notice_.clear();
    }
    if (source.error() && !source.accepted_any()) error_now_ = source.error();
    if (report.password_missing) {
      error_now_ = Error(ErrorCode::Configuration,
                         fmt::format("the password of {} for {}:{} can only be typed, and nobody is there",
                                     way.way.user, way.way.server, way.way.port),
                         fmt::format("Nothing is lost: dialin run resume {} --credential {} asks for it; or "
                                     "use -Credential {}:@FILE.",
                                     record_.name, way.way.user, way.way.user));
      return;
    }
    if (report.used_up_until) {
      pause(RunPause::Reason::DailyLimit, fmt::format("the daily limit of {} is used up", way.way.server),
            report.used_up_until);
      return;
    }
    if (report.pause) {
      blocked_by_ = report.pause;
      return;
    }
    if (!report.problem || environment_.interrupted()) return;
    const Delivery& problem = *report.problem;
    if (!worth_trying_soon(problem) && problem.problem != SessionProblem::ProtocolBroken &&
        problem.problem != SessionProblem::LeaseLost && problem.problem != SessionProblem::None) {
      pause(RunPause::Reason::ServerAway, describe(problem), std::nullopt);
      return;
    }
    const SteadyTime now = environment_.clock.steady_now();
    if (!way.away_since) way.away_since = now;
    if (now - *way.away_since >= settings_.give_up_after) {
      pause(RunPause::Reason::ServerAway, describe(problem), std::nullopt);
      return;
    }
    ++way.failures;
    // However short the pause is set, a server that is away is not asked without end.
    const milliseconds wait =
        std::max(backoff(settings_.retry_pause, way.failures), way.failures > 1 ? IdleLook : milliseconds(0));
    way.not_before = now + wait;
    notice_ =
        fmt::format("{}; trying again in {} s", describe(problem), std::chrono::ceil<seconds>(wait).count());
    environment_.observer.say(notice_ + ".");
  }

  void pause(RunPause::Reason reason, std::string words, std::optional<Timestamp> until) {
    environment_.store.runs().pause(
        run_, {.reason = reason, .words = std::move(words), .since = {}, .until = until}, environment_.by);
  }

  std::optional<RunOutcome> ended_by_error() {
    if (environment_.interrupted()) {
      watch_.read();
      return outcome(RunEnd::Interrupted, interrupted_error());
    }
    return outcome(RunEnd::Paused, std::exchange(error_now_, std::nullopt));
  }

  // Everything that is left waits for something: a time, another process, or a person.
  std::optional<RunOutcome> nothing_to_do() {
    const SteadyTime now = environment_.clock.steady_now();
    std::optional<SteadyTime> next;
    for (const Way& way : ways_) {
      if (way.not_before > now) next = next ? std::min(*next, way.not_before) : way.not_before;
    }
    const std::optional<Timestamp> due = environment_.store.runs().next_due(run_);
    const bool all_blocked = !next && !due;
    if (blocked_by_ && (all_blocked || patience_ == RunPatience::OnePass))
      return outcome(RunEnd::Paused, relay_error(*blocked_by_));
    if (patience_ == RunPatience::OnePass) return outcome(RunEnd::Waiting, waiting_error());
    // Also while others send what is left; a run that is paused or cancelled meanwhile is noticed.
    milliseconds wait = IdleLook;
    if (next) wait = std::min(wait, std::chrono::ceil<milliseconds>(*next - now));
    environment_.wait(wait);
    watch_.look(notice_);
    return std::nullopt;
  }

  Error pause_error() const {
    const RunPause& pause = *record_.pause;
    const bool password = pause.reason == RunPause::Reason::Password;
    return Error(
        password ? ErrorCode::Unauthenticated : ErrorCode::TryAgain,
        fmt::format("the run {} is paused since {}: {}", record_.name, to_rfc3339(pause.since), pause.words),
        pause.until ? fmt::format("Nothing is lost: after {} dialin run resume {} goes on, as does "
                                  "dialin deliver.",
                                  to_rfc3339(*pause.until), record_.name)
                    : fmt::format("Nothing is lost: dialin run resume {} goes on when that is mended.",
                                  record_.name));
  }

  Error relay_error(const Pause& pause) const {
    return Error(code_of(pause), fmt::format("the run {} cannot go on: {}", record_.name, describe(pause)),
                 fmt::format("Nothing is lost, and nobody has failed for it: when it is mended, dialin run "
                             "resume {} goes on; with -From or -Credential under another sender or account.",
                             record_.name));
  }

  Error interrupted_error() const {
    return Error(ErrorCode::Interrupted, fmt::format("the run {} was stopped", record_.name),
                 fmt::format("Nothing is lost: dialin run resume {} goes on, as does the same command.",
                             record_.name));
  }

  Error waiting_error() const {
    return Error(
        ErrorCode::TryAgain,
        fmt::format("some of the run {} have to wait{}", record_.name,
                    notice_.empty() ? std::string() : ": " + notice_),
        fmt::format("Nothing is lost: dialin run resume {} goes on, as does dialin deliver.", record_.name));
  }

  RunOutcome outcome(RunEnd end, std::optional<Error> error = std::nullopt) {
    RunOutcome result;
    result.counts = watch_.read();
    read_record();
    result.record = record_;
    result.end = end;
    result.changed = counts_before_ && *counts_before_ != result.counts;
    result.took = environment_.clock.steady_now() - started_;
    result.error = std::move(error);
    return result;
  }

  const WelcomeEnvironment& environment_;
  const WelcomeSettings& settings_;
  const RunId run_;
  const RunPatience patience_;
  RunWatch watch_;
  RunRecord record_;
  std::vector<RunPlan> plans_;
  std::vector<Way> ways_;
  std::optional<RunCounts> counts_before_;
  std::optional<Pause> blocked_by_;
  std::optional<Error> error_now_;
  std::string notice_;
  const SteadyTime started_ = environment_.clock.steady_now();
};

}  // namespace

RunOutcome work_off(const WelcomeEnvironment& environment, const WelcomeSettings& settings, const RunId& run,
                    RunPatience patience, const RunWatcher& watcher) {
  return RunWork(environment, settings, run, patience, watcher).work();
}

RunOutcome follow(const WelcomeEnvironment& environment, const RunId& run, const RunWatcher& watcher) {
  RunWatch watch(environment.store, run, environment.clock, watcher);
  const SteadyTime started = environment.clock.steady_now();
  SteadyTime changed = started;
  bool begun = false;
  std::pair<std::int64_t, std::int64_t> last{-1, -1};
  RunOutcome result;
  for (;;) {
    auto record = environment.store.runs().get(run);
    if (!record) throw Error(ErrorCode::NotFound, "the run is not there any more");
    result.record = std::move(*record);
    result.counts = watch.read();
    const SteadyTime now = environment.clock.steady_now();
    result.took = now - started;
    const std::pair open(result.counts.waiting, result.counts.queued);
    const bool worked_on = environment.store.runs().worked_on(run);
    const RunCounts& counts = result.counts;
    begun = begun || worked_on || counts.queued + counts.sent + counts.failed + counts.uncertain > 0;
    if (open != last) changed = now;
    last = open;
    if (result.record.state == RunState::Finished) {
      result.end = RunEnd::Finished;
      return result;
    }
    if (result.record.state == RunState::Cancelled) {
      result.end = RunEnd::Cancelled;
      return result;
    }
    if (result.record.pause) {
      result.end = RunEnd::Paused;
      result.error =
          Error(ErrorCode::TryAgain,
                fmt::format("the run {} is paused: {}", result.record.name, result.record.pause->words),
                fmt::format("dialin run resume {} goes on.", result.record.name));
      return result;
    }
    if (environment.interrupted()) {
      result.end = RunEnd::Interrupted;
      result.error =
          Error(ErrorCode::Interrupted, fmt::format("the run {} is not watched any more", result.record.name),
                "It goes on where it is being worked on.");
      return result;
    }
    if (now - changed > (begun && !worked_on ? NobodyWorksAnyMore : NobodyWorks)) {
      result.end = RunEnd::Waiting;
      result.error = Error(ErrorCode::TryAgain, fmt::format("nobody works on the run {}", result.record.name),
                           fmt::format("dialin run resume {} goes on.", result.record.name));
      return result;
    }
    environment.wait(IdleLook);
  }
}

}  // namespace dialin
