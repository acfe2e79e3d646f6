// SPDX-License-Identifier: Apache-2.0
#include "run/run_row_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "mail/message.h"
#include "pin/pin_generator.h"
#include "store/owner_numbers.h"
#include "welcome/choose_pin.h"

namespace dialin {
namespace {

constexpr std::size_t Page = 256;
constexpr std::chrono::seconds DueInterval{2};
// Rows that others change again and again are left to the next pass.
constexpr int MostRounds = 5;
constexpr int RefusalsAlike = 5;

}  // namespace

RunRowSource::RunRowSource(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                           const RunRecord& run, const std::vector<RunPlan>& plans, std::vector<int> workable,
                           RunWatch& watch)
    : environment_(environment),
      settings_(settings),
      run_(run),
      plans_(plans),
      workable_(std::move(workable)),
      watch_(watch),
      held_before_(watch.counts().held > 0) {}

bool RunRowSource::exhausted() {
  return !watch_.may_go_on() || (waiting_is_over_ && page_.empty() && due_is_over_);
}

std::vector<ClaimedWelcome> RunRowSource::claim(std::size_t most) {
  std::vector<ClaimedWelcome> claimed;
  if (!watch_.may_go_on()) return claimed;
  claim_due(most, claimed);
  if (claimed.size() < most) claim_waiting(most - claimed.size(), claimed);
  return claimed;
}

void RunRowSource::claim_due(std::size_t most, std::vector<ClaimedWelcome>& claimed) {
  const SteadyTime now = environment_.clock.steady_now();
  const bool last_look = waiting_is_over_ && page_.empty() && !due_is_over_;
  if (due_looked_at_ && now - *due_looked_at_ < DueInterval && !last_look) return;
  due_looked_at_ = now;
  const std::vector<WelcomeId> ids = environment_.store.runs().due(run_.id, workable_, most);
  due_is_over_ = ids.empty();
  if (ids.empty()) return;
  for (ClaimResult& result :
       environment_.store.outbox().claim_many(ids, ClaimReason::Due, this_process(), settings_.lease)) {
    if (result.claimed) claimed.push_back(std::move(*result.claimed));
  }
}

bool RunRowSource::next_page() {
  if (waiting_is_over_) return false;
  std::vector<WaitingRow> rows = environment_.store.runs().waiting(run_.id, workable_, after_line_, Page);
  if (rows.empty()) {
    if (!std::exchange(look_again_, false) || ++rounds_ >= MostRounds) {
      waiting_is_over_ = true;
      return false;
    }
    after_line_ = 0;
    return next_page();
  }
  after_line_ = rows.back().line;
  std::move(rows.begin(), rows.end(), std::back_inserter(page_));
  return true;
}

void RunRowSource::claim_waiting(std::size_t most, std::vector<ClaimedWelcome>& claimed) {
  std::vector<Prepared> rows;
  const auto issue_all = [&] {
    issue(rows, claimed);
    rows.clear();
  };
  while (claimed.size() + rows.size() < most && !environment_.interrupted()) {
    if (page_.empty() && !next_page()) break;
    WaitingRow row = std::move(page_.front());
    page_.pop_front();
    // Who share a number must not get the same PIN: each is compared with what the one before got.
    const bool alone = row.shares_number;
    if (alone) issue_all();
    if (auto prepared = prepare(row)) rows.push_back(std::move(*prepared));
    if (alone) issue_all();
  }
  issue_all();
  write_settled();
}

std::optional<RunRowSource::Prepared> RunRowSource::prepare(WaitingRow& row) {
  const Person& person = row.person;
  const bool changed = row.record.version != row.staged_version;
  if (!row.unfinished_welcome) {
    if (!person.enabled) {
      settle(row.line, RunRowState::Skipped, "PinNotEnabledForUser", "the person is disabled");
      return std::nullopt;
    }
    if (row.record.lock) {
      settle(row.line, RunRowState::Skipped, "UserPinAccountLocked",
             fmt::format("the PIN was locked by {}", row.record.lock->by));
      return std::nullopt;
    }
    if (row.record.verifier && !run_.force) {
      settle(row.line, RunRowState::Skipped, "PinAlreadySet", "the person has got a PIN meanwhile");
      return std::nullopt;
    }
    if (row.record.verifier && changed) {
      settle(row.line, RunRowState::NotSent, "Superseded",
             "something newer was decided about the person after the run had begun");
      return std::nullopt;
    }
  }
  const std::optional<Mailbox>& to = row.to ? row.to : person.mail;
  if (!to) {
    settle(row.line, RunRowState::Invalid, "CannotBeWelcomed", "the person has no mail address any more");
    return std::nullopt;
  }

  std::optional<Pin> pin;
  std::vector<SharerVersion> sharers;
  const PinPolicy policy = settings_.policy_of(person);
  if (row.shares_number || row.pin || policy.history_count > 0) {
    try {
      ChosenPin chosen = choose_pin(environment_.store, person, row.pin ? &*row.pin : nullptr, settings_,
                                    environment_.random);
      pin = std::move(chosen.pin);
      sharers = std::move(chosen.sharers);
      if (chosen.record.version != row.record.version) {
        look_again_ = true;
        return std::nullopt;
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Precondition) throw;
      // "PinNotUnique: the PIN for ... cannot be set: ..."
      const std::string what = error.what();
      const std::size_t colon = what.find(": ");
      if (colon == std::string::npos) throw;
      settle(row.line, RunRowState::Invalid, what.substr(0, colon), what.substr(colon + 2));
      return std::nullopt;
    }
  } else {
    pin = generate_pin(policy, std::max(policy.minimum_length, settings_.generated_length),
                       owner_numbers(person), environment_.random);
  }
  const Mailbox& from = plans_.at(static_cast<std::size_t>(row.plan)).content.from;
  IssueRow issued{.line = row.line,
                  .person = person.id,
                  .expected_version = row.record.version,
                  .sharers = std::move(sharers),
                  .pin = nullptr,
                  .to = *to,
                  .to_is_from_record = !row.to.has_value(),
                  .plan = row.plan,
                  .message_id = new_message_id(new_identifier(environment_.random), from),
                  .replaces_pin = row.record.verifier.has_value()};
  return Prepared{std::move(issued), std::move(*pin), std::move(row.person)};
}

void RunRowSource::settle(std::int64_t line, RunRowState state, std::string code, std::string detail) {
  settled_.push_back({line, state, std::move(code), std::move(detail)});
}

void RunRowSource::write_settled() {
  if (settled_.empty()) return;
  environment_.store.runs().settle(run_.id, settled_, environment_.by);
  watch_.settled(static_cast<std::int64_t>(settled_.size()));
  settled_.clear();
}

void RunRowSource::issue(std::vector<Prepared>& rows, std::vector<ClaimedWelcome>& claimed) {
  if (rows.empty()) return;
  std::vector<IssueRow> issues;
  for (Prepared& prepared : rows) {
    prepared.row.pin = &prepared.pin;
    issues.push_back(prepared.row);
  }
  environment_.checkpoints.reach("before-issue");
  std::vector<RowIssue> results =
      environment_.store.runs().issue(run_.id, issues, this_process(), settings_.lease, environment_.by);
  environment_.checkpoints.reach("issued");
  for (std::size_t i = 0; i < results.size(); ++i) {
    RowIssue& result = results[i];
    switch (result.outcome) {
      case RowIssue::Outcome::Issued:
        watch_.issued(1);
        claimed.push_back(ClaimedWelcome{
            .row = std::move(*result.row),
            .claim_id = std::move(result.claim_id),
            .pin = std::move(rows[i].pin),
            .person = std::move(rows[i].person),
            .template_text = plans_.at(static_cast<std::size_t>(issues[i].plan)).template_text});
        break;
      case RowIssue::Outcome::VersionChanged:
        look_again_ = true;
        break;
      case RowIssue::Outcome::Adopted:
        due_is_over_ = false;
        due_looked_at_.reset();
        break;
      case RowIssue::Outcome::NotWaiting:
        break;
    }
  }
}

// The server takes mail of this sender: what it refused was meant for the recipients.
void RunRowSource::fail_held_of(const std::string& sender) {
  const bool held = held_senders_.erase(sender) > 0;
  const bool unknown = held_before_ && asked_.insert(sender).second;
  if (held || unknown) environment_.store.runs().fail_held(run_.id, sender, environment_.by);
}

bool RunRowSource::recorded(std::vector<RowOutcome> outcomes) {
  for (RowOutcome& outcome : outcomes) {
    if (outcome.error && !error_) error_ = outcome.error;
    if (!outcome.delivery || !outcome.record) continue;
    if (outcome.row && outcome.row->kind == WelcomeKind::Welcome) watch_.ended(outcome.record->outcome);
    const Delivery& delivery = *outcome.delivery;
    if (delivery.result == DeliveryResult::Accepted) {
      ++accepted_;
      alike_ = 0;
      if (outcome.row) fail_held_of(outcome.row->content.from.address());
    } else if (delivery.scope == DeliveryScope::Unclear) {
      if (outcome.row) held_senders_.insert(outcome.row->content.from.address());
      const std::pair refusal(delivery.reply_code, delivery.enhanced_code);
      alike_ = refusal == last_refusal_ ? alike_ + 1 : 1;
      last_refusal_ = refusal;
      if (alike_ >= RefusalsAlike) {
        environment_.store.runs().release_held(run_.id);
        environment_.store.runs().pause(
            run_.id,
            {.reason = RunPause::Reason::Refusals,
             .words = fmt::format("{} in a row were refused alike: {}", alike_, describe(delivery)),
             .since = {},
             .until = std::nullopt},
            environment_.by);
        watch_.read();
        return false;
      }
    }
  }
  return watch_.may_go_on();
}

}  // namespace dialin
