// SPDX-License-Identifier: Apache-2.0
// Welcomes in each state of the event table of doc/delivery.md: its columns.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "contract/store/store_test.h"

namespace dialin::test {

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

inline const char* name_of(Start start) {
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

inline bool is_one_of(Start start, std::initializer_list<Start> list) {
  return std::find(list.begin(), list.end(), start) != list.end();
}

inline bool is_finished(Start start) {
  return is_one_of(start, {Start::Sent, Start::Failed, Start::Cancelled, Start::Superseded});
}

inline bool may_have_arrived(Start start) {
  return is_one_of(
      start, {Start::QueuedArrived, Start::LiveArrived, Start::RunOut, Start::Orphan, Start::Uncertain});
}

class OutboxSituations : public StoreTest {
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
      record(now.id, now.claim_id, AttemptRecord::End::Unknown);
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
        let_pass(std::chrono::seconds(61));
        break;
      case Start::Orphan:
        now.claim_id = outbox()
                           .claim(now.id, ClaimReason::SameCommand, gone_, std::chrono::seconds(60))
                           .claimed->claim_id;
        break;
      case Start::Uncertain:
        for (int i = 0; i < 3; ++i) lose_reply();
        break;
      case Start::Sent:
        claim_it();
        record(now.id, now.claim_id, AttemptRecord::End::Accepted);
        break;
      case Start::Failed:
        claim_it();
        record(now.id, now.claim_id, AttemptRecord::End::Refused);
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

}  // namespace dialin::test
