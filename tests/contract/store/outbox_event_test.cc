// SPDX-License-Identifier: Apache-2.0
// Every cell of the event table of doc/delivery.md: each event, for a welcome in each of its states.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using End = AttemptRecord::End;
using Outcome = RecordResult::Outcome;

// The columns of the table, where it matters with what happened before.
enum class Start {
  Queued,
  QueuedArrived,  // may have arrived
  Live,
  LiveArrived,
  RunOut,  // its lease has run out
  Orphan,  // its lease has not, but its process is gone
  Uncertain,
  Sent,
  Failed,
  Cancelled,
  Superseded,
};

constexpr Start kAll[] = {Start::Queued, Start::QueuedArrived, Start::Live,      Start::LiveArrived,
                          Start::RunOut, Start::Orphan,        Start::Uncertain, Start::Sent,
                          Start::Failed, Start::Cancelled,     Start::Superseded};

const char* name_of(Start start) {
  switch (start) {
    case Start::Queued:
      return "queued";
    case Start::QueuedArrived:
      return "queued, may have arrived";
    case Start::Live:
      return "sending, lease live";
    case Start::LiveArrived:
      return "sending, lease live, may have arrived";
    case Start::RunOut:
      return "sending, lease run out";
    case Start::Orphan:
      return "sending, process gone";
    case Start::Uncertain:
      return "uncertain";
    case Start::Sent:
      return "sent";
    case Start::Failed:
      return "failed";
    case Start::Cancelled:
      return "cancelled";
    case Start::Superseded:
      return "superseded";
  }
  return "";
}

bool is_one_of(Start start, std::initializer_list<Start> list) {
  return std::find(list.begin(), list.end(), start) != list.end();
}

bool is_finished(Start start) {
  return is_one_of(start, {Start::Sent, Start::Failed, Start::Cancelled, Start::Superseded});
}

bool may_have_arrived(Start start) {
  return is_one_of(
      start, {Start::QueuedArrived, Start::LiveArrived, Start::RunOut, Start::Orphan, Start::Uncertain});
}

class OutboxEvent : public StoreTest {
 protected:
  struct Situation {
    PersonId person;
    WelcomeId id;
    std::string claim_id;  // the last one
    std::int64_t version;  // of the person
  };

  Situation begin(Start start) {
    Situation now;
    now.person = add_person(fmt::format("person{}", ++people_made_));
    now.id = issue(now.person);
    const auto claim_it = [&] { now.claim_id = claim(now.id).claim_id; };
    const auto lose_reply = [&] {
      claim_it();
      record(now.id, now.claim_id, End::Unknown);
    };
    switch (start) {
      case Start::Queued:
        break;
      case Start::QueuedArrived:
        lose_reply();
        break;
      case Start::Live:
        claim_it();
        break;
      case Start::LiveArrived:
        lose_reply();
        claim_it();
        break;
      case Start::RunOut:
        claim_it();
        let_pass(seconds(61));
        break;
      case Start::Orphan:
        now.claim_id = outbox().claim(now.id, ClaimReason::SameCommand, gone_, seconds(60)).claimed->claim_id;
        break;
      case Start::Uncertain:
        for (int i = 0; i < 3; ++i) lose_reply();
        break;
      case Start::Sent:
        claim_it();
        record(now.id, now.claim_id, End::Accepted);
        break;
      case Start::Failed:
        claim_it();
        record(now.id, now.claim_id, End::Refused);
        break;
      case Start::Cancelled:
        outbox().cancel(now.person, marco_);
        break;
      case Start::Superseded:
        set_pin(now.person);
        break;
    }
    now.version = version_of(now.person);
    return now;
  }

  // Calls `check` for a fresh welcome in each state.
  void in_every_state(const std::function<void(Start, const Situation&)>& check) {
    for (Start start : kAll) {
      SCOPED_TRACE(name_of(start));
      check(start, begin(start));
      if (HasFatalFailure()) return;
    }
  }

  void expect_finished_without_seal(const Situation& now, WelcomeState state) {
    EXPECT_EQ(state_of(now.id), state);
    EXPECT_FALSE(has_seal(now.id));
    EXPECT_TRUE(outbox().get(now.id)->finished_at);
    EXPECT_FALSE(outbox().unfinished_of(now.person));
  }

  std::string last_event() { return events().back(); }

 private:
  int people_made_ = 0;
};
DIALIN_ON_BOTH_STORES(OutboxEvent);

TEST_P(OutboxEvent, TheStatesAreMadeAsTheirNamesSay) {
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

TEST_P(OutboxEvent, ClaimedByTheSameCommand) {
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

TEST_P(OutboxEvent, ClaimedBecauseItIsDue) {
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

TEST_P(OutboxEvent, AcceptedWhileTheVersionIsStillThePersons) {
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

TEST_P(OutboxEvent, AcceptedAfterTheVersionChanged) {
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

TEST_P(OutboxEvent, EveryOtherOutcomeOnlyUnderTheCurrentClaim) {
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

TEST_P(OutboxEvent, Refused) {
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

TEST_P(OutboxEvent, Deferred) {
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

TEST_P(OutboxEvent, UnknownForTheFirstAndSecondTimeAndTheThird) {
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

TEST_P(OutboxEvent, TheLongestTimeInTheQueueIsOver) {
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

TEST_P(OutboxEvent, ThePinIsSet) {
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

TEST_P(OutboxEvent, LockedDisabledAndRemovedActAtOnce) {
  const std::pair<const char*, std::function<void(const PersonId&)>> decisions[] = {
      {"locked", [&](const PersonId& person) { EXPECT_TRUE(pins().lock(person, "lost telephone", marco_)); }},
      {"disabled", [&](const PersonId& person) { EXPECT_TRUE(people().disable(person, marco_)); }}};
  for (const auto& [decision, decide] : decisions) {
    SCOPED_TRACE(decision);
    in_every_state([&](Start start, const Situation& now) {
      const WelcomeState state = state_of(now.id);
      const std::string before = verifier_of(now.person);
      decide(now.person);
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

TEST_P(OutboxEvent, RemovedActsAtOnceAndLeavesNothingPersonal) {
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

TEST_P(OutboxEvent, WhatIsNotAcceptedAfterALockIsNotTriedAgain) {
  const std::pair<End, Start> cases[] = {
      {End::Deferred, Start::Live}, {End::Unknown, Start::Live}, {End::Refused, Start::LiveArrived}};
  for (const auto& [end, start] : cases) {
    const Situation now = begin(start);
    pins().lock(now.person, "lost telephone", marco_);
    EXPECT_EQ(record(now.id, now.claim_id, end).outcome, Outcome::Superseded);
    expect_finished_without_seal(now, WelcomeState::Superseded);
  }
}

TEST_P(OutboxEvent, Cancelled) {
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

TEST_P(OutboxEvent, SevenDaysLaterWhoeverWritesNextEndsWhatIsUncertain) {
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

TEST_P(OutboxEvent, AnUncertainWelcomeOfSevenDaysDoesNotStandInTheWayOfANewOne) {
  const Situation now = begin(Start::Uncertain);
  let_pass(hours(7 * 24));
  const WelcomeId newer = issue(now.person, "90817");
  EXPECT_EQ(state_of(now.id), WelcomeState::Failed);
  EXPECT_FALSE(has_seal(now.id));
  EXPECT_EQ(outbox().unfinished_of(now.person)->id, newer);
}

TEST_P(OutboxEvent, AnotherWelcomeIsActivatedAfterOneFailed) {
  const Situation now = begin(Start::Failed);
  const WelcomeId newer = issue(now.person, "90817");
  EXPECT_EQ(record(newer, claim(newer).claim_id, End::Accepted).outcome, Outcome::Sent);
  EXPECT_EQ(record(now.id, now.claim_id, End::Accepted).outcome, Outcome::ArrivedInvalid);
  EXPECT_EQ(state_of(now.id), WelcomeState::Failed);
  EXPECT_EQ(state_of(newer), WelcomeState::Sent);
}

TEST_P(OutboxEvent, TwoWorkersReportTheSameDelivery) {
  const Situation now = begin(Start::RunOut);
  const ClaimedWelcome second = claim(now.id);
  EXPECT_TRUE(second.row.may_have_arrived);
  // The first one was only slow: same welcome, same PIN.
  EXPECT_EQ(record(now.id, now.claim_id, End::Accepted).outcome, Outcome::Sent);
  EXPECT_FALSE(outbox().renew(now.id, second.claim_id, seconds(60)));
  EXPECT_EQ(record(now.id, second.claim_id, End::Unknown).outcome, Outcome::NotOurs);
  EXPECT_EQ(record(now.id, second.claim_id, End::Accepted).outcome, Outcome::AlreadyRecorded);
  EXPECT_EQ(verifier_of(now.person), "welcome");
}

}  // namespace
}  // namespace dialin::test
