// SPDX-License-Identifier: Apache-2.0
// What is due, held, settled and finished of a run, and what becomes of people who leave meanwhile.
#include "contract/store/run_test.h"

namespace dialin::test {
namespace {

using End = AttemptRecord::End;
using std::chrono::minutes;
using std::chrono::seconds;

class RunCourse : public RunTest {};
DIALIN_ON_BOTH_STORES(RunCourse);

TEST_P(RunCourse, WaitingRowsGetTheirEndOnceAndLoseTheirPins) {
  people_ = {add_person("person0"), add_person("person1"), add_person("person2")};
  const RunId run = runs().begin(new_run(), living_, marco_);
  runs().add_plan(run, plan());
  runs().stage(run, {waiting_row(1, people_[0], &pin_), waiting_row(2, people_[1], &pin_),
                     waiting_row(3, people_[2], &pin_)});
  runs().make_ready(run, "", marco_);
  issue_waiting(run, 1);
  EXPECT_EQ(row_seals(), 2);
  runs().settle(run,
                {{1, RunRowState::Skipped, "PinAlreadySet", "too late"},
                 {2, RunRowState::Skipped, "PinAlreadySet", "set on Monday"},
                 {3, RunRowState::NotSent, "Superseded", "the PIN was set"}},
                marco_);
  EXPECT_EQ(row_seals(), 0);
  EXPECT_EQ(state_of_row(run, 1), RunRowState::Issued);
  EXPECT_EQ(runs().report(run, 1, 1).at(0).detail, "set on Monday");
  const RunCounts now = counts(run);
  EXPECT_EQ(now.queued, 1);
  EXPECT_EQ(now.skipped, 1);
  EXPECT_EQ(now.not_sent, 1);
  EXPECT_EQ(refusal([&] {
              runs().settle(run, {{1, RunRowState::Issued, "", ""}}, marco_);
            }),
            ErrorCode::Internal);
}

TEST_P(RunCourse, WhatIsDueIsGivenOutByWayAndTime) {
  const RunId run = ready_run(4);
  auto issued = issue_waiting(run, 2);
  EXPECT_TRUE(runs().due(run, {0}, 10).empty());
  ASSERT_TRUE(runs().next_due(run));
  end(issued[0], End::Deferred);
  end(issued[1], End::Accepted);
  EXPECT_TRUE(runs().due(run, {0}, 10).empty());
  EXPECT_EQ(*runs().next_due(run), *outbox().get(issued[0].welcome)->next_attempt_at);
  let_pass(minutes(2));
  EXPECT_EQ(runs().due(run, {0}, 10), std::vector<WelcomeId>{issued[0].welcome});
  EXPECT_TRUE(runs().due(run, {}, 10).empty());
  EXPECT_FALSE(runs().next_due(run));
  EXPECT_TRUE(outbox().due(10).empty());  // those of runs are given out here

  // Of a process that is gone, and of a lease that ran out.
  const auto orphan = issue_waiting(run, 1, gone_);
  const auto slow = issue_waiting(run, 1);
  EXPECT_EQ(runs().due(run, {0}, 10).size(), 2u);
  let_pass(seconds(61));
  EXPECT_EQ(runs().due(run, {0}, 10).size(), 3u);
  EXPECT_EQ(runs().due(run, {0}, 1).size(), 1u);
  EXPECT_EQ(runs().due(run, {0}, 10).at(0), issued[0].welcome);

  outbox().pause({.server = "mail.contoso.com", .port = 25}, marco_);
  EXPECT_TRUE(runs().due(run, {0}, 10).empty());
}

TEST_P(RunCourse, CopiesAreDueAndCountedAndKeepTheRunOpen) {
  const PersonId bob = add_person("bob");
  const RunId run = runs().begin(new_run(), living_, marco_);
  RunPlan with_copy = plan();
  with_copy.content.bcc = {mailbox("audit@contoso.com")};
  runs().add_plan(run, with_copy);
  runs().stage(run, {waiting_row(1, bob)});
  runs().make_ready(run, "", marco_);
  const RecordResult sent = end(issue_waiting(run).at(0), End::Accepted);
  ASSERT_EQ(sent.copies.size(), 1u);
  EXPECT_EQ(outbox().get(sent.copies[0])->run, run);
  EXPECT_EQ(counts(run).sent, 1);
  EXPECT_FALSE(counts(run).open());
  EXPECT_EQ(runs().due(run, {0}, 10), sent.copies);
  EXPECT_FALSE(runs().finish(run, marco_));
  record(sent.copies[0], claim(sent.copies[0]).claim_id, End::Refused);
  EXPECT_EQ(counts(run).copies_failed, 1);
  EXPECT_EQ(runs().report(run, 0, 1).at(0).copy_failures,
            std::vector<std::string>{"audit@contoso.com: 450 words of the server"});
  EXPECT_TRUE(runs().finish(run, marco_));
}

TEST_P(RunCourse, HeldRowsFailTogetherOrAreDueAgain) {
  const RunId run = ready_run(4);
  const auto issued = issue_waiting(run);
  record(issued[3].welcome, issued[3].claim_id, End::Unknown);
  const std::string again = claim(issued[3].welcome).claim_id;
  for (int i = 0; i < 3; ++i) end(issued[i], End::Held);
  record(issued[3].welcome, again, End::Held);
  RunCounts now = counts(run);
  EXPECT_EQ(now.held, 4);
  EXPECT_EQ(now.queued, 4);
  let_pass(std::chrono::hours(1));
  EXPECT_TRUE(runs().due(run, {0}, 10).empty());
  EXPECT_FALSE(runs().finish(run, marco_));
  EXPECT_EQ(runs().release_held(run), 4u);
  EXPECT_EQ(counts(run).held, 0);
  EXPECT_EQ(runs().due(run, {0}, 10).size(), 4u);

  for (const RowIssue& row : issued) record(row.welcome, claim(row.welcome).claim_id, End::Held);
  EXPECT_TRUE(runs().fail_held(run, "somebody.else@contoso.com", marco_).empty());
  EXPECT_EQ(runs().fail_held(run, "MARCO@contoso.com", marco_).size(), 4u);
  now = counts(run);
  EXPECT_EQ(now.failed, 3);
  EXPECT_EQ(now.uncertain, 1);  // an earlier attempt may have arrived
  EXPECT_FALSE(has_seal(issued[0].welcome));
  EXPECT_TRUE(has_seal(issued[3].welcome));
  EXPECT_TRUE(runs().fail_held(run, std::nullopt, marco_).empty());
  EXPECT_TRUE(runs().finish(run, marco_));
  EXPECT_EQ(last_event(), "run-finished");
}

TEST_P(RunCourse, ARunIsFinishedWhenEveryRowHasItsEnd) {
  const RunId run = ready_run(2);
  EXPECT_FALSE(runs().finish(run, marco_));
  const auto issued = issue_waiting(run);
  EXPECT_FALSE(runs().finish(run, marco_));
  end(issued[0], End::Accepted);
  end(issued[1], End::Deferred);
  EXPECT_FALSE(runs().finish(run, marco_));
  let_pass(minutes(2));
  record(issued[1].welcome, claim(issued[1].welcome).claim_id, End::Refused);
  EXPECT_TRUE(runs().finish(run, marco_));
  EXPECT_TRUE(runs().finish(run, marco_));
  EXPECT_EQ(runs().get(run)->state, RunState::Finished);
  EXPECT_TRUE(runs().get(run)->finished_at);
  EXPECT_TRUE(runs().ready().empty());
  EXPECT_EQ(runs().latest_of_input(new_run().input_hash)->id, run);
  EXPECT_EQ(store().status().runs.at(2), (std::pair{RunState::Finished, std::int64_t{1}}));
}

TEST_P(RunCourse, WhoIsDisabledWaitsNoMoreAndWhoIsRemovedLeavesNothingPersonal) {
  people_ = {add_person("person0"), add_person("person1"), add_person("person2"), add_person("person3")};
  const RunId run = runs().begin(new_run(), living_, marco_);
  runs().add_plan(run, plan());
  std::vector<StagedRow> rows;
  for (int i = 0; i < 4; ++i) {
    rows.push_back(waiting_row(i + 1, people_[static_cast<std::size_t>(i)], &pin_));
    rows.back().to = mailbox(fmt::format("private{}@home.example", i));
  }
  runs().stage(run, rows);
  runs().make_ready(run, "", marco_);
  const auto issued = issue_waiting(run, 2);
  EXPECT_EQ(row_seals(), 2);
  people().disable(people_[3], marco_);
  EXPECT_EQ(row_seals(), 1);
  EXPECT_EQ(state_of_row(run, 4), RunRowState::NotSent);
  EXPECT_EQ(runs().report(run, 3, 1).at(0).detail, "the person was disabled");

  end(issued[0], End::Accepted);
  people().remove(people_[0], marco_);  // sent
  people().remove(people_[1], marco_);  // being sent
  people().remove(people_[2], marco_);  // waits
  EXPECT_EQ(row_seals(), 0);
  RunCounts now = counts(run);
  EXPECT_EQ(now.sent, 1);
  EXPECT_EQ(now.queued, 1);
  EXPECT_EQ(now.not_sent, 2);
  end(issued[1], End::Accepted);
  now = counts(run);
  EXPECT_EQ(now.not_sent, 3);
  EXPECT_TRUE(runs().finish(run, marco_));
  for (const std::string& table : {std::string("run_rows"), std::string("welcomes")}) {
    const std::string column = table == "welcomes" ? "mail_to" : "identity || COALESCE(mail_to, '')";
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(
          number(fmt::format("SELECT COUNT(*) FROM {} WHERE {} LIKE '%person{}%' OR {} LIKE '%private{}%'",
                             table, column, i, column, i)),
          0);
  }
  EXPECT_EQ(runs().report(run, 0, 10).size(), 4u);
}

TEST_P(RunCourse, ARowWhosePinWasRefusedCouldNotBeTaken) {
  const RunId run = ready_run(2);
  runs().settle(run, {{1, RunRowState::Invalid, "PinNotUnique", "somebody else has it"}}, marco_);
  const RunCounts now = counts(run);
  EXPECT_EQ(now.invalid, 1);
  EXPECT_EQ(now.waiting, 1);
  // Its person stands in the run still; staged again, it is not in its own way.
  StagedRow again = waiting_row(1, people_[0]);
  const std::vector<RunStore::Duplicate> none = runs().restage(run, {again}, marco_);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(state_of_row(run, 1), RunRowState::Waiting);
  EXPECT_EQ(counts(run).waiting, 2);
}

// Removed after the row was made and before it was staged: nobody would ever end it.
TEST_P(RunCourse, WhoIsRemovedWhileTheirRowIsStagedWaitsForNothing) {
  people_ = {add_person("person0"), add_person("person1")};
  const RunId run = runs().begin(new_run(), living_, marco_);
  runs().add_plan(run, plan());
  std::vector<StagedRow> rows = {waiting_row(1, people_[0], &pin_), waiting_row(2, people_[1], &pin_)};
  rows[0].to = mailbox("private@home.example");
  people().remove(people_[0], marco_);
  runs().stage(run, rows);
  runs().make_ready(run, "", marco_);
  EXPECT_EQ(state_of_row(run, 1), RunRowState::NotSent);
  EXPECT_EQ(row_seals(), 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM run_rows WHERE identity LIKE '%person0%' OR mail_to IS NOT NULL"),
            0);
  EXPECT_EQ(counts(run).waiting, 1);
  end(issue_waiting(run).at(0), End::Accepted);
  EXPECT_TRUE(runs().finish(run, marco_));
}

TEST_P(RunCourse, WhatIsLeftIsKnownForEachPlan) {
  people_ = {add_person("person0"), add_person("person1")};
  const RunId run = runs().begin(new_run(), living_, marco_);
  runs().add_plan(run, plan());
  runs().add_plan(run, plan("mail.contoso.com", "other@contoso.com"));
  std::vector<StagedRow> rows = {waiting_row(1, people_[0]), waiting_row(2, people_[1])};
  rows[1].plan = 1;
  runs().stage(run, rows);
  runs().make_ready(run, "", marco_);
  EXPECT_TRUE(runs().anything_left(run, {0}));
  EXPECT_FALSE(runs().anything_left(run, {}));
  const RowIssue issued = issue_waiting(run).at(0);
  EXPECT_TRUE(runs().anything_left(run, {0})) << "being sent";
  end(issued, End::Deferred);
  EXPECT_TRUE(runs().anything_left(run, {0})) << "queued";
  let_pass(minutes(2));
  record(issued.welcome, claim(issued.welcome).claim_id, End::Refused);
  EXPECT_FALSE(runs().anything_left(run, {0}));
  EXPECT_TRUE(runs().anything_left(run, {1}));
}

TEST_P(RunCourse, AStatementThatFailsTakesTheWholeGroupBack) {
  const RunId run = ready_run(2);
  tables().execute(on_postgresql()
                       ? "ALTER TABLE runs ADD CONSTRAINT none_issued CHECK (issued_rows = 0)"
                       : "CREATE TRIGGER full BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'full'); END");
  EXPECT_ANY_THROW(issue_waiting(run));
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes"), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM pins WHERE version <> 1"), 0);
  EXPECT_EQ(counts(run).waiting, 2);
  tables().execute(on_postgresql() ? "ALTER TABLE runs DROP CONSTRAINT none_issued" : "DROP TRIGGER full");
  EXPECT_EQ(issue_waiting(run).at(0).outcome, RowIssue::Outcome::Issued);
}

}  // namespace
}  // namespace dialin::test
