// SPDX-License-Identifier: Apache-2.0
// Waiting rows become welcomes and are claimed in one transaction.
#include <atomic>
#include <set>
#include <thread>

#include "contract/store/run_test.h"

namespace dialin::test {
namespace {

using Outcome = RowIssue::Outcome;
using End = AttemptRecord::End;

class RunIssue : public RunTest {
 protected:
  RowIssue issue_one(const RunId& run) { return issue_waiting(run, 1).at(0); }
};
DIALIN_ON_BOTH_STORES(RunIssue);

TEST_P(RunIssue, ARowBecomesAWelcomeThatIsBeingSent) {
  const RunId run = ready_run(3);
  const std::vector<RowIssue> issued = issue_waiting(run, 2);
  ASSERT_EQ(issued.size(), 2u);
  for (const RowIssue& row : issued) {
    ASSERT_EQ(row.outcome, Outcome::Issued);
    const WelcomeRow stored = *outbox().get(row.welcome);
    const WelcomeRow& told = row.row.value();
    EXPECT_EQ(stored.state, WelcomeState::Sending);
    EXPECT_EQ(stored.run, run);
    EXPECT_EQ(stored.claim_owner, living_);
    EXPECT_EQ(stored.version, version_of(stored.person));
    EXPECT_TRUE(has_seal(row.welcome));
    EXPECT_TRUE(outbox().has_pin(row.welcome, pin_).value());
    EXPECT_EQ(stored.content.subject, "Welcome");
    EXPECT_TRUE(stored.content.to_is_from_record);
    // What was told without being read again is what stands there.
    EXPECT_EQ(told.id, stored.id);
    EXPECT_EQ(told.person, stored.person);
    EXPECT_EQ(told.run, stored.run);
    EXPECT_EQ(told.version, stored.version);
    EXPECT_EQ(told.message_id, stored.message_id);
    EXPECT_EQ(told.content.to, stored.content.to);
    EXPECT_EQ(told.content.from, stored.content.from);
    EXPECT_EQ(told.content.template_hash, stored.content.template_hash);
    EXPECT_EQ(told.way.server, stored.way.server);
    EXPECT_EQ(told.created_at, stored.created_at);
    EXPECT_EQ(told.claim_until, stored.claim_until);
    EXPECT_EQ(told.operator_name, stored.operator_name);
    EXPECT_EQ(told.may_have_arrived, stored.may_have_arrived);
  }
  const std::vector<std::string> all = events();
  EXPECT_EQ(std::count(all.begin(), all.end(), "welcome-issued"), 2);
  EXPECT_EQ(number("SELECT COUNT(*) FROM audit_names WHERE kind = 'address'"), 2);
  EXPECT_EQ(counts(run).queued, 2);
  EXPECT_EQ(counts(run).waiting, 1);

  EXPECT_TRUE(still_holds(issued[0].welcome, issued[0].claim_id));
  EXPECT_EQ(end(issued[0], End::Accepted).outcome, RecordResult::Outcome::Sent);
  EXPECT_EQ(end(issued[1], End::Refused).outcome, RecordResult::Outcome::Failed);
  const RunCounts now = counts(run);
  EXPECT_EQ(now.sent, 1);
  EXPECT_EQ(now.failed, 1);
  EXPECT_EQ(now.waiting, 1);
  const auto report = runs().report(run, 0, 10);
  EXPECT_EQ(report[0].welcome->state, WelcomeState::Sent);
  EXPECT_EQ(report[0].address, "person0@contoso.com");
  EXPECT_EQ(report[2].state, RunRowState::Waiting);
}

TEST_P(RunIssue, NoRowIsIssuedTwice) {
  const RunId run = ready_run(1);
  const std::vector<WaitingRow> waiting = runs().waiting(run, {0}, 0, 1);
  const IssueRow row = issue_row(waiting.at(0), pin_);
  EXPECT_EQ(runs().issue(run, {row}, living_, std::chrono::seconds(60), marco_).at(0).outcome,
            Outcome::Issued);
  EXPECT_EQ(runs().issue(run, {row}, living_, std::chrono::seconds(60), marco_).at(0).outcome,
            Outcome::NotWaiting);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes"), 1);
}

TEST_P(RunIssue, WhateverWasDecidedMeanwhileIsLookedAtAgain) {
  const RunId run = ready_run(4);
  std::vector<IssueRow> rows;
  for (const WaitingRow& row : runs().waiting(run, {0}, 0, 10)) rows.push_back(issue_row(row, pin_));
  set_pin(people_[0]);
  pins().lock(people_[1], "", marco_);
  people().disable(people_[2], marco_);
  const auto answers = runs().issue(run, rows, living_, std::chrono::seconds(60), marco_);
  EXPECT_EQ(answers[0].outcome, Outcome::VersionChanged);
  EXPECT_EQ(answers[1].outcome, Outcome::VersionChanged);
  EXPECT_EQ(answers[2].outcome, Outcome::NotWaiting);
  EXPECT_EQ(answers[3].outcome, Outcome::Issued);
  EXPECT_EQ(counts(run).waiting, 2);
}

TEST_P(RunIssue, WhoSharesANumberIsComparedWithTheOthersOfTheSameGroupToo) {
  const PersonId anna = add_person("anna", "+1 425 555 1297");
  people_ = {add_person("person0", "+1 425 555 1297"), add_person("person1", "+1 425 555 1297")};
  const RunId run = ready_run(2);
  auto answers = issue_waiting(run);
  EXPECT_EQ(answers[0].outcome, Outcome::Issued);
  EXPECT_EQ(answers[1].outcome, Outcome::VersionChanged);
  // Seen with what the first one has become, and then a third one decides.
  IssueRow row = issue_row(runs().waiting(run, {0}, 0, 10).at(0), pin_);
  set_pin(anna);
  EXPECT_EQ(runs().issue(run, {row}, living_, std::chrono::seconds(60), marco_).at(0).outcome,
            Outcome::VersionChanged);
  row.sharers.clear();
  EXPECT_EQ(runs().issue(run, {row}, living_, std::chrono::seconds(60), marco_).at(0).outcome,
            Outcome::VersionChanged);
  EXPECT_EQ(issue_one(run).outcome, Outcome::Issued);
}

TEST_P(RunIssue, AnUnfinishedWelcomeOfAnotherCommandIsAdopted) {
  const RunId run = ready_run(4);
  const WelcomeId queued = issue(people_[0]), other_way = issue(people_[1]), uncertain = issue(people_[2]);
  outbox().change_way(other_way, {.server = "elsewhere.contoso.com"}, marco_);
  for (int i = 0; i < 3; ++i) record(uncertain, claim(uncertain).claim_id, End::Unknown);
  const auto answers = issue_waiting(run);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answers[i].outcome, Outcome::Adopted);
    EXPECT_FALSE(answers[i].row);
  }
  EXPECT_EQ(answers[0].welcome, queued);
  EXPECT_EQ(answers[3].outcome, Outcome::Issued);
  EXPECT_EQ(outbox().get(queued)->run, run);
  EXPECT_EQ(outbox().get(uncertain)->run, run);
  // Nobody who works this run off has a session for its way.
  EXPECT_EQ(outbox().get(other_way)->run, "");
  RunCounts now = counts(run);
  EXPECT_EQ(now.queued, 3);
  EXPECT_EQ(now.uncertain, 1);
  EXPECT_EQ(runs().due(run, {0}, 10), std::vector<WelcomeId>{queued});
  record(other_way, claim(other_way).claim_id, End::Accepted);
  now = counts(run);
  EXPECT_EQ(now.sent, 1);
  EXPECT_EQ(now.queued, 2);
  // Of another run: the row stands for it, and that run sends it.
  const RunId second = ready_run(4, "second");
  EXPECT_EQ(issue_waiting(second).at(0).outcome, Outcome::Adopted);
  EXPECT_EQ(outbox().get(queued)->run, run);
  EXPECT_EQ(counts(second).queued, 3);
  EXPECT_TRUE(runs().due(second, {0}, 10).empty());
}

TEST_P(RunIssue, AWelcomeWhoseWayIsChangedLeavesTheRunsQueue) {
  const RunId run = ready_run(2);
  const auto issued = issue_waiting(run);
  for (const RowIssue& row : issued) end(row, End::Deferred);
  const WelcomeWay same = outbox().get(issued[0].welcome)->way;
  outbox().change_way(issued[0].welcome, same, marco_);
  outbox().change_way(issued[1].welcome, {.server = "elsewhere.contoso.com"}, marco_);
  EXPECT_EQ(outbox().get(issued[0].welcome)->run, run);
  EXPECT_EQ(outbox().get(issued[1].welcome)->run, "");
  EXPECT_EQ(counts(run).queued, 2);
  EXPECT_EQ(runs().report(run, 1, 1).at(0).welcome->id, issued[1].welcome);
  EXPECT_FALSE(runs().finish(run, marco_));
}

TEST_P(RunIssue, NothingIsIssuedOfAPausedOrCancelledRunOrAgainstAPause) {
  const RunId run = ready_run(3);
  std::vector<IssueRow> rows;
  for (const WaitingRow& row : runs().waiting(run, {0}, 0, 10)) rows.push_back(issue_row(row, pin_));
  const auto try_it = [&] {
    return runs().issue(run, rows, living_, std::chrono::seconds(60), marco_).at(0).outcome;
  };

  outbox().pause({.server = "mail.contoso.com", .port = 25, .sender = "Marco@contoso.com"}, marco_);
  EXPECT_EQ(try_it(), Outcome::NotWaiting);
  outbox().end_pause(outbox().pauses().at(0).id, marco_);

  RunPause pause;
  pause.words = "five alike";
  runs().pause(run, pause, marco_);
  EXPECT_EQ(try_it(), Outcome::NotWaiting);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes"), 0);
  EXPECT_EQ(counts(run).waiting, 3);
  runs().resume(run, marco_);
  pause.until = (on_postgresql() ? tables().now() : clock_.now()) + std::chrono::minutes(1);
  runs().pause(run, pause, marco_);
  EXPECT_EQ(try_it(), Outcome::NotWaiting);
  let_pass(std::chrono::minutes(2));
  EXPECT_EQ(try_it(), Outcome::Issued);

  const RunId cancelled = ready_run(3, "cancelled");
  EXPECT_EQ(runs().cancel(cancelled, marco_), 0);
  EXPECT_EQ(runs().issue(cancelled, rows, living_, std::chrono::seconds(60), marco_).at(0).outcome,
            Outcome::NotWaiting);
}

TEST_P(RunIssue, TwoProcessesOnOneRunIssueNobodyTwice) {
  constexpr int People = 120;
  const RunId run = ready_run(People);
  std::atomic<int> issued = 0, changed = 0;
  const auto work = [&](Store& store) {
    const Pin mine = pin("86204");
    std::int64_t after = 0;
    for (;;) {
      std::vector<IssueRow> rows;
      for (const WaitingRow& row : store.runs().waiting(run, {0}, after, 7)) {
        IssueRow one{.line = row.line, .person = row.person.id, .to = row.person.mail.value()};
        one.expected_version = row.record.version;
        one.pin = &mine;
        SystemRandom random;
        one.message_id = new_identifier(random);
        rows.push_back(std::move(one));
        after = row.line;
      }
      if (rows.empty()) return;
      for (const RowIssue& answer :
           store.runs().issue(run, rows, living_, std::chrono::seconds(60), marco_)) {
        if (answer.outcome == Outcome::Issued) ++issued;
        if (answer.outcome == Outcome::VersionChanged) ++changed;
      }
    }
  };
  const auto first = open(), second = open();
  std::thread other([&] { work(*second); });
  work(*first);
  other.join();
  EXPECT_EQ(issued, People);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes"), People);
  EXPECT_EQ(number("SELECT COUNT(DISTINCT person) FROM welcomes"), People);
  EXPECT_EQ(number("SELECT COUNT(*) FROM pins WHERE version <> 2"), 0);
  EXPECT_EQ(counts(run).queued, People);
}

TEST_P(RunIssue, APinThatIsSetAtTheSameTimeIsNeverOverwritten) {
  constexpr int People = 30;
  const RunId run = ready_run(People);
  const auto other = open();
  std::thread setting([&] {
    const Secret verifier{std::string_view("$argon2id$v=19$m=8,t=1,p=1$set")};
    for (const PersonId& person : people_) {
      SetPin request{.person = person, .expected_version = 1, .verifier = &verifier};
      other->pins().set_pin(request, marco_);
    }
  });
  while (!runs().waiting(run, {0}, 0, 5).empty()) {
    std::vector<SettledRow> settled;
    for (const WaitingRow& row : runs().waiting(run, {0}, 0, 5)) {
      if (row.record.version != row.staged_version)
        settled.push_back({row.line, RunRowState::NotSent, "Superseded", ""});
    }
    runs().settle(run, settled, marco_);
    for (const RowIssue& row : issue_waiting(run, 5)) {
      if (row.outcome == Outcome::Issued) end(row, End::Accepted);
    }
  }
  setting.join();
  // Whoever decided first had version 1, and the other one saw that it was no longer so.
  for (const PersonId& person : people_) {
    const bool sent = number("SELECT COUNT(*) FROM welcomes WHERE person = :person AND state = 'sent'",
                             {{"person", person}}) == 1;
    EXPECT_EQ(verifier_of(person), sent ? "welcome" : "set");
  }
  const RunCounts now = counts(run);
  EXPECT_EQ(now.sent + now.not_sent, People);
}

}  // namespace
}  // namespace dialin::test
