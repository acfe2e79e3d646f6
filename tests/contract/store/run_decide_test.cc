// SPDX-License-Identifier: Apache-2.0
// Pause, resume, retry, cancel.
#include "contract/store/run_test.h"

namespace dialin::test {
namespace {

using End = AttemptRecord::End;
using std::chrono::minutes;
using std::chrono::seconds;

class RunDecisions : public RunTest {};
DIALIN_ON_BOTH_STORES(RunDecisions);

TEST_P(RunDecisions, APauseStaysAsItIsUntilSomebodyOrTimeEndsIt) {
  const RunId run = ready_run(2);
  RunPause pause;
  pause.reason = RunPause::Reason::Quota;
  pause.words = "452 4.5.3 \x1b[31mtoo many";
  EXPECT_TRUE(runs().pause(run, pause, marco_));
  pause.reason = RunPause::Reason::Sender;
  EXPECT_FALSE(runs().pause(run, pause, marco_));
  const RunPause stands = runs().get(run)->pause.value();
  EXPECT_EQ(stands.reason, RunPause::Reason::Quota);
  EXPECT_EQ(stands.words.find('\x1b'), std::string::npos);
  EXPECT_TRUE(runs().ready().empty());
  EXPECT_EQ(last_event(), "run-paused");
  EXPECT_EQ(store().status().runs_paused, 1);

  EXPECT_TRUE(runs().resume(run, marco_));
  EXPECT_EQ(last_event(), "run-resumed");
  EXPECT_FALSE(runs().resume(run, marco_));
  EXPECT_EQ(runs().ready().size(), 1u);

  pause.until = tables().now() + minutes(1);
  EXPECT_TRUE(runs().pause(run, pause, marco_));
  EXPECT_TRUE(runs().ready().empty());
  let_pass(minutes(2));
  EXPECT_EQ(runs().ready().size(), 1u);
  EXPECT_TRUE(runs().pause(run, pause, marco_));  // of a pause that is over another one may be made
}

TEST_P(RunDecisions, ResumeMakesHeldAndDeferredRowsDue) {
  const RunId run = ready_run(3);
  const auto issued = issue_waiting(run);
  end(issued[0], End::Held);
  end(issued[1], End::Deferred);
  runs().pause(run, {}, marco_);
  EXPECT_TRUE(runs().due(run, {0}, 10).empty());
  EXPECT_TRUE(runs().resume(run, marco_));
  EXPECT_EQ(runs().due(run, {0}, 10).size(), 2u);
  EXPECT_EQ(counts(run).held, 0);
}

TEST_P(RunDecisions, ANewWayIsThatOfPlansAndOfWhatIsNotFinished) {
  const RunId run = ready_run(4);
  const auto issued = issue_waiting(run, 3);
  end(issued[0], End::Accepted);
  end(issued[1], End::Deferred);
  const WelcomeWay before = plan().way;
  WelcomeWay now = before;
  now.server = "other.contoso.com";
  now.user = "admin";
  // The third is being sent under a live lease.
  EXPECT_TRUE(runs().worked_on(run));
  EXPECT_FALSE(runs().change_way(run, before, now, marco_));
  EXPECT_EQ(runs().ways(run).at(0).server, before.server);
  end(issued[2], End::Deferred);
  EXPECT_FALSE(runs().worked_on(run));
  EXPECT_TRUE(runs().change_way(run, before, now, marco_));
  EXPECT_EQ(last_event(), "run-way-changed");
  EXPECT_EQ(runs().ways(run).at(0).server, "other.contoso.com");
  EXPECT_EQ(runs().plans(run).at(0).way.server, "other.contoso.com");
  EXPECT_EQ(outbox().get(issued[0].welcome)->way.server, before.server);
  EXPECT_EQ(outbox().get(issued[1].welcome)->way.server, "other.contoso.com");
  runs().resume(run, marco_);
  EXPECT_EQ(runs().due(run, {0}, 10).size(), 2u);
  const auto later = issue_waiting(run);
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].row->way.user, "admin");
}

TEST_P(RunDecisions, ANewWayProtectsNoLessThanTheFormer) {
  const RunId run = ready_run(1);
  WelcomeWay secured = plan().way;
  secured.tls = WelcomeWay::Tls::Required;
  ASSERT_TRUE(runs().change_way(run, plan().way, secured, marco_));
  ASSERT_TRUE(runs().change_way(run, secured, plan().way, marco_));
  EXPECT_EQ(runs().ways(run).at(0).tls, WelcomeWay::Tls::Required);
}

TEST_P(RunDecisions, ANewSenderIsThatOfPlansAndOfWhatCannotHaveArrived) {
  const RunId run = ready_run(3);
  const auto issued = issue_waiting(run, 2);
  const Mailbox before = mailbox("Marco <marco@contoso.com>"), now = mailbox("Desk <desk@contoso.com>");
  EXPECT_FALSE(runs().change_sender(run, before, now, marco_)) << "being sent";
  end(issued[0], End::Deferred);
  end(issued[1], End::Unknown);
  EXPECT_TRUE(runs().change_sender(run, before, now, marco_));
  EXPECT_EQ(last_event(), "run-sender-changed");
  EXPECT_EQ(runs().plans(run).at(0).content.from.address(), now.address());
  EXPECT_EQ(runs().plans(run).at(0).content.from.display_name(), "Desk");
  EXPECT_EQ(outbox().get(issued[0].welcome)->content.from.address(), "desk@contoso.com");
  EXPECT_EQ(outbox().get(issued[1].welcome)->content.from.address(), "marco@contoso.com")
      << "the mail that may have arrived is repeated as it was";
  EXPECT_EQ(issue_waiting(run).at(0).row->content.from.address(), "desk@contoso.com");
}

TEST_P(RunDecisions, PlansAreKnownBySite) {
  people_ = {add_person("person0"), add_person("person1"), add_person("person2")};
  tables().execute("UPDATE people SET site = 'Paris' WHERE id = :id", {{"id", people_[1]}});
  const RunId run = runs().begin(new_run(), living_, marco_);
  runs().add_plan(run, plan());
  runs().add_plan(run, plan("mail.contoso.com", "paris@contoso.com"));
  std::vector<StagedRow> rows = {waiting_row(1, people_[0]), waiting_row(2, people_[1]), invalid_row(3)};
  rows[1].plan = 1;
  runs().stage(run, rows);
  EXPECT_EQ(runs().plans_of_sites(run), (std::map<std::string, std::set<int>>{{"", {0}}, {"paris", {1}}}));
}

TEST_P(RunDecisions, RetryTakesWhatFailedWithANewPinAndWhatIsUncertainWithTheSame) {
  const RunId run = runs().begin(new_run(), living_, marco_);
  for (int i = 0; i < 4; ++i) people_.push_back(add_person(fmt::format("person{}", i)));
  runs().add_plan(run, plan());
  runs().stage(run,
               {waiting_row(1, people_[0], &pin_), waiting_row(2, people_[1]), waiting_row(3, people_[2]),
                waiting_row(4, people_[3]), invalid_row(5, "erna@contoso.com")});
  runs().make_ready(run, "", marco_);
  const auto issued = issue_waiting(run);
  end(issued[0], End::Refused);
  for (int i = 0; i < 3; ++i)
    record(issued[1].welcome, i == 0 ? issued[1].claim_id : claim(issued[1].welcome).claim_id, End::Unknown);
  end(issued[2], End::Accepted);
  end(issued[3], End::Refused);
  people().remove(people_[3], marco_);
  EXPECT_TRUE(runs().finish(run, marco_));

  RunStore::Retry retry = runs().retry(run, marco_);
  EXPECT_EQ(retry.failed, 1);
  EXPECT_EQ(retry.uncertain, 1);
  ASSERT_EQ(retry.invalid.size(), 1u);
  EXPECT_EQ(retry.invalid[0].identity, "erna@contoso.com");
  EXPECT_EQ(last_event(), "run-retried");
  EXPECT_EQ(runs().get(run)->state, RunState::Ready);
  RunCounts now = counts(run);
  EXPECT_EQ(now.waiting, 1);
  EXPECT_EQ(now.queued, 1);
  EXPECT_EQ(now.sent, 1);
  EXPECT_EQ(now.failed, 1);  // the removed person's
  EXPECT_EQ(row_seals(), 0);

  const WelcomeRow queued = *outbox().get(issued[1].welcome);
  EXPECT_EQ(queued.state, WelcomeState::Queued);
  EXPECT_TRUE(queued.may_have_arrived);
  EXPECT_EQ(queued.message_id, issued[1].row->message_id);
  EXPECT_EQ(runs().due(run, {0}, 10), std::vector<WelcomeId>{issued[1].welcome});
  EXPECT_TRUE(has_seal(issued[1].welcome));

  const std::vector<WaitingRow> all = runs().waiting(run, {0}, 0, 10);
  const WaitingRow& waits = all.at(0);
  EXPECT_EQ(waits.line, 1);
  EXPECT_EQ(waits.staged_version, waits.record.version);
  const RowIssue again = issue_waiting(run).at(0);
  EXPECT_EQ(again.outcome, RowIssue::Outcome::Issued);
  EXPECT_NE(again.welcome, issued[0].welcome);
  // The first one's mail turns out to have arrived after all: the newer decision stands.
  EXPECT_EQ(end(issued[0], End::Accepted).outcome, RecordResult::Outcome::ArrivedInvalid);
  EXPECT_EQ(end(again, End::Accepted).outcome, RecordResult::Outcome::Sent);
  EXPECT_EQ(counts(run).sent, 2);

  // An invalid row that has become a person.
  const PersonId erna = add_person("erna");
  EXPECT_TRUE(runs().restage(run, {waiting_row(5, erna), invalid_row(1)}, marco_).empty());
  EXPECT_EQ(state_of_row(run, 1), RunRowState::Issued);
  EXPECT_EQ(counts(run).waiting, 1);
  EXPECT_EQ(issue_waiting(run).at(0).outcome, RowIssue::Outcome::Issued);
}

TEST_P(RunDecisions, RestageNamesWhoStandsInTheRunAlready) {
  const PersonId bob = add_person("bob");
  const RunId run = runs().begin(new_run(), living_, marco_);
  runs().add_plan(run, plan());
  runs().stage(run, {waiting_row(1, bob), invalid_row(2)});
  EXPECT_EQ(refusal([&] { runs().restage(run, {}, marco_); }), ErrorCode::Precondition);
  runs().make_ready(run, "", marco_);
  const auto duplicates = runs().restage(run, {waiting_row(2, bob)}, marco_);
  ASSERT_EQ(duplicates.size(), 1u);
  EXPECT_EQ(duplicates[0].earlier_line, 1);
  EXPECT_EQ(counts(run).invalid, 1);
}

TEST_P(RunDecisions, CancelLeavesAloneWhatIsBeingSentAndEndsTheRest) {
  for (int i = 0; i < 6; ++i) people_.push_back(add_person(fmt::format("person{}", i)));
  const RunId run = runs().begin(new_run(), living_, marco_);
  RunPlan with_copy = plan();
  with_copy.content.bcc = {mailbox("audit@contoso.com")};
  runs().add_plan(run, with_copy);
  std::vector<StagedRow> rows;
  for (int i = 0; i < 6; ++i) rows.push_back(waiting_row(i + 1, people_[static_cast<std::size_t>(i)], &pin_));
  runs().stage(run, rows);
  runs().make_ready(run, "", marco_);
  const auto issued = issue_waiting(run, 4);
  const auto orphan = issue_waiting(run, 1, gone_);
  end(issued[0], End::Deferred);
  for (int i = 0; i < 3; ++i)
    record(issued[1].welcome, i == 0 ? issued[1].claim_id : claim(issued[1].welcome).claim_id, End::Unknown);
  const WelcomeId copy = end(issued[2], End::Accepted).copies.at(0);

  EXPECT_EQ(runs().cancel(run, marco_), 1);
  EXPECT_EQ(last_event(), "run-cancelled");
  EXPECT_EQ(row_seals(), 0);
  for (const WelcomeId& id : {issued[0].welcome, issued[1].welcome, orphan[0].welcome, copy}) {
    EXPECT_EQ(state_of(id), WelcomeState::Cancelled);
    EXPECT_FALSE(has_seal(id));
  }
  EXPECT_FALSE(outbox().get(issued[0].welcome)->may_have_arrived);
  EXPECT_NE(outbox().get(issued[1].welcome)->detail.find("may have arrived"), std::string::npos);
  EXPECT_TRUE(outbox().get(orphan[0].welcome)->may_have_arrived);
  EXPECT_EQ(state_of(issued[3].welcome), WelcomeState::Sending);
  RunCounts now = counts(run);
  EXPECT_EQ(now.sent, 1);
  EXPECT_EQ(now.queued, 1);
  EXPECT_EQ(now.not_sent, 4);
  EXPECT_TRUE(runs().waiting(run, {0}, 0, 10).empty());
  EXPECT_FALSE(runs().finish(run, marco_));
  EXPECT_EQ(runs().get(run)->state, RunState::Cancelled);
  const auto all = events();
  EXPECT_EQ(std::count(all.begin(), all.end(), "welcome-cancelled"), 3);
  EXPECT_EQ(std::count(all.begin(), all.end(), "copy-cancelled"), 1);

  // Its outcome counts; what was deferred is cancelled by cancelling again.
  end(issued[3], End::Deferred);
  EXPECT_EQ(runs().cancel(run, marco_), 0);
  EXPECT_EQ(state_of(issued[3].welcome), WelcomeState::Cancelled);
  for (const auto& call : std::vector<std::function<void()>>{[&] { runs().resume(run, marco_); },
                                                             [&] { runs().pause(run, {}, marco_); },
                                                             [&] { runs().retry(run, marco_); }})
    EXPECT_EQ(refusal(call), ErrorCode::Precondition);
}

TEST_P(RunDecisions, AFinishedRunCannotBeCancelled) {
  const RunId run = ready_run(1);
  end(issue_waiting(run).at(0), End::Refused);
  EXPECT_TRUE(runs().finish(run, marco_));
  EXPECT_EQ(refusal([&] { runs().cancel(run, marco_); }), ErrorCode::Precondition);
  EXPECT_EQ(counts(run).failed, 1);
}

TEST_P(RunDecisions, EveryChangeIsReachedAtItsCheckpoints) {
  struct Told final : Checkpoints {
    void reach(std::string_view name) override { names.emplace_back(name); }
    std::vector<std::string> names;
  };
  const PersonId bob = add_person("bob");
  Told told;
  const auto watched = open_store(location_, OpenMode::MustExist, clock_, random_, told, nullptr);
  RunStore& runs = watched->runs();
  const RunId run = runs.begin(new_run(), living_, marco_);
  runs.add_plan(run, plan());
  runs.stage(run, {waiting_row(1, bob)});
  runs.make_ready(run, "", marco_);
  runs.change_way(run, plan().way, plan().way, marco_);
  runs.pause(run, {}, marco_);
  runs.resume(run, marco_);
  runs.issue(run, {issue_row(runs.waiting(run, {0}, 0, 1).at(0), pin_)}, living_, seconds(60), marco_);
  runs.settle(run, {{1, RunRowState::Skipped, "", ""}}, marco_);
  runs.retry(run, marco_);
  runs.finish(run, marco_);
  runs.cancel(run, marco_);
  runs.discard(runs.begin(new_run("another"), living_, marco_));
  for (const char* name : {"stage", "ready", "discard", "run-issue", "settle", "run-pause", "run-resume",
                           "run-retry", "run-cancel", "run-finish", "run-way"}) {
    EXPECT_EQ(std::count(told.names.begin(), told.names.end(), std::string("before-commit-") + name) > 0,
              true)
        << name;
    EXPECT_EQ(std::count(told.names.begin(), told.names.end(), std::string("after-commit-") + name) > 0, true)
        << name;
  }
}

}  // namespace
}  // namespace dialin::test
