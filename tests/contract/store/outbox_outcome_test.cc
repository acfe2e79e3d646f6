// SPDX-License-Identifier: Apache-2.0
// The event table of doc/delivery.md: claims and outcomes, for a welcome in each state.
#include "contract/store/outbox_situations.h"

namespace dialin::test {
namespace {

using std::chrono::seconds;
using End = AttemptRecord::End;
using Outcome = RecordResult::Outcome;

class OutboxOutcome : public OutboxSituations {};
DIALIN_ON_BOTH_STORES(OutboxOutcome);

TEST_P(OutboxOutcome, TheStatesAreMadeAsTheirNamesSay) {
  const std::map<Start, WelcomeState> expected = {
      {Start::Queued, WelcomeState::Queued},        {Start::QueuedArrived, WelcomeState::Queued},
      {Start::Live, WelcomeState::Sending},         {Start::LiveArrived, WelcomeState::Sending},
      {Start::RunOut, WelcomeState::Sending},       {Start::Orphan, WelcomeState::Sending},
      {Start::Uncertain, WelcomeState::Uncertain},  {Start::Sent, WelcomeState::Sent},
      {Start::Failed, WelcomeState::Failed},        {Start::Cancelled, WelcomeState::Cancelled},
      {Start::Superseded, WelcomeState::Superseded}};
  in_every_state([&](Start start, const Situation& now) {
    EXPECT_EQ(state_of(now.id), expected.at(start));
    EXPECT_EQ(has_seal(now.id), !is_finished(start));
  });
}

TEST_P(OutboxOutcome, ClaimedByTheSameCommand) {
  in_every_state([&](Start start, const Situation& now) {
    const ClaimResult result = try_claim(now.id, ClaimReason::SameCommand);
    if (is_finished(start)) {
      EXPECT_EQ(result.outcome, ClaimResult::Outcome::Finished);
      EXPECT_EQ(result.state, state_of(now.id));
    } else if (is_one_of(start, {Start::Live, Start::LiveArrived})) {
      EXPECT_EQ(result.outcome, ClaimResult::Outcome::InProgress);
      EXPECT_EQ(result.owner, living_);
    } else {
      ASSERT_EQ(result.outcome, ClaimResult::Outcome::Claimed);
      EXPECT_NE(result.claimed->claim_id, now.claim_id);
      EXPECT_EQ(result.claimed->row.may_have_arrived, may_have_arrived(start));
      EXPECT_EQ(state_of(now.id), WelcomeState::Sending);
      EXPECT_TRUE(result.claimed->pin->same_as(pin("73519")));
    }
    EXPECT_EQ(version_of(now.person), now.version);
  });
}

TEST_P(OutboxOutcome, ClaimedBecauseItIsDue) {
  in_every_state([&](Start start, const Situation& now) {
    const std::vector<WelcomeId> due = outbox().due(100);
    const bool is_due = is_one_of(start, {Start::Queued, Start::RunOut, Start::Orphan});
    EXPECT_EQ(std::count(due.begin(), due.end(), now.id), is_due ? 1 : 0);
    const ClaimResult result = try_claim(now.id, ClaimReason::Due);
    if (is_due) {
      EXPECT_EQ(result.outcome, ClaimResult::Outcome::Claimed);
    } else if (is_one_of(start, {Start::QueuedArrived, Start::Uncertain})) {
      // The one waits for its next attempt, the other for the same command.
      EXPECT_EQ(result.outcome, ClaimResult::Outcome::NotDue);
    } else {
      EXPECT_NE(result.outcome, ClaimResult::Outcome::Claimed);
    }
    // Nobody else's due rows stand in the way of the next case.
    outbox().cancel(now.person, marco_);
  });
}

TEST_P(OutboxOutcome, AcceptedWhileTheVersionIsStillThePersons) {
  in_every_state([&](Start start, const Situation& now) {
    const RecordResult result = record(now.id, "whoever reports it", End::Accepted);
    if (start == Start::Sent) {
      EXPECT_EQ(result.outcome, Outcome::AlreadyRecorded);
      EXPECT_EQ(version_of(now.person), now.version);
    } else if (is_one_of(start, {Start::Cancelled, Start::Superseded})) {
      EXPECT_EQ(result.outcome, Outcome::ArrivedInvalid);
      EXPECT_EQ(result.state, state_of(now.id));
      EXPECT_NE(verifier_of(now.person), "welcome");
      EXPECT_EQ(version_of(now.person), now.version);
      EXPECT_EQ(last_event(), "welcome-arrived-invalid");
    } else {
      EXPECT_EQ(result.outcome, Outcome::Sent);
      EXPECT_EQ(verifier_of(now.person), "welcome");
      EXPECT_EQ(version_of(now.person), now.version + 1);
      EXPECT_EQ(last_event(), "welcome-sent");
      expect_finished_without_seal(now, WelcomeState::Sent);
    }
  });
}

TEST_P(OutboxOutcome, AcceptedAfterTheVersionChanged) {
  in_every_state([&](Start start, const Situation& now) {
    // Whatever raised the version would have superseded most of these: the rule must not depend on it.
    tables().execute("UPDATE pins SET version = version + 1 WHERE person = :person",
                     {{"person", now.person}});
    const std::string before = verifier_of(now.person);
    const WelcomeState state = state_of(now.id);
    const RecordResult result = record(now.id, now.claim_id, End::Accepted);
    EXPECT_EQ(verifier_of(now.person), before);
    EXPECT_EQ(version_of(now.person), now.version + 1);
    if (start == Start::Sent) {
      EXPECT_EQ(result.outcome, Outcome::AlreadyRecorded);
      return;
    }
    EXPECT_EQ(result.outcome, Outcome::ArrivedInvalid);
    EXPECT_EQ(last_event(), "welcome-arrived-invalid");
    EXPECT_NE(outbox().get(now.id)->detail.find("not valid"), std::string::npos);
    expect_finished_without_seal(now, is_finished(start) ? state : WelcomeState::Superseded);
    // Said once, however often it is reported.
    const std::size_t lines = events().size();
    EXPECT_EQ(record(now.id, now.claim_id, End::Accepted).outcome, Outcome::ArrivedInvalid);
    EXPECT_EQ(events().size(), lines);
  });
}

TEST_P(OutboxOutcome, EveryOtherOutcomeOnlyUnderTheCurrentClaim) {
  for (End end : {End::Refused, End::Deferred, End::Unknown}) {
    in_every_state([&](Start, const Situation& now) {
      const WelcomeState state = state_of(now.id);
      const std::size_t lines = events().size();
      const RecordResult result = record(now.id, "another claim", end);
      EXPECT_EQ(result.outcome, Outcome::NotOurs);
      EXPECT_EQ(result.state, state);
      EXPECT_EQ(state_of(now.id), state);
      EXPECT_EQ(events().size(), lines);
    });
  }
}

TEST_P(OutboxOutcome, Refused) {
  in_every_state([&](Start start, const Situation& now) {
    const WelcomeState state = state_of(now.id);
    const RecordResult result = record(now.id, now.claim_id, End::Refused);
    switch (start) {
      case Start::Live:
        EXPECT_EQ(result.outcome, Outcome::Failed);
        expect_finished_without_seal(now, WelcomeState::Failed);
        break;
      case Start::LiveArrived:
        EXPECT_EQ(result.outcome, Outcome::Uncertain);
        EXPECT_EQ(state_of(now.id), WelcomeState::Uncertain);
        EXPECT_TRUE(has_seal(now.id));
        break;
      case Start::RunOut:
      case Start::Orphan:
        // Nobody has taken it over: its claim is still the current one, and it is the first attempt.
        EXPECT_EQ(result.outcome, Outcome::Failed);
        break;
      default:
        EXPECT_EQ(result.outcome, Outcome::NotOurs);
        EXPECT_EQ(state_of(now.id), state);
    }
    if (start != Start::Sent && start != Start::Superseded) {
      EXPECT_EQ(verifier_of(now.person), "");
    }
  });
}

TEST_P(OutboxOutcome, Deferred) {
  in_every_state([&](Start start, const Situation& now) {
    const WelcomeRow before = *outbox().get(now.id);
    const RecordResult result = record(now.id, now.claim_id, End::Deferred);
    if (before.state != WelcomeState::Sending) {
      EXPECT_EQ(result.outcome, Outcome::NotOurs);
      EXPECT_EQ(state_of(now.id), before.state);
      return;
    }
    EXPECT_EQ(result.outcome, Outcome::Queued);
    const WelcomeRow after = *outbox().get(now.id);
    EXPECT_EQ(after.state, WelcomeState::Queued);
    EXPECT_EQ(after.attempts, before.attempts + 1);
    EXPECT_EQ(after.may_have_arrived, start == Start::LiveArrived);
    EXPECT_TRUE(after.next_attempt_at);
    EXPECT_FALSE(after.claim_owner);
    EXPECT_EQ(after.message_id, before.message_id);
    EXPECT_TRUE(outbox().has_pin(now.id, pin("73519")).value());
  });
}

TEST_P(OutboxOutcome, UnknownForTheFirstAndSecondTimeAndTheThird) {
  in_every_state([&](Start start, const Situation& now) {
    const WelcomeRow before = *outbox().get(now.id);
    const RecordResult result = record(now.id, now.claim_id, End::Unknown);
    if (before.state != WelcomeState::Sending) {
      EXPECT_EQ(result.outcome, Outcome::NotOurs);
      return;
    }
    ASSERT_EQ(result.outcome, Outcome::Queued);
    EXPECT_TRUE(outbox().get(now.id)->may_have_arrived);
    for (int unknowns = before.unknowns + 2; unknowns < 3; ++unknowns)
      EXPECT_EQ(record(now.id, claim(now.id).claim_id, End::Unknown).outcome, Outcome::Queued);
    EXPECT_EQ(record(now.id, claim(now.id).claim_id, End::Unknown).outcome, Outcome::Uncertain);
    EXPECT_EQ(state_of(now.id), WelcomeState::Uncertain);
    EXPECT_TRUE(has_seal(now.id));
    EXPECT_TRUE(outbox().unfinished_of(now.person));
    EXPECT_EQ(is_finished(start), false);
  });
}

TEST_P(OutboxOutcome, AnotherWelcomeIsActivatedAfterOneFailed) {
  const Situation now = begin(Start::Failed);
  const WelcomeId newer = issue(now.person, "90817");
  EXPECT_EQ(record(newer, claim(newer).claim_id, End::Accepted).outcome, Outcome::Sent);
  EXPECT_EQ(record(now.id, now.claim_id, End::Accepted).outcome, Outcome::ArrivedInvalid);
  EXPECT_EQ(state_of(now.id), WelcomeState::Failed);
  EXPECT_EQ(state_of(newer), WelcomeState::Sent);
}

TEST_P(OutboxOutcome, TwoWorkersReportTheSameDelivery) {
  const Situation now = begin(Start::RunOut);
  const ClaimedWelcome second = claim(now.id);
  EXPECT_TRUE(second.row.may_have_arrived);
  // The first one was only slow: same welcome, same PIN.
  EXPECT_EQ(record(now.id, now.claim_id, End::Accepted).outcome, Outcome::Sent);
  EXPECT_FALSE(still_holds(now.id, second.claim_id));
  EXPECT_EQ(record(now.id, second.claim_id, End::Unknown).outcome, Outcome::NotOurs);
  EXPECT_EQ(record(now.id, second.claim_id, End::Accepted).outcome, Outcome::AlreadyRecorded);
  EXPECT_EQ(verifier_of(now.person), "welcome");
}

}  // namespace
}  // namespace dialin::test
