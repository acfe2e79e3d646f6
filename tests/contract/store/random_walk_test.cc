// SPDX-License-Identifier: Apache-2.0
// Thousands of random steps of three people, three senders and an impatient administrator, on the real store
// and beside it on a small model of doc/delivery.md. After each step both must agree, and the promises must
// hold.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "contract/store/random_walk_model.h"
#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

using End = AttemptRecord::End;
using Outcome = RecordResult::Outcome;
using std::chrono::seconds;

constexpr int kPeople = 3;
constexpr int kSenders = 3;
constexpr int kSteps = 1200;

class RandomWalk : public StoreTest {
 protected:
  void begin(unsigned seed) {
    generator_.seed(seed);
    for (int i = 0; i < kPeople; ++i)
      model_.push_back({.id = add_person(fmt::format("person{}x{}", seed, i))});
    senders_.resize(kSenders);
  }

  int draw(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(generator_); }
  ModelPerson& anybody() { return model_[static_cast<std::size_t>(touched_ = draw(kPeople))]; }
  ModelWelcome& of(const Sender& sender) {
    touched_ = sender.person;
    return model_[static_cast<std::size_t>(sender.person)].welcomes[sender.welcome];
  }
  ModelPerson& person_of(const Sender& sender) { return model_[static_cast<std::size_t>(sender.person)]; }

  // ---- the administrator

  void issue_to(ModelPerson& person) {
    if (!person.enabled || person.locked) return;  // refused before it comes to the store
    NewWelcome welcome = new_welcome(person.id);
    const Pin the_pin = pin("73519");
    welcome.pin = &the_pin;
    const IssueResult result = outbox().issue(welcome, marco_);
    if (const ModelWelcome* unfinished = person.unfinished()) {
      ASSERT_EQ(result.outcome, IssueResult::Outcome::Unfinished);
      ASSERT_EQ(result.id, unfinished->id);
      return;
    }
    ASSERT_EQ(result.outcome, IssueResult::Outcome::Issued);
    person.welcomes.push_back({.id = result.id,
                               .verifier = "welcome " + result.id,
                               .version = ++person.version,
                               .decisions_before = person.decisions});
  }

  void set(ModelPerson& person) {
    const std::string name = fmt::format("set {}", ++sets_);
    const Secret verifier{std::string_view(name)};
    SetPin request;
    request.person = person.id;
    request.expected_version = person.version;
    request.verifier = &verifier;
    const SetPinResult result = pins().set_pin(request, marco_);
    const ModelWelcome* unfinished = person.unfinished();
    if (unfinished != nullptr && unfinished->held()) {
      ASSERT_EQ(result.outcome, SetPinResult::Outcome::DeliveryInProgress);
      return;
    }
    ASSERT_EQ(result.outcome,
              person.active.empty() ? SetPinResult::Outcome::Set : SetPinResult::Outcome::Replaced);
    ++person.version;
    ++person.decisions;
    person.active = name;
    person.supersede();
  }

  void lock_or_unlock(ModelPerson& person) {
    if (person.locked) {
      ASSERT_TRUE(pins().unlock(person.id, marco_));
      person.locked = false;
      return;
    }
    ASSERT_TRUE(pins().lock(person.id, "walk", marco_));
    person.locked = true;
    ++person.version;
    ++person.decisions;
    person.supersede();
  }

  void disable_or_enable(ModelPerson& person) {
    if (person.enabled) {
      ASSERT_TRUE(people().disable(person.id, marco_));
      ++person.version;
      ++person.decisions;
      person.supersede();
    } else {
      const bool keep = draw(2) == 0;
      ASSERT_TRUE(people().enable(person.id, keep, marco_));
      if (!keep) {
        ++person.version;
        ++person.decisions;
        person.active.clear();
      }
    }
    person.enabled = !person.enabled;
  }

  void cancel(ModelPerson& person) {
    const CancelResult result = outbox().cancel(person.id, marco_);
    ModelWelcome* welcome = person.unfinished();
    if (welcome == nullptr) {
      ASSERT_EQ(result.outcome, CancelResult::Outcome::Nothing);
    } else if (welcome->held()) {
      ASSERT_EQ(result.outcome, CancelResult::Outcome::InProgress);
    } else {
      ASSERT_EQ(result.outcome, welcome->arrived() ? CancelResult::Outcome::CancelledMayHaveArrived
                                                   : CancelResult::Outcome::Cancelled);
      welcome->may_have_arrived = welcome->arrived();
      welcome->end(WelcomeState::Cancelled);
    }
  }

  // ---- time

  void leases_run_out() {
    let_pass(seconds(61));
    for (ModelPerson& person : model_) {
      for (ModelWelcome& welcome : person.welcomes) {
        welcome.live = false;
        welcome.due = true;
      }
    }
  }

  // ---- a sender

  void claim_due(Sender& sender) {
    std::set<WelcomeId> expected;
    for (const ModelPerson& person : model_) {
      for (const ModelWelcome& welcome : person.welcomes) {
        if ((welcome.state == WelcomeState::Queued && welcome.due) ||
            (welcome.state == WelcomeState::Sending && !welcome.live))
          expected.insert(welcome.id);
      }
    }
    const std::vector<WelcomeId> due = outbox().due(100);
    ASSERT_EQ(std::set<WelcomeId>(due.begin(), due.end()), expected);
    if (due.empty()) return;
    const WelcomeId id = due[static_cast<std::size_t>(draw(static_cast<int>(due.size())))];
    for (int i = 0; i < kPeople; ++i) {
      for (std::size_t j = 0; j < model_[static_cast<std::size_t>(i)].welcomes.size(); ++j) {
        if (model_[static_cast<std::size_t>(i)].welcomes[j].id == id) claim(sender, i, j, ClaimReason::Due);
      }
    }
  }

  // The same command typed again.
  void claim_newest(Sender& sender) {
    const ModelPerson& person = anybody();
    if (!person.welcomes.empty())
      claim(sender, touched_, person.welcomes.size() - 1, ClaimReason::SameCommand);
  }

  void claim(Sender& sender, int person_index, std::size_t index, ClaimReason reason) {
    touched_ = person_index;
    ModelPerson& person = model_[static_cast<std::size_t>(person_index)];
    ModelWelcome& welcome = person.welcomes[index];
    const ClaimResult result = try_claim(welcome.id, reason);
    if (!welcome.unfinished()) {
      ASSERT_EQ(result.outcome, ClaimResult::Outcome::Finished);
    } else if (welcome.held()) {
      ASSERT_EQ(result.outcome, ClaimResult::Outcome::InProgress);
    } else if (welcome.version != person.version) {
      ASSERT_EQ(result.outcome, ClaimResult::Outcome::Superseded);
      welcome.may_have_arrived = welcome.arrived();
      welcome.end(WelcomeState::Superseded);
    } else {
      ASSERT_EQ(result.outcome, ClaimResult::Outcome::Claimed);
      welcome.may_have_arrived = welcome.arrived();
      welcome.state = WelcomeState::Sending;
      welcome.live = true;
      welcome.claim_id = result.claimed->claim_id;
      sender = {Sender::Phase::Claimed, person_index, index, result.claimed->claim_id};
    }
  }

  void kill(Sender& sender) {
    ModelWelcome& welcome = of(sender);
    tables().execute(
        "UPDATE welcomes SET claim_process_id = :process, claim_start_time = :start WHERE claim_id = :claim",
        {{"process", gone_.process_id}, {"start", gone_.start_time}, {"claim", sender.claim_id}});
    if (welcome.claim_id == sender.claim_id) welcome.live = false;
    sender = {};
  }

  void renew(const Sender& sender) {
    ModelWelcome& welcome = of(sender);
    const bool ours = welcome.claim_id == sender.claim_id;
    ASSERT_EQ(still_holds(welcome.id, sender.claim_id), ours);
    if (ours) welcome.live = true;
  }

  void go_on(Sender& sender) {
    if (sender.phase == Sender::Phase::Idle) return draw(2) == 0 ? claim_due(sender) : claim_newest(sender);
    ModelWelcome& welcome = of(sender);
    switch (sender.phase) {
      case Sender::Phase::Idle:
        return;
      case Sender::Phase::Claimed:
        // Content is written with lease left only; another sender may take over just after.
        if (welcome.claim_id != sender.claim_id || !welcome.live) {
          sender = {};
          return;
        }
        switch (draw(6)) {
          case 0:
            return record_end(sender, End::Deferred);
          case 1:
            return record_end(sender, End::Refused);
          default:
            sender.phase = Sender::Phase::Written;
            return;
        }
      case Sender::Phase::Written:
        switch (draw(4)) {
          case 0:
            sender.phase = Sender::Phase::Refused;
            return;
          case 1:  // the reply is lost, whatever it was
            if (draw(2) == 0) welcome.delivered = true;
            sender.phase = Sender::Phase::Unknown;
            return;
          default:
            welcome.delivered = true;
            sender.phase = Sender::Phase::Accepted;
            return;
        }
      case Sender::Phase::Accepted:
        return record_accepted(sender);
      case Sender::Phase::Refused:
        return record_end(sender, End::Refused);
      case Sender::Phase::Unknown:
        return record_end(sender, End::Unknown);
    }
  }

  RecordResult record_it(const Sender& sender, End end) {
    const ModelWelcome& welcome = of(sender);
    const Secret verifier{std::string_view(welcome.verifier)};
    const Pin shown = pin("73519");
    AttemptRecord record;
    record.id = welcome.id;
    record.claim_id = sender.claim_id;
    record.end = end;
    record.counts_as_attempt = true;
    record.retry_after = seconds(30);
    record.sent_to = "somebody@contoso.com";
    record.verifier = &verifier;
    record.pin = &shown;
    return outbox().record({record}, marco_).at(0);
  }

  void record_accepted(Sender& sender) {
    const RecordResult result = record_it(sender, End::Accepted);
    ModelPerson& person = person_of(sender);
    ModelWelcome& welcome = of(sender);
    sender = {};
    if (welcome.state == WelcomeState::Sent) {
      ASSERT_EQ(result.outcome, Outcome::AlreadyRecorded);
      return;
    }
    const bool open = welcome.unfinished() || welcome.state == WelcomeState::Failed;
    if (!open || welcome.version != person.version) {
      ASSERT_EQ(result.outcome, Outcome::ArrivedInvalid);
      welcome.may_have_arrived = true;
      if (welcome.unfinished()) welcome.end(WelcomeState::Superseded);
      return;
    }
    ASSERT_EQ(result.outcome, Outcome::Sent);
    // The newest decision wins.
    ASSERT_EQ(&welcome, &person.welcomes.back());
    ASSERT_EQ(welcome.decisions_before, person.decisions);
    welcome.end(WelcomeState::Sent);
    person.active = welcome.verifier;
    ++person.version;
    ++person.decisions;
    person.supersede();
  }

  void record_end(Sender& sender, End end) {
    const RecordResult result = record_it(sender, end);
    const ModelPerson& person = person_of(sender);
    ModelWelcome& welcome = of(sender);
    const std::string claim_id = sender.claim_id;
    sender = {};
    if (welcome.claim_id != claim_id) {
      ASSERT_EQ(result.outcome, Outcome::NotOurs);
      return;
    }
    if (end == End::Unknown) {
      ++welcome.unknowns;
      welcome.may_have_arrived = true;
    }
    if (end == End::Refused && !welcome.may_have_arrived) {
      ASSERT_EQ(result.outcome, Outcome::Failed);
      welcome.end(WelcomeState::Failed);
    } else if (welcome.version != person.version) {
      ASSERT_EQ(result.outcome, Outcome::Superseded);
      // Its lease may have run out meanwhile: then nobody knows.
      welcome.may_have_arrived = welcome.arrived();
      welcome.end(WelcomeState::Superseded);
    } else if (end == End::Refused || (end == End::Unknown && welcome.unknowns >= 3)) {
      ASSERT_EQ(result.outcome, Outcome::Uncertain);
      welcome.end(WelcomeState::Uncertain);
    } else {
      ASSERT_EQ(result.outcome, Outcome::Queued);
      welcome.end(WelcomeState::Queued);
      welcome.due = false;
    }
  }

  // ---- what must be true after every step

  void compare() {
    ModelPerson& person = model_[static_cast<std::size_t>(touched_)];
    const PinRecord record = pins().pin_of(person.id);
    ASSERT_EQ(record.version, person.version);
    ASSERT_EQ(record.verifier.has_value(), !person.active.empty());
    if (record.verifier) {
      ASSERT_TRUE(record.verifier->same_as(Secret{std::string_view(person.active)}));
    }
    std::map<WelcomeId, SqlRow> rows;
    for (SqlRow& row :
         tables().rows("SELECT id, state, may_have_arrived, unknowns, version, CASE WHEN seal IS NULL THEN "
                       "0 ELSE 1 END, COALESCE(claim_id, '') FROM welcomes WHERE person = :person",
                       7, {{"person", person.id}})) {
      const WelcomeId id = row.text(0);
      rows.emplace(id, std::move(row));
    }
    ASSERT_EQ(rows.size(), person.welcomes.size());
    int unfinished = 0;
    for (const ModelWelcome& welcome : person.welcomes) {
      const SqlRow& row = rows.at(welcome.id);
      ASSERT_EQ(row.text(1), to_text(welcome.state)) << welcome.id;
      ASSERT_EQ(row.flag(2), welcome.may_have_arrived) << welcome.id;
      ASSERT_EQ(row.integer(3), welcome.unknowns);
      ASSERT_EQ(row.integer(4), welcome.version);
      ASSERT_EQ(row.flag(5), welcome.unfinished());
      ASSERT_EQ(row.text(6), welcome.claim_id);
      unfinished += welcome.unfinished();
      // A welcome's PIN is valid only if its mail was accepted, and so is one that counts as sent.
      if (welcome.state == WelcomeState::Sent || person.active == welcome.verifier) {
        ASSERT_TRUE(welcome.delivered);
      }
      // What counts as failed has not arrived, unless somebody is about to say so.
      if (welcome.state == WelcomeState::Failed && welcome.delivered) {
        ASSERT_TRUE(std::any_of(senders_.begin(), senders_.end(),
                                [&](const Sender& sender) {
                                  return sender.phase == Sender::Phase::Accepted &&
                                         sender.person == touched_ &&
                                         &person.welcomes[sender.welcome] == &welcome;
                                }) ||
                    welcome.version != person.version);
      }
    }
    ASSERT_LE(unfinished, 1);
  }

  void step() {
    Sender& sender = senders_[static_cast<std::size_t>(draw(kSenders))];
    const int what = draw(100);
    if (what < 60) {
      go_on(sender);
    } else if (what < 75) {
      issue_to(anybody());
    } else if (what < 79) {
      if (sender.phase != Sender::Phase::Idle) kill(sender);
    } else if (what < 83) {
      if (sender.phase != Sender::Phase::Idle) renew(sender);
    } else if (what < 87) {
      leases_run_out();
    } else if (what < 91) {
      set(anybody());
    } else if (what < 94) {
      lock_or_unlock(anybody());
    } else if (what < 96) {
      disable_or_enable(anybody());
    } else {
      cancel(anybody());
    }
  }

  std::mt19937 generator_;
  std::vector<ModelPerson> model_;
  std::vector<Sender> senders_;
  int touched_ = 0;
  int sets_ = 0;
};
DIALIN_ON_BOTH_STORES(RandomWalk);

TEST_P(RandomWalk, TheStoreAndTheModelAgreeAndThePromisesHold) {
  for (const unsigned seed : {1u, 2u}) {
    model_.clear();
    senders_.clear();
    begin(seed);
    for (int i = 0; i < kSteps; ++i) {
      step();
      if (!HasFatalFailure()) compare();
      if (HasFatalFailure()) {
        ADD_FAILURE() << "seed " << seed << ", step " << i;
        return;
      }
    }
    // The walk came by everywhere.
    std::map<WelcomeState, int> ends;
    for (const ModelPerson& person : model_) {
      for (const ModelWelcome& welcome : person.welcomes) ++ends[welcome.state];
    }
    for (WelcomeState state :
         {WelcomeState::Sent, WelcomeState::Failed, WelcomeState::Cancelled, WelcomeState::Superseded})
      EXPECT_GT(ends[state], 0) << to_text(state);
  }
}

}  // namespace
}  // namespace dialin::test
