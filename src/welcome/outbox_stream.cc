// SPDX-License-Identifier: Apache-2.0
#include "welcome/outbox_stream.h"

#include <fmt/format.h>

#include "welcome/attempt.h"
#include "welcome/failure_policy.h"
#include "welcome/outbox_session.h"
#include "welcome/pin_blotter.h"
#include "welcome/recording.h"
#include "welcome/same_command.h"
#include "welcome/welcome_values.h"

namespace dialin {
namespace {

using std::chrono::milliseconds;

// Between two looks for a free connection.
constexpr milliseconds ConnectionLook{250};
// A permit is lost soon after its time, and a session asks for messages five times a second only: the last
// part of the way to it is waited for here.
constexpr milliseconds PermitIsNear{1000};

}  // namespace

OutboxStream::OutboxStream(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                           const WelcomeWay& way)
    : environment_(environment),
      settings_(settings),
      way_(way),
      preparation_(settings, environment.clock, environment.checkpoints),
      lease_(environment.open_store, environment.clock, settings.lease),
      gate_(environment, settings, way, 1, RelayGate::Holds::UntilDone, lease_) {}

void OutboxStream::add(const WelcomeId& id, ClaimReason reason) {
  waiting_.push_back({id, reason});
}

std::string OutboxStream::blot(const std::string& words) const {
  std::string text = words;
  for (const Pin& pin : pins_seen_) text = without_pin(std::move(text), pin);
  return text;
}

ProtocolTrace OutboxStream::trace() const {
  if (!environment_.observer.wants_trace()) return nullptr;
  return [this](const std::string& line) { environment_.observer.trace(blot(line)); };
}

bool OutboxStream::wait_for_connection() {
  for (bool said = false;; said = true) {
    gate_.refresh(0);
    if (gate_.connections() > 0) return true;
    if (environment_.interrupted()) return false;
    if (!said) {
      environment_.observer.say(fmt::format("All connections that {}:{} allows are in use: waiting for one.",
                                            way_.server, way_.port));
    }
    environment_.wait(ConnectionLook);
  }
}

bool OutboxStream::may_send() {
  for (;;) {
    if (gate_.take_permit()) return true;
    gate_.refresh(1 + waiting_.size());
    const SteadyTime now = environment_.clock.steady_now();
    const std::optional<SteadyTime> next = gate_.next_permit();
    if (!next || *next > now + PermitIsNear || environment_.interrupted()) return gate_.take_permit();
    if (*next > now) environment_.wait(std::chrono::ceil<milliseconds>(*next - now));
  }
}

MessageStream::Next OutboxStream::hand_over() {
  if (!may_send()) {
    if (environment_.interrupted() || gate_.used_up_until()) return {Supply::Ended};
    return {Supply::NotNow};
  }
  OutgoingMessage message = std::move(*current_->message);
  current_->message.reset();
  return {Supply::Message, std::move(message)};
}

void OutboxStream::give_back_unsent() {
  if (!current_ || !current_->message) return;
  give_back("stopped before it was sent", std::chrono::seconds(0));
}

void OutboxStream::too_busy() {
  // Where nothing was limited, one mail tells nothing of how many were too many.
  if (gate_.is_limited()) gate_.too_busy(1);
}

MessageStream::Next OutboxStream::next() {
  if (current_ && current_->message) return hand_over();
  while (!waiting_.empty() && !environment_.interrupted()) {
    const Waiting waiting = waiting_.front();
    waiting_.pop_front();
    environment_.checkpoints.reach("before-claim");
    const SteadyTime asked_at = environment_.clock.steady_now();
    ClaimResult result = claim(waiting);
    if (result.outcome != ClaimResult::Outcome::Claimed) {
      RowOutcome outcome;
      outcome.id = waiting.id;
      outcome.claim = result.outcome;
      outcome.claim_result = std::move(result);
      outcomes_.push_back(std::move(outcome));
      continue;
    }
    environment_.checkpoints.reach("claimed");
    lease_.hold(waiting.id, result.claimed->claim_id, asked_at);
    current_.emplace(Current{std::move(*result.claimed), std::nullopt, std::nullopt});
    if (!same_way(current_->claimed.row.way, way_)) {
      // Whoever typed it again may have asked for TLS meanwhile, which this session need not have.
      give_back("its way was changed", std::chrono::seconds(0));
      continue;
    }
    const WelcomeKind kind = current_->claimed.row.kind;
    try {
      current_->message = prepare(*current_);
      return hand_over();
    } catch (const Error& error) {
      give_back(error.what(), SessionRetryAfter);
      const bool of_others = waiting.reason == ClaimReason::Due || kind != WelcomeKind::Welcome;
      if (!of_others || error.code() == ErrorCode::Unavailable) throw;
      // One mail that cannot be made must not hold back all that are younger, nor what is said of the
      // welcome.
      outcomes_.push_back({.id = waiting.id, .error = error});
    }
  }
  return {Supply::Ended};
}

ClaimResult OutboxStream::claim(const Waiting& waiting) {
  try {
    return environment_.store.outbox().claim(waiting.id, waiting.reason, this_process(), settings_.lease);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::NotFound) throw;
    // The person was removed, and the row with them.
    ClaimResult gone;
    gone.outcome = ClaimResult::Outcome::Superseded;
    gone.state = WelcomeState::Superseded;
    return gone;
  }
}

// The lease runs out by itself if the store cannot be asked.
void OutboxStream::give_back(const std::string& why, std::chrono::seconds retry_after) {
  lease_.release(current_->claimed.row.id);
  try {
    environment_.store.outbox().record({given_back(current_->claimed, blot(why), retry_after)},
                                       environment_.by);
  } catch (const Error&) {
    // The first error tells more.
  }
  current_.reset();
}

OutgoingMessage OutboxStream::prepare(Current& current) {
  if (current.claimed.pin) pins_seen_.push_back(current.claimed.pin->duplicate());
  const Person& person = current.claimed.person;
  PreparedMail prepared =
      preparation_.prepare(current.claimed, access_numbers_for(environment_.store, person),
                           telephone_commands_for(environment_.store, person));
  current.verifier = std::move(prepared.verifier);
  return std::move(prepared.message);
}

bool OutboxStream::may_write(const std::string& id) {
  environment_.checkpoints.reach("before-content");
  return lease_.enough_left(id);
}

void OutboxStream::finished(const std::string& id, const Delivery& delivery) {
  if (!current_ || current_->claimed.row.id != id) {
    throw Error(ErrorCode::Internal, "the mail session reported a message that it had not been given");
  }
  const WelcomeRow& row = current_->claimed.row;
  reach_answered(environment_.checkpoints, row.kind);

  RowOutcome outcome;
  outcome.id = id;
  outcome.delivery = judged(row, delivery);
  outcome.delivery->text = blot(delivery.text);

  const AttemptRecord record = attempt_record(
      current_->claimed, current_->verifier ? &*current_->verifier : nullptr, *outcome.delivery, settings_);

  // The outcome first: a claim that ran out because the pause could not be written would count as a mail that
  // may have arrived.
  std::vector<RecordResult> results = record_persistently(environment_, {record});
  lease_.release(id);
  if (delivery.result == DeliveryResult::Accepted) gate_.accepted();
  if (auto pause = pause_for(*outcome.delivery, row.way, row.content.from.address()))
    pause_deliveries(environment_, *pause);
  reach_recorded(environment_.checkpoints, row.kind);

  outcome.record = results.front();
  outcome.row = row;
  if (row.kind == WelcomeKind::Welcome) outcome.pin = std::move(current_->claimed.pin);
  for (const WelcomeId& copy : copies_to_send(environment_, id, results.front()))
    waiting_.push_back({copy, ClaimReason::SameCommand});
  outcomes_.push_back(std::move(outcome));
  current_.reset();
}

}  // namespace dialin
