// SPDX-License-Identifier: Apache-2.0
// Runs against servers that are away, or against whom nothing helps but a person: nobody fails for it.
#include <gmock/gmock.h>

#include "contract/run/run_engine_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class ServerAway : public RunEngineTest {
 protected:
  // Accepts `count`, then answers `then` to all that follow.
  void accept_then(int count, const ServerAnswer& then) {
    server_.always(
        [this, count, then](const OutgoingMessage&) { return ++asked_ <= count ? accepted() : then; });
  }
  void use_account(PlannedWelcome& planned) {
    planned.plan.way.user = "user";
    planned.plan.way.password_source = "file:/etc/dialin/smtp-password";
  }
  std::atomic<int> asked_ = 0;
};
DIALIN_ON_BOTH_STORES(ServerAway);

TEST_P(ServerAway, EverybodyIsWelcomedOnceWhenNothingIsWrong) {
  add_people(70);
  const RunId run = staged();
  Worker worker(*this);
  const RunOutcome outcome = worker.work(run);
  EXPECT_EQ(outcome.end, RunEnd::Finished);
  EXPECT_TRUE(outcome.changed);
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.record.state, RunState::Finished);
  EXPECT_EQ(outcome.counts, RunCounts{.sent = 70});
  EXPECT_THAT(results(run), ElementsAre(Pair("Sent", 70)));
  EXPECT_EQ(report_of(run, 7).pin_result, "Set");
  EXPECT_THAT(twice(), IsEmpty());
  EXPECT_EQ(server_.arrived.size(), 70U);
  EXPECT_EQ(server_.arrived.front().recipient, "person00@contoso.com");
  expect_pins_as_mailed();
  ASSERT_FALSE(worker.seen.empty());
  EXPECT_EQ(worker.seen.back().counts.sent, 70);
}

TEST_P(ServerAway, GoesAwayInMidRunAndComesBack) {
  add_people(30);
  const RunId run = staged();
  server_may_be_away();
  server_.always([this](const OutgoingMessage&) {
    if (++asked_ != 11) return accepted();
    away_ = true;
    return connection_lost();
  });
  Worker worker(*this);
  int waits = 0;
  std::vector<std::string> notices;
  worker.waiting = [&] {
    if (++waits == 20) away_ = false;
  };
  worker.watched = [&](const RunProgress& progress) {
    if (!progress.notice.empty()) notices.push_back(progress.notice);
  };
  const RunOutcome outcome = worker.work(run);
  EXPECT_EQ(outcome.end, RunEnd::Finished);
  EXPECT_EQ(outcome.counts, RunCounts{.sent = 30});
  EXPECT_THAT(twice(), IsEmpty());
  expect_pins_as_mailed();
  EXPECT_GE(server_.sessions.size(), 3U);
  EXPECT_LE(server_.sessions.size(), 6U) << "they back off";
  ASSERT_FALSE(notices.empty());
  EXPECT_THAT(notices.front(),
              AllOf(HasSubstr("the connection was lost"), HasSubstr("trying again in 10 s")));
  EXPECT_EQ(report_of(run, 29).mail_result, "Sent");
  for (int i = 0; i < 30; ++i) EXPECT_EQ(latest(one(i)).attempts, latest(one(0)).attempts) << i;
}

TEST_P(ServerAway, StaysAwayTooLongAndTheRunIsPaused) {
  settings_.give_up_after = minutes(10);
  add_people(5);
  const RunId run = staged();
  server_may_be_away();
  accept_then(2, connection_lost());
  server_.answering = [this](const OutgoingMessage&) {
    if (asked_ == 3) away_ = true;
  };
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Paused);
  ASSERT_TRUE(outcome.record.pause);
  EXPECT_EQ(outcome.record.pause->reason, RunPause::Reason::ServerAway);
  EXPECT_FALSE(outcome.record.pause->until);
  EXPECT_THAT(outcome.record.pause->words, HasSubstr("connection refused"));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code(), ErrorCode::TryAgain);
  EXPECT_THAT(outcome.error->next(), HasSubstr("dialin run resume run-1"));
  EXPECT_EQ(outcome.counts.sent, 2);
  EXPECT_EQ(outcome.counts.waiting + outcome.counts.queued, 3);
  EXPECT_EQ(outcome.counts.failed, 0);
  EXPECT_THAT(results(run), ElementsAre(Pair("Queued", 3), Pair("Sent", 2)));

  const std::size_t sessions = server_.sessions.size();
  EXPECT_EQ(work(run).end, RunEnd::Paused) << "without trying";
  EXPECT_EQ(server_.sessions.size(), sessions);

  away_ = false;
  server_.forget_script();
  resume(run);
  EXPECT_EQ(work(run).end, RunEnd::Finished);
  EXPECT_THAT(results(run), ElementsAre(Pair("Sent", 5)));
  EXPECT_THAT(twice(), IsEmpty());
  expect_pins_as_mailed();
}

TEST_P(ServerAway, OnePassDoesNotWaitForIt) {
  add_people(4);
  const RunId run = staged();
  server_may_be_away();
  away_ = true;
  const RunOutcome outcome = work(run, RunPatience::OnePass);
  EXPECT_EQ(outcome.end, RunEnd::Waiting);
  EXPECT_FALSE(outcome.changed);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code(), ErrorCode::TryAgain);
  EXPECT_THAT(outcome.error->what(), HasSubstr("connection refused"));
  EXPECT_EQ(outcome.counts, RunCounts{.waiting = 4}) << "nobody has got a PIN";
  EXPECT_EQ(server_.sessions.size(), 1U);
}

TEST_P(ServerAway, APasswordThatIsRefusedIsTriedOnceAndPauses) {
  planned_ = [this](PlannedWelcome& planned, const Person&) { use_account(planned); };
  add_people(60);
  const RunId run = staged();
  Delivery refused = no_session(SessionProblem::PasswordRefused, 535, "5.7.8 authentication failed");
  refused.during = "AUTH";
  server_.connecting = [this, refused] {
    if (server_.sessions.size() >= 2) server_.refuse_session(refused);
  };
  accept_then(50, connection_lost());
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Paused);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code(), ErrorCode::Unauthenticated);
  EXPECT_EQ(exit_code(outcome.error->code()), 77);
  EXPECT_THAT(outcome.error->what(), HasSubstr("authentication failed"));
  EXPECT_EQ(server_.sessions.size(), 2U) << "tried once";
  EXPECT_EQ(outcome.counts.sent, 50);
  EXPECT_EQ(outcome.counts.failed, 0);
  EXPECT_EQ(outcome.counts.waiting + outcome.counts.queued, 10);

  const RunOutcome again = work(run, RunPatience::OnePass);
  EXPECT_EQ(again.end, RunEnd::Paused);
  ASSERT_TRUE(again.error);
  EXPECT_EQ(again.error->code(), ErrorCode::Unauthenticated);
  EXPECT_EQ(server_.sessions.size(), 2U) << "not with the same password";

  password_ = "another horse";
  server_.forget_script();
  EXPECT_EQ(work(run).end, RunEnd::Finished) << "another password ends the pause";
  EXPECT_THAT(results(run), ElementsAre(Pair("Sent", 60)));
  EXPECT_THAT(twice(), IsEmpty());
  expect_pins_as_mailed();
}

TEST_P(ServerAway, ASenderThatIsRefusedPausesAndAnotherOneGoesOn) {
  planned_ = [](PlannedWelcome& planned, const Person& person) {
    const bool odd = (person.sip_address.address().at(7) - '0') % 2 == 1;
    if (odd) planned.plan.content.from = mailbox("other@contoso.com");
  };
  add_people(80);
  const RunId run = staged();
  std::atomic<int> of_marco = 0;
  server_.always([&](const OutgoingMessage& message) {
    if (message.envelope_sender == "marco@contoso.com" && ++of_marco > 20) return refused_sender();
    return accepted();
  });
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Paused);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code(), ErrorCode::TryAgain);
  EXPECT_THAT(outcome.error->what(), AllOf(HasSubstr("marco@contoso.com"), HasSubstr("not owned by user")));
  EXPECT_EQ(outcome.counts.sent, 60) << "20 of marco, and all 40 of the other one";
  EXPECT_EQ(outcome.counts.failed, 0);
  EXPECT_EQ(outcome.counts.waiting + outcome.counts.queued, 20);
  server_.forget_script();
  resume(run);
  EXPECT_EQ(work(run).end, RunEnd::Finished);
  EXPECT_THAT(results(run), ElementsAre(Pair("Sent", 80)));
  EXPECT_THAT(twice(), IsEmpty());
  expect_pins_as_mailed();
}

TEST_P(ServerAway, AQuotaPausesForAWhile) {
  add_people(12);
  const RunId run = staged();
  ServerAnswer quota = deferred_sender("5.4.5 daily sending limit exceeded");
  quota.delivery.problem = SessionProblem::QuotaUsedUp;
  accept_then(6, quota);
  const RunOutcome outcome = work(run, RunPatience::OnePass);
  EXPECT_EQ(outcome.end, RunEnd::Paused);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code(), ErrorCode::TryAgain);
  EXPECT_THAT(outcome.error->what(), HasSubstr("daily sending limit exceeded"));
  ASSERT_EQ(outbox().pauses().size(), 1U);
  EXPECT_TRUE(outbox().pauses().front().until);
  EXPECT_EQ(outcome.counts.sent, 6);
  EXPECT_EQ(outcome.counts.failed, 0);
  EXPECT_EQ(server_.sessions.size(), 1U);
  EXPECT_EQ(work(run, RunPatience::OnePass).end, RunEnd::Paused);
  EXPECT_EQ(server_.sessions.size(), 1U);

  let_pass(hours(1) + minutes(1));
  server_.forget_script();
  EXPECT_EQ(work(run).end, RunEnd::Finished) << "it is over";
  EXPECT_THAT(results(run), ElementsAre(Pair("Sent", 12)));
  EXPECT_THAT(twice(), IsEmpty());
}

}  // namespace
}  // namespace dialin::test
