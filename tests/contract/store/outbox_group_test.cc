// SPDX-License-Identifier: Apache-2.0
// Groups of claims, renewals and results; held rows and rows of runs.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>

#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using End = AttemptRecord::End;

class OutboxGroup : public StoreTest {
 protected:
  // As if the welcome had been issued by a run.
  void put_into_run(const WelcomeId& id) {
    tables().execute("UPDATE welcomes SET run = 'a run' WHERE id = :id", {{"id", id}});
  }
  RecordResult hold(const WelcomeId& id) { return record(id, claim(id).claim_id, End::Held); }
};
DIALIN_ON_BOTH_STORES(OutboxGroup);

TEST_P(OutboxGroup, EachOfManyClaimsHasItsOwnAnswerInTheOrderAsked) {
  const WelcomeId free = issue(add_person("free"), "11235");
  const WelcomeId taken = issue(add_person("taken"));
  const std::string others_claim = claim(taken).claim_id;
  const PersonId changed_person = add_person("changed");
  const WelcomeId changed = issue(changed_person);
  tables().execute("UPDATE pins SET version = version + 1 WHERE person = :id", {{"id", changed_person}});
  const WelcomeId sent = issue(add_person("sent"));
  record(sent, claim(sent).claim_id, End::Accepted);
  const WelcomeId waiting = issue(add_person("waiting"));
  record(waiting, claim(waiting).claim_id, End::Deferred);
  const WelcomeId second = issue(add_person("second"), "81321");

  const std::vector<WelcomeId> ids = {second, "no such welcome", taken, changed, sent, waiting, free, free};
  const std::vector<ClaimResult> results = outbox().claim_many(ids, ClaimReason::Due, living_, seconds(60));
  ASSERT_EQ(results.size(), ids.size());
  using Outcome = ClaimResult::Outcome;
  const std::vector<Outcome> expected = {Outcome::Claimed,    Outcome::Finished,  Outcome::InProgress,
                                         Outcome::Superseded, Outcome::Finished,  Outcome::NotDue,
                                         Outcome::Claimed,    Outcome::InProgress};
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(results[i].outcome, expected[i]) << i;
  EXPECT_EQ(results[0].claimed->row.id, second);
  EXPECT_TRUE(results[0].claimed->pin->same_as(pin("81321")));
  EXPECT_TRUE(results[6].claimed->pin->same_as(pin("11235")));
  EXPECT_EQ(results[6].claimed->person.display_name, "free");
  EXPECT_EQ(results[6].claimed->template_text, "Hello {{PIN}}");
  EXPECT_NE(results[0].claimed->claim_id, results[6].claimed->claim_id);
  EXPECT_EQ(results[1].state, WelcomeState::Superseded);
  EXPECT_EQ(state_of(changed), WelcomeState::Superseded);
  // What was answered is what stands there.
  EXPECT_EQ(outbox().get(free)->claim_until, results[6].until);
  EXPECT_EQ(outbox().get(free)->claim_owner, living_);
  EXPECT_EQ(record(free, results[6].claimed->claim_id, End::Accepted).outcome, RecordResult::Outcome::Sent);
  EXPECT_EQ(text("SELECT claim_id FROM welcomes WHERE id = :id", {{"id", taken}}), others_claim);
  EXPECT_TRUE(outbox().claim_many({}, ClaimReason::Due, living_, seconds(60)).empty());
}

TEST_P(OutboxGroup, ManyLeasesAreRenewedButForThoseThatAreOursNoMore) {
  const WelcomeId bobs = issue(add_person("bob")), evas = issue(add_person("eva")),
                  anns = issue(add_person("ann"));
  const std::string bobs_claim = claim(bobs).claim_id, evas_claim = claim(evas).claim_id;
  let_pass(seconds(40));
  const std::vector<WelcomeId> kept = outbox().renew_many(
      {{bobs, bobs_claim}, {evas, "another"}, {anns, "none"}, {"no such welcome", "none"}}, seconds(60));
  EXPECT_EQ(kept, std::vector<WelcomeId>{bobs});
  let_pass(seconds(40));
  EXPECT_EQ(try_claim(bobs).outcome, ClaimResult::Outcome::InProgress);
  EXPECT_EQ(try_claim(evas).outcome, ClaimResult::Outcome::Claimed);
  EXPECT_TRUE(outbox().renew_many({}, seconds(60)).empty());
}

TEST_P(OutboxGroup, AHeldRowKeepsItsSealAndIsDueToNobody) {
  const WelcomeId id = issue(add_person("bob"));
  put_into_run(id);
  EXPECT_EQ(hold(id).outcome, RecordResult::Outcome::Queued);
  const WelcomeRow row = *outbox().get(id);
  EXPECT_EQ(row.state, WelcomeState::Queued);
  EXPECT_TRUE(row.held);
  EXPECT_EQ(row.run, "a run");
  EXPECT_FALSE(row.next_attempt_at);
  EXPECT_TRUE(has_seal(id));
  EXPECT_EQ(events().back(), "welcome-held");
  EXPECT_EQ(try_claim(id, ClaimReason::Due).outcome, ClaimResult::Outcome::NotDue);
  // The same command typed again goes on with it.
  EXPECT_FALSE(claim(id).row.held);
  EXPECT_FALSE(outbox().get(id)->held);
}

TEST_P(OutboxGroup, WhatEndsAHeldRowLeavesNothingHeld) {
  const auto held = [&](const PersonId& person) {
    const WelcomeId id = issue(person);
    put_into_run(id);
    hold(id);
    EXPECT_TRUE(outbox().get(id)->held);
    return id;
  };
  const PersonId cancelled = add_person("cancelled"), set = add_person("set"), old = add_person("old");
  const WelcomeId of_cancelled = held(cancelled), of_set = held(set), of_old = held(old);
  EXPECT_EQ(outbox().cancel(cancelled, marco_).outcome, CancelResult::Outcome::Cancelled);
  EXPECT_EQ(set_pin(set).outcome, SetPinResult::Outcome::Set);
  let_pass(hours(48));
  outbox().sweep(hours(48));
  EXPECT_EQ(state_of(of_cancelled), WelcomeState::Cancelled);
  EXPECT_EQ(state_of(of_set), WelcomeState::Superseded);
  EXPECT_EQ(state_of(of_old), WelcomeState::Failed);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE held = 1"), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE seal IS NOT NULL"), 0);
}

TEST_P(OutboxGroup, OnlyAWelcomeOfARunIsHeld) {
  const WelcomeId id = issue(add_person("bob"));
  EXPECT_THROW(hold(id), Error);
  EXPECT_EQ(state_of(id), WelcomeState::Sending);
}

TEST_P(OutboxGroup, RowsOfRunsAndTheirCopiesAreLeftToTheRun) {
  const WelcomeId id = issue(add_person("bob"), "73519", {mailbox("a@contoso.com")});
  const WelcomeId alone = issue(add_person("eva"));
  put_into_run(id);
  EXPECT_EQ(outbox().due(10), std::vector<WelcomeId>{alone});
  const std::string claim_id = outbox().claim(id, ClaimReason::Due, gone_, seconds(60)).claimed->claim_id;
  EXPECT_EQ(outbox().due(10), std::vector<WelcomeId>{alone});
  const RecordResult sent = record(id, claim_id, End::Accepted);
  ASSERT_EQ(sent.copies.size(), 1u);
  EXPECT_EQ(outbox().get(sent.copies[0])->run, "a run");
  EXPECT_EQ(outbox().due(10), std::vector<WelcomeId>{alone});
  Pause pause;
  pause.server = "mail.contoso.com";
  pause.port = 25;
  outbox().pause(pause, marco_);
  EXPECT_EQ(outbox().paused(10), std::vector<WelcomeId>{alone});
}

// ---- A group leaves in the tables what its rows, recorded one by one, leave.

class GroupAndRowByRow : public StoreTest {
 protected:
  // Random situations, the same in each store; and what is then recorded, in random order.
  std::vector<AttemptRecord> make(unsigned seed) {
    std::mt19937 generator(seed);
    const auto draw = [&](int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(generator); };
    std::vector<AttemptRecord> records;
    for (int i = 0; i < 12; ++i) {
      const PersonId person = add_person(fmt::format("person{}", i));
      const auto deliver = [&](std::vector<Mailbox> cc) {
        const WelcomeId former = issue(person, "73519", std::move(cc));
        AttemptRecord record = accepted(former, claim(former).claim_id, 2);
        return outbox().record({record}, marco_).at(0);
      };
      if (draw(3) == 0) set_pin(person);
      // One with a history, and copies that the next activation supersedes.
      if (draw(3) == 0) deliver({});
      if (draw(4) == 0) deliver({mailbox("old@contoso.com"), mailbox("older@contoso.com")});
      std::vector<Mailbox> cc;
      if (draw(3) == 0) cc = {mailbox("a@contoso.com"), mailbox("b@contoso.com")};
      const WelcomeId id = issue(person, "73519", cc, draw(2) == 0);
      AttemptRecord record = accepted(id, claim(id).claim_id, static_cast<unsigned>(draw(3)));
      if (draw(3) == 0) record.lifetime = hours(24 * (1 + draw(3)));
      if (draw(2) == 0) record.words.enhanced_code = "2.0.0";
      switch (draw(10)) {
        case 0:
          record.end = End::Deferred;
          break;
        case 1:
          record.end = End::Refused;
          break;
        case 2:
          record.end = End::Unknown;
          break;
        case 3:  // its lease was lost
          record.claim_id = "another claim";
          break;
        case 4:
          pins().lock(person, "walk", marco_);
          break;
        case 5:
          people().remove(person, marco_);
          break;
        case 6:  // reported twice
          records.push_back(record);
          break;
        default:
          break;
      }
      records.push_back(record);
    }
    std::shuffle(records.begin(), records.end(), generator);
    return records;
  }

  AttemptRecord accepted(const WelcomeId& id, const std::string& claim_id, unsigned history) {
    AttemptRecord record;
    record.id = id;
    record.claim_id = claim_id;
    record.end = End::Accepted;
    record.counts_as_attempt = true;
    record.retry_after = seconds(60);
    record.words = {250, "", "queued as\t0123"};
    record.server = "mail.contoso.com:25";
    record.sent_to = outbox().get(id)->content.to.address();
    record.verifier = &verifier_;
    record.pin = &shown_;
    record.history_count = history;
    return record;
  }

  // The row-by-row way: a second record of the same welcome, which says nothing, keeps it out of the group.
  RecordResult record_alone(const AttemptRecord& record) {
    AttemptRecord nothing;
    nothing.id = record.id;
    nothing.claim_id = "nobody's";
    return outbox().record({record, nothing}, marco_).at(0);
  }

  // Everything but what is random or a time: people are numbered, ids by their first appearance.
  std::vector<std::string> contents() {
    number_people();
    std::vector<std::string> lines;
    std::map<std::string, std::string> known;
    const auto without_ids = [&](std::string line) {
      for (std::size_t at = 0; at + 32 <= line.size(); ++at) {
        const std::string id = line.substr(at, 32);
        if (id.find_first_not_of("0123456789abcdef") == std::string::npos)
          line.replace(at, 32, known.emplace(id, fmt::format("<{}>", known.size())).first->second);
      }
      return line;
    };
    const auto add = [&](const std::string& columns, const std::string& table, const std::string& order) {
      const std::string sql =
          fmt::format("SELECT {} FROM {} LEFT JOIN walk_people ON walk_people.person = {}.person ORDER BY {}",
                      columns, table, table, order);
      const auto count = static_cast<std::size_t>(std::count(columns.begin(), columns.end(), ',')) + 1;
      for (const SqlRow& row : tables().rows(sql, count)) {
        std::string line = table;
        for (std::size_t i = 0; i < count; ++i) line += "|" + row.optional_text(i).value_or("NULL");
        lines.push_back(without_ids(std::move(line)));
      }
    };
    add("place, version, pin_version, CASE WHEN verifier IS NULL THEN 0 ELSE 1 END, expires_at - changed_at, "
        "lock_reason",
        "pins", "place");
    add("place, version, made_at - made_at", "pin_history", "place, version");
    add("place, kind, version, state, CASE WHEN seal IS NULL THEN 0 ELSE 1 END, attempts, unknowns, "
        "may_have_arrived, arrived_invalid, held, reply_code, enhanced_code, reply_text, detail, copy_to, "
        "claim_host, claim_until - claimed_at, next_attempt_at - state_since, finished_at - state_since, "
        "mail_to",
        "welcomes", "place, version, kind, copy_to, created_at");
    add("place, kind, name", "audit_names", "place, kind, name");
    add("event, place, detail", "audit", "number");
    return lines;
  }

  void number_people() {
    tables().execute("CREATE TABLE walk_people (person TEXT, place INTEGER)");
    tables().execute(
        "INSERT INTO walk_people SELECT person, CAST(ROW_NUMBER() OVER (ORDER BY number) AS INTEGER) FROM "
        "audit "
        "WHERE event = 'person-added'");
  }

  const Secret verifier_{std::string_view("$argon2id$v=19$m=8,t=1,p=1$welcome")};
  const Pin shown_ = pin("73519");
};
DIALIN_ON_BOTH_STORES(GroupAndRowByRow);

TEST_P(GroupAndRowByRow, LeaveTheSame) {
  int sent = 0;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<std::string> left[2];
    std::vector<int> outcomes[2];
    for (const bool together : {false, true}) {
      begin_again();
      const std::vector<AttemptRecord> records = make(seed);
      std::vector<RecordResult> results;
      if (together) {
        results = outbox().record(records, marco_);
      } else {
        for (const AttemptRecord& record : records) results.push_back(record_alone(record));
      }
      for (const RecordResult& result : results) {
        outcomes[together].push_back(static_cast<int>(result.outcome) * 100 +
                                     static_cast<int>(result.copies.size()));
        sent += result.outcome == RecordResult::Outcome::Sent;
      }
      left[together] = contents();
    }
    EXPECT_EQ(outcomes[0], outcomes[1]);
    EXPECT_EQ(left[0], left[1]);
  }
  EXPECT_GT(sent, 40);
}

}  // namespace
}  // namespace dialin::test
