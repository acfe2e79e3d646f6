// SPDX-License-Identifier: Apache-2.0
#include "welcome/outbox_stream.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/secret.h"
#include "mail/message.h"
#include "pin/pin_verifier.h"
#include "pin/policy_change.h"
#include "welcome/failure_policy.h"
#include "welcome/same_command.h"
#include "welcome/welcome_values.h"

namespace dialin {
namespace {

// A store that cannot be asked for a moment must not turn an accepted mail into one that is sent again.
constexpr int RecordTries = 5;
constexpr std::chrono::milliseconds RecordPause{1000};

// A text that was cut to its limit may end in the first digits of a PIN; two of them are worth hiding.
constexpr std::size_t ShortestTail = 2;

void blot_out(std::string& text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at)) {
    text.replace(at, part.size(), "*****");
  }
}

std::string without_pin(std::string text, std::string_view digits) {
  blot_out(text, digits);
  // A server may quote a part as it was sent. Of what base64 makes of the digits, only the characters count
  // that nothing beside them decides; they depend on how many octets stand before.
  for (std::size_t before = 0; before < 3; ++before) {
    std::string octets = std::string(before, '\0').append(digits);
    std::string encoded = to_base64(octets);
    const std::size_t begin = (before * 8 + 5) / 6;
    blot_out(text, std::string_view(encoded).substr(begin, octets.size() * 8 / 6 - begin));
    wipe(octets);
    wipe(encoded);
  }
  for (std::size_t length = digits.size() - 1; length >= ShortestTail; --length) {
    if (text.ends_with(digits.substr(0, length))) {
      text.replace(text.size() - length, length, "*****");
      break;
    }
  }
  return text;
}

}  // namespace

OutboxStream::OutboxStream(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                           const WelcomeWay& way)
    : environment_(environment),
      settings_(settings),
      way_(way),
      lease_(environment.open_store, environment.clock, settings.lease) {}

void OutboxStream::add(const WelcomeId& id, ClaimReason reason) {
  waiting_.push_back({id, reason});
}

std::string OutboxStream::blot(const std::string& words) const {
  std::string text = words;
  for (const Pin& pin : pins_seen_) text = without_pin(std::move(text), pin.reveal(ClearPinAccess()));
  return text;
}

ProtocolTrace OutboxStream::trace() const {
  if (!environment_.observer.wants_trace()) return nullptr;
  return [this](const std::string& line) { environment_.observer.trace(blot(line)); };
}

MessageStream::Next OutboxStream::next() {
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
    const ClaimedWelcome& claimed = *result.claimed;
    Mailbox recipient = claimed.row.copy_to ? *claimed.row.copy_to : claimed.row.content.to;
    current_.emplace(Current{std::move(*result.claimed), std::nullopt, std::move(recipient)});
    if (!same_way(current_->claimed.row.way, way_)) {
      // Whoever typed it again may have asked for TLS meanwhile, which this session need not have.
      give_back("its way was changed", std::chrono::seconds(0));
      continue;
    }
    const WelcomeKind kind = current_->claimed.row.kind;
    try {
      return {Supply::Message, prepare(*current_)};
    } catch (const Error& error) {
      give_back(error.what(), SessionRetryAfter);
      const bool of_others = waiting.reason == ClaimReason::Due || kind == WelcomeKind::Copy;
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

// Nothing has been sent: the row is queued again at once, instead of waiting for its lease to run out.
void OutboxStream::give_back(const std::string& why, std::chrono::seconds retry_after) {
  AttemptRecord record;
  record.id = current_->claimed.row.id;
  record.claim_id = current_->claimed.claim_id;
  record.end = AttemptRecord::End::Deferred;
  record.retry_after = retry_after;
  record.words.text = blot(why);
  record.sent_to = current_->recipient.address();
  lease_.release();
  try {
    environment_.store.outbox().record({record}, environment_.by);
  } catch (const Error&) {
    // The first error tells more; the lease runs out by itself.
  }
  current_.reset();
}

OutgoingMessage OutboxStream::prepare(Current& current) {
  const WelcomeRow& row = current.claimed.row;
  const Person& person = current.claimed.person;
  if (current.claimed.pin) pins_seen_.push_back(current.claimed.pin->duplicate());

  if (row.kind == WelcomeKind::Welcome) {
    if (!current.claimed.pin) {
      throw Error(ErrorCode::Internal,
                  fmt::format("the welcome of {} holds no sealed PIN", person.sip_address.uri()));
    }
    current.verifier = hash_pin(*current.claimed.pin, settings_.hash_cost);
    environment_.checkpoints.reach("hashed");
  }

  const WelcomeValues values =
      welcome_values(person, access_numbers_for(environment_.store, person),
                     telephone_commands_for(environment_.store, person), settings_.organisation_of(person),
                     row.content.without_link, row.replaces_pin,
                     pin_expiry(settings_.policy_of(person), environment_.clock.now()));
  const WelcomeTemplate& welcome_template = parsed_template(current.claimed.template_text);
  RenderedWelcome rendered = current.claimed.pin ? welcome_template.render(values, &*current.claimed.pin)
                                                 : welcome_template.render_masked(values);
  MessageHeaders headers{
      .from = row.content.from,
      .to = row.content.to,
      .cc = row.content.cc,
      .reply_to = row.content.reply_to,
      .subject = row.content.subject.empty() ? rendered.subject : row.content.subject,
      .message_id = row.message_id,
      .date = row.created_at,
      .language = row.content.language,
  };
  if (headers.to.display_name().empty() && row.content.to_is_from_record) {
    headers.to = headers.to.with_display_name(person.display_name);
  }
  OutgoingMessage message{
      .id = row.id,
      .envelope_sender =
          row.content.envelope_sender.empty() ? row.content.from.address() : row.content.envelope_sender,
      .recipient = current.recipient,
      .content = std::make_shared<const Secret>(compose_message(
          headers, rendered, row.content.plain_text_only ? BodyForm::TextOnly : BodyForm::HtmlAndText)),
  };
  environment_.checkpoints.reach("composed");
  return message;
}

bool OutboxStream::may_write(const std::string&) {
  environment_.checkpoints.reach("before-content");
  return lease_.enough_left();
}

void OutboxStream::finished(const std::string& id, const Delivery& delivery) {
  if (!current_ || current_->claimed.row.id != id) {
    throw Error(ErrorCode::Internal, "the mail session reported a message that it had not been given");
  }
  environment_.checkpoints.reach(current_->claimed.row.kind == WelcomeKind::Copy ? "copy-answered"
                                                                                 : "answered");
  const WelcomeRow& row = current_->claimed.row;

  RowOutcome outcome;
  outcome.id = id;
  outcome.delivery = delivery;
  outcome.delivery->text = blot(delivery.text);

  AttemptRecord record;
  record.id = id;
  record.claim_id = current_->claimed.claim_id;
  record.end = recorded_end(delivery);
  record.counts_as_attempt = counts_as_attempt(delivery);
  record.retry_after = record.counts_as_attempt ? recipient_retry_after(row.attempts + 1) : SessionRetryAfter;
  record.words = {delivery.reply_code, delivery.enhanced_code, outcome.delivery->text};
  record.server = delivery.server;
  record.sent_to = current_->recipient.address();
  record.verifier = current_->verifier ? &*current_->verifier : nullptr;
  record.pin = current_->claimed.pin ? &*current_->claimed.pin : nullptr;
  const PinPolicy policy = settings_.policy_of(current_->claimed.person);
  record.lifetime = pin_lifetime(policy);
  record.history_count = policy.history_count;

  // The outcome first: a claim that ran out because the pause could not be written would count as a mail that
  // may have arrived.
  std::vector<RecordResult> results = record_persistently(record);
  lease_.release();
  if (auto pause = pause_for(*outcome.delivery, row.way, row.content.from.address())) {
    environment_.store.outbox().pause(*pause, environment_.by);
  }
  environment_.checkpoints.reach(row.kind == WelcomeKind::Copy ? "copy-recorded" : "recorded");

  outcome.record = results.front();
  outcome.row = row;
  if (row.kind == WelcomeKind::Welcome) outcome.pin = std::move(current_->claimed.pin);
  for (const WelcomeId& copy : copies_to_send(id, results.front()))
    waiting_.push_back({copy, ClaimReason::SameCommand});
  outcomes_.push_back(std::move(outcome));
  current_.reset();
}

// Also those of an Accepted that had been recorded, but whose answer from the store was lost.
std::vector<WelcomeId> OutboxStream::copies_to_send(const WelcomeId& id, const RecordResult& result) {
  if (result.outcome != RecordResult::Outcome::AlreadyRecorded) return result.copies;
  return environment_.store.outbox().copies_of(id);
}

std::vector<RecordResult> OutboxStream::record_persistently(const AttemptRecord& record) {
  for (int attempt = 1;; ++attempt) {
    try {
      return environment_.store.outbox().record({record}, environment_.by);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Unavailable || attempt == RecordTries) {
        if (record.end != AttemptRecord::End::Accepted) throw;
        throw Error(
            error.code(),
            fmt::format("the mail server accepted the welcome for {}, but the store could not record it: {}",
                        record.sent_to, error.what()),
            "Mend the store and type the same command again: it sends the same PIN with the same "
            "Message-ID.");
      }
      environment_.wait(RecordPause);
    }
  }
}

const WelcomeTemplate& OutboxStream::parsed_template(const std::string& serialized) {
  auto found = templates_.find(serialized);
  if (found == templates_.end()) {
    found = templates_.emplace(serialized, WelcomeTemplate::parse(deserialize_template(serialized))).first;
  }
  return found->second;
}

}  // namespace dialin
