// SPDX-License-Identifier: Apache-2.0
#include "welcome/outbox_pipeline.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <map>
#include <thread>
#include <utility>

#include "welcome/attempt.h"
#include "welcome/failure_policy.h"
#include "welcome/mail_exchange.h"
#include "welcome/mail_preparation.h"
#include "welcome/pin_blotter.h"
#include "welcome/recording.h"
#include "welcome/relay_gate.h"
#include "welcome/welcome_values.h"

namespace dialin {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds Tick{250};
// So many are recorded while the rest of a group is being sent.
constexpr std::size_t RecordAt = ResultGroup * 3 / 4;
// Rows of one claim: what one of them costs falls with their number until here.
constexpr std::size_t ClaimBatch = 64;
constexpr std::size_t SlowWindow = 4;

std::size_t hash_threads(const WelcomeSettings& settings) {
  if (settings.hash_threads > 0) return settings.hash_threads;
  return std::max(1U, std::thread::hardware_concurrency());
}

// The threads of one run_pipeline(). Ends them on every way out.
class Threads {
 public:
  Threads(const WelcomeEnvironment& environment, MailExchange& exchange, MailPreparation& preparation)
      : environment_(environment), exchange_(exchange), preparation_(preparation) {}
  ~Threads() {
    abandon();
    join();
  }

  void start(std::size_t preparing, SubmissionServer server) {
    for (std::size_t i = 0; i < preparing; ++i) threads_.emplace_back([this] { prepare(); });
    threads_.emplace_back([this, server = std::move(server)] { submit(server); });
  }
  // The sessions end as soon as no content is on its way.
  void abandon() {
    abandoned_ = true;
    exchange_.stop();
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  bool submit_has_ended() const { return submit_ended_; }

  // After join():
  std::optional<Delivery> problem;
  std::exception_ptr error;

 private:
  void prepare() {
    while (auto row = exchange_.take_unprepared()) {
      try {
        PreparedMail mail = preparation_.prepare(row->claimed, row->numbers, row->commands);
        row->message = std::move(mail.message);
        row->verifier = std::move(mail.verifier);
      } catch (const Error& wrong) {
        exchange_.failed(std::move(row), wrong);
        continue;
      } catch (const std::exception& wrong) {
        exchange_.failed(std::move(row), Error(ErrorCode::Internal, "a mail could not be made"));
        continue;
      }
      exchange_.prepared(std::move(row));
    }
  }

  void submit(const SubmissionServer& server) {
    try {
      problem = environment_.transport.submit(server, exchange_, exchange_.trace(),
                                              [this] { return abandoned_ || environment_.interrupted(); });
    } catch (...) {
      error = std::current_exception();
    }
    submit_ended_ = true;
    exchange_.submit_ended();
  }

  const WelcomeEnvironment& environment_;
  MailExchange& exchange_;
  MailPreparation& preparation_;
  std::vector<std::thread> threads_;
  std::atomic<bool> abandoned_ = false;
  std::atomic<bool> submit_ended_ = false;
};

class Pipeline {
 public:
  Pipeline(const WelcomeEnvironment& environment, const WelcomeSettings& settings, const WelcomeWay& way,
           UnclearRefusals unclear, RowSource& source)
      : environment_(environment),
        settings_(settings),
        way_(way),
        unclear_(unclear),
        source_(source),
        connections_(settings.connections_of(way)),
        preparation_(settings, environment.clock, environment.checkpoints),
        leases_(environment.open_store, environment.clock, settings.lease),
        gate_(environment, settings, way, connections_, RelayGate::Holds::WhileNobodyWaits, leases_),
        exchange_(environment, gate_, leases_, ResultGroup + static_cast<std::size_t>(connections_)),
        threads_(environment, exchange_, preparation_) {}

  PipelineReport run(const WayAccess& access) {
    threads_.start(hash_threads(settings_), submission_server(way_, settings_, access.password));
    environment_.checkpoints.reach("before-session");
    while (!threads_.submit_has_ended()) step();
    // The sessions are gone: what they did not get is given back.
    exchange_.stop();
    threads_.join();
    report_.problem = threads_.problem;
    if (report_.problem) report_.problem->text = exchange_.blot(report_.problem->text);
    record_all();
    if (threads_.error) std::rethrow_exception(threads_.error);
    if (report_.problem) {
      if (report_.problem->problem == SessionProblem::TooBusy) gate_.too_busy(rate());
      if (auto pause = pause_after(environment_, way_, *report_.problem, access.stamp))
        report_.pause = std::move(pause);
    }
    return std::move(report_);
  }

 private:
  void step() {
    gate_.refresh(exchange_.unsent());
    const auto used_up = gate_.used_up_until();
    if (used_up) {
      report_.used_up_until = used_up;
      stop();
    }
    for (const std::string& line : exchange_.take_trace()) environment_.observer.trace(line);
    for (const Delivery& problem : exchange_.take_problems()) {
      if (problem.problem == SessionProblem::TooBusy) gate_.too_busy(rate());
    }
    if (environment_.interrupted()) stop();
    record(exchange_.take_ends(RecordAt, ResultGroupAge, false));
    fill();
    source_.alive(gate_.notice());
    exchange_.wake_sessions();
    exchange_.wait(next_look(), RecordAt, ResultGroupAge);
  }

  Clock::time_point next_look() const {
    const auto now = Clock::now();
    const SteadyTime clock = environment_.clock.steady_now();
    auto next = std::min(now + Tick, now + (gate_.next_refresh() - clock));
    if (const auto permit = gate_.next_permit(); permit && *permit > clock)
      next = std::min(next, now + (*permit - clock));
    return next;
  }

  // How many rows may be in flight: a batch to come and enough that hashing, sending and recording never wait
  // for each other.
  std::size_t window() const {
    return ClaimBatch + ResultGroup + 2 * hash_threads(settings_) +
           4 * static_cast<std::size_t>(connections_);
  }

  void fill() {
    if (stopped_ || !exchange_.session_is_ready()) return;
    const std::size_t in_flight = exchange_.in_flight();
    // Whole batches; few where the relay lets few through, because a claimed row keeps others waiting.
    const std::size_t most = gate_.is_slow() ? SlowWindow : window();
    const std::size_t batch = gate_.is_slow() ? 1 : ClaimBatch;
    if (in_flight + batch > most) return;
    const std::size_t room = std::min(most - in_flight, ClaimBatch);
    const SteadyTime asked_at = environment_.clock.steady_now();
    std::vector<ClaimedWelcome> rows = claim_copies(room);
    if (rows.size() < room && !source_.exhausted()) {
      environment_.checkpoints.reach("before-claim");
      for (ClaimedWelcome& claimed : source_.claim(room - rows.size())) rows.push_back(std::move(claimed));
    }
    if (!rows.empty()) environment_.checkpoints.reach("claimed");
    for (ClaimedWelcome& claimed : rows) {
      leases_.hold(claimed.row.id, claimed.claim_id, asked_at);
      auto numbers = numbers_for(claimed.person);
      auto commands = commands_for(claimed.person);
      exchange_.put(std::make_unique<RowInFlight>(
          RowInFlight{std::move(claimed), std::move(numbers), std::move(commands)}));
    }
    if (rows.empty() && copies_.empty() && in_flight == 0 && source_.exhausted()) {
      stopped_ = true;
      exchange_.no_more();
    }
  }

  // The copies of what was accepted in this session, before anything new is begun.
  std::vector<ClaimedWelcome> claim_copies(std::size_t most) {
    std::vector<WelcomeId> ids;
    while (!copies_.empty() && ids.size() < most) {
      ids.push_back(std::move(copies_.front()));
      copies_.pop_front();
    }
    std::vector<ClaimedWelcome> rows;
    if (ids.empty()) return rows;
    for (ClaimResult& result : environment_.store.outbox().claim_many(ids, ClaimReason::SameCommand,
                                                                      this_process(), settings_.lease)) {
      if (result.claimed) rows.push_back(std::move(*result.claimed));
    }
    return rows;
  }

  const SharedList<AccessNumberValue>& numbers_for(const Person& person) {
    const std::pair key(person.region, person.site);
    const auto known = numbers_.find(key);
    if (known != numbers_.end()) return known->second;
    return numbers_.emplace(key, access_numbers_for(environment_.store, person)).first->second;
  }

  const SharedList<WelcomeValues::TelephoneCommand>& commands_for(const Person& person) {
    const auto known = commands_.find(person.site);
    if (known != commands_.end()) return known->second;
    return commands_.emplace(person.site, telephone_commands_for(environment_.store, person)).first->second;
  }

  void stop() {
    if (std::exchange(stopped_, true)) return;
    exchange_.stop();
  }

  void record_all() {
    for (;;) {
      std::vector<EndOfRow> ends = exchange_.take_ends(ResultGroup, ResultGroupAge, true);
      if (ends.empty()) return;
      record(std::move(ends));
    }
  }

  void record(std::vector<EndOfRow> ends) {
    if (ends.empty()) return;
    std::vector<AttemptRecord> records;
    std::vector<RowOutcome> outcomes;
    std::optional<Pause> pause;
    for (EndOfRow& end : ends) {
      RowOutcome outcome{.id = end.row->claimed.row.id};
      if (end.delivery) {
        end.delivery = judged(end.row->claimed.row, std::move(*end.delivery));
        if (end.row->claimed.pin)
          end.delivery->text = without_pin(std::move(end.delivery->text), *end.row->claimed.pin);
        AttemptRecord record = attempt_record(
            end.row->claimed, end.row->verifier ? &*end.row->verifier : nullptr, *end.delivery, settings_);
        if (is_held(*end.delivery)) {
          record.end = AttemptRecord::End::Held;
          record.counts_as_attempt = true;
        } else if (auto asked = pause_for(*end.delivery, way_, end.row->claimed.row.content.from.address());
                   asked && asked->reason != Pause::Reason::Password) {
          pause = std::move(asked);
        }
        records.push_back(std::move(record));
        outcome.delivery = std::move(end.delivery);
      } else {
        const auto wait = end.error ? SessionRetryAfter : std::chrono::seconds(0);
        records.push_back(given_back(end.row->claimed, why_unsent(end.error), wait));
        outcome.error = std::move(end.error);
      }
      outcomes.push_back(std::move(outcome));
    }
    std::vector<RecordResult> results = record_persistently(environment_, records);
    exchange_.recorded();
    for (const AttemptRecord& record : records) leases_.release(record.id);
    environment_.checkpoints.reach("recorded");
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].outcome == RecordResult::Outcome::Sent) ++accepted_;
      for (const WelcomeId& copy : copies_to_send(environment_, records[i].id, results[i]))
        copies_.push_back(copy);
      outcomes[i].record = std::move(results[i]);
      if (outcomes[i].delivery) outcomes[i].row = std::move(ends[i].row->claimed.row);
    }
    if (accepted_ > 0) gate_.accepted();
    if (pause) {
      pause_deliveries(environment_, *pause);
      report_.pause = std::move(pause);
      stop();
    }
    if (!source_.recorded(std::move(outcomes))) stop();
  }

  std::string why_unsent(const std::optional<Error>& error) const {
    if (error) return error->what();
    return report_.problem ? describe(*report_.problem) : std::string("stopped before it was sent");
  }

  bool is_held(const Delivery& delivery) const {
    return unclear_ == UnclearRefusals::Hold && delivery.scope == DeliveryScope::Unclear;
  }

  double rate() const {
    const std::chrono::duration<double> since = Clock::now() - started_;
    // A server that complains before it has taken much says nothing of a rate: not slower than this for it.
    constexpr double Least = 1.0;
    return std::max(Least, static_cast<double>(accepted_) / std::max(since.count(), 1.0));
  }

  const WelcomeEnvironment& environment_;
  const WelcomeSettings& settings_;
  const WelcomeWay way_;
  const UnclearRefusals unclear_;
  RowSource& source_;
  const int connections_;
  MailPreparation preparation_;
  LeaseKeeper leases_;
  RelayGate gate_;
  MailExchange exchange_;
  std::map<std::pair<std::string, std::string>, SharedList<AccessNumberValue>>
      numbers_;                                                                  // by region and site
  std::map<std::string, SharedList<WelcomeValues::TelephoneCommand>> commands_;  // by site
  std::deque<WelcomeId> copies_;
  PipelineReport report_;
  std::size_t accepted_ = 0;
  Clock::time_point started_ = Clock::now();
  bool stopped_ = false;
  Threads threads_;  // last: ends before what it uses
};

}  // namespace

PipelineReport run_pipeline(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                            const WelcomeWay& way, UnclearRefusals unclear, RowSource& source) {
  WayAccess access = access_to(environment, way);
  if (access.password_missing || access.pause) {
    PipelineReport report;
    report.password_missing = access.password_missing;
    report.pause = std::move(access.pause);
    return report;
  }
  return Pipeline(environment, settings, way, unclear, source).run(access);
}

}  // namespace dialin
