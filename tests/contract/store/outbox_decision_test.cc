// SPDX-License-Identifier: Apache-2.0
// The event table of doc/delivery.md: decisions about the person and time, for a welcome in each state.
#include "contract/store/outbox_situations.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using End = AttemptRecord::End;
using Outcome = RecordResult::Outcome;

class OutboxDecision : public OutboxSituations {};
DIALIN_ON_BOTH_STORES(OutboxDecision);

TEST_P(OutboxDecision, TheLongestTimeInTheQueueIsOver) {
  in_every_state([&](Start start, const Situation& now) {
    const WelcomeState state = state_of(now.id);
    EXPECT_EQ(outbox().sweep(hours(48)), 0u);
    let_pass(hours(48));
    const std::size_t swept = outbox().sweep(hours(48));
    if (start == Start::Queued) {
      EXPECT_EQ(swept, 1u);
      expect_finished_without_seal(now, WelcomeState::Failed);
    } else if (start == Start::QueuedArrived) {
      EXPECT_EQ(swept, 1u);
      EXPECT_EQ(state_of(now.id), WelcomeState::Uncertain);
      EXPECT_TRUE(has_seal(now.id));
    } else {
      EXPECT_EQ(swept, 0u);
      EXPECT_EQ(state_of(now.id), state);
    }
    // Nothing is left for the next case.
    let_pass(seconds(61));
    outbox().cancel(now.person, marco_);
  });
}

TEST_P(OutboxDecision, ThePinIsSet) {
  in_every_state([&](Start start, const Situation& now) {
    const WelcomeState state = state_of(now.id);
    const SetPinResult result = set_pin(now.person);
    if (is_one_of(start, {Start::Live, Start::LiveArrived})) {
      EXPECT_EQ(result.outcome, SetPinResult::Outcome::DeliveryInProgress);
      EXPECT_EQ(result.owner, living_);
      EXPECT_EQ(version_of(now.person), now.version);
      EXPECT_EQ(state_of(now.id), state);
      return;
    }
    EXPECT_EQ(result.outcome, is_one_of(start, {Start::Sent, Start::Superseded})
                                  ? SetPinResult::Outcome::Replaced
                                  : SetPinResult::Outcome::Set);
    EXPECT_EQ(verifier_of(now.person), "set");
    EXPECT_EQ(version_of(now.person), now.version + 1);
    expect_finished_without_seal(now, is_finished(start) ? state : WelcomeState::Superseded);
    // Whoever was sending it finds out: the mail has arrived, and its PIN is not valid.
    if (start != Start::Sent) {
      EXPECT_EQ(record(now.id, now.claim_id, End::Accepted).outcome, Outcome::ArrivedInvalid);
    }
    EXPECT_EQ(verifier_of(now.person), "set");
  });
}

TEST_P(OutboxDecision, LockedDisabledAndRemovedActAtOnce) {
  const std::pair<const char*, std::function<void(const PersonId&)>> decisions[] = {
      {"locked", [&](const PersonId& person) { EXPECT_TRUE(pins().lock(person, "lost telephone", marco_)); }},
      {"disabled", [&](const PersonId& person) { EXPECT_TRUE(people().disable(person, marco_)); }}};
  for (const auto& decision : decisions) {
    SCOPED_TRACE(decision.first);
    in_every_state([&](Start start, const Situation& now) {
      const WelcomeState state = state_of(now.id);
      const std::string before = verifier_of(now.person);
      decision.second(now.person);
      EXPECT_EQ(version_of(now.person), now.version + 1);
      if (is_one_of(start, {Start::Live, Start::LiveArrived})) {
        EXPECT_EQ(state_of(now.id), WelcomeState::Sending);
        // The outcome finds the version changed.
        EXPECT_EQ(record(now.id, now.claim_id, End::Accepted).outcome, Outcome::ArrivedInvalid);
        expect_finished_without_seal(now, WelcomeState::Superseded);
      } else {
        expect_finished_without_seal(now, is_finished(start) ? state : WelcomeState::Superseded);
      }
      EXPECT_EQ(verifier_of(now.person), before);
    });
  }
}

TEST_P(OutboxDecision, RemovedActsAtOnceAndLeavesNothingPersonal) {
  in_every_state([&](Start start, const Situation& now) {
    EXPECT_TRUE(people().remove(now.person, marco_));
    const bool live = is_one_of(start, {Start::Live, Start::LiveArrived});
    EXPECT_EQ(outbox().get(now.id).has_value(), live);
    const RecordResult result = record(now.id, now.claim_id, End::Accepted);
    EXPECT_EQ(result.outcome, Outcome::ArrivedInvalid);
    EXPECT_EQ(record(now.id, now.claim_id, End::Refused).outcome, Outcome::NotOurs);
    EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE seal IS NOT NULL"), 0);
    EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE mail_to LIKE '%contoso%' OR reply_text <> ''"), 0);
  });
}

TEST_P(OutboxDecision, WhatIsNotAcceptedAfterALockIsNotTriedAgain) {
  const std::pair<End, Start> cases[] = {
      {End::Deferred, Start::Live}, {End::Unknown, Start::Live}, {End::Refused, Start::LiveArrived}};
  for (const auto& [end, start] : cases) {
    const Situation now = begin(start);
    pins().lock(now.person, "lost telephone", marco_);
    EXPECT_EQ(record(now.id, now.claim_id, end).outcome, Outcome::Superseded);
    expect_finished_without_seal(now, WelcomeState::Superseded);
  }
}

TEST_P(OutboxDecision, Cancelled) {
  in_every_state([&](Start start, const Situation& now) {
    const WelcomeState state = state_of(now.id);
    const CancelResult result = outbox().cancel(now.person, marco_);
    if (is_finished(start)) {
      EXPECT_EQ(result.outcome, CancelResult::Outcome::Nothing);
      EXPECT_EQ(state_of(now.id), state);
    } else if (is_one_of(start, {Start::Live, Start::LiveArrived})) {
      EXPECT_EQ(result.outcome, CancelResult::Outcome::InProgress);
      EXPECT_EQ(result.owner, living_);
      EXPECT_EQ(state_of(now.id), WelcomeState::Sending);
    } else {
      EXPECT_EQ(result.outcome, may_have_arrived(start) ? CancelResult::Outcome::CancelledMayHaveArrived
                                                        : CancelResult::Outcome::Cancelled);
      EXPECT_EQ(result.row->id, now.id);
      expect_finished_without_seal(now, WelcomeState::Cancelled);
      EXPECT_EQ(verifier_of(now.person), "");
    }
  });
}

TEST_P(OutboxDecision, SevenDaysLaterWhoeverWritesNextEndsWhatIsUncertain) {
  in_every_state([&](Start start, const Situation& now) {
    const WelcomeState state = state_of(now.id);
    let_pass(hours(7 * 24 - 1));
    add_person("before" + now.person);
    EXPECT_EQ(state_of(now.id), state);
    let_pass(hours(1));
    add_person("after" + now.person);
    if (start == Start::Uncertain) {
      expect_finished_without_seal(now, WelcomeState::Failed);
      // Late, but it did arrive, and nothing newer was decided.
      EXPECT_EQ(record(now.id, "late", End::Accepted).outcome, Outcome::Sent);
      EXPECT_EQ(verifier_of(now.person), "welcome");
    } else {
      EXPECT_EQ(state_of(now.id), state);
    }
  });
}

TEST_P(OutboxDecision, AnUncertainWelcomeOfSevenDaysDoesNotStandInTheWayOfANewOne) {
  const Situation now = begin(Start::Uncertain);
  let_pass(hours(7 * 24));
  const WelcomeId newer = issue(now.person, "90817");
  EXPECT_EQ(state_of(now.id), WelcomeState::Failed);
  EXPECT_FALSE(has_seal(now.id));
  EXPECT_EQ(outbox().unfinished_of(now.person)->id, newer);
}

}  // namespace
}  // namespace dialin::test
