// SPDX-License-Identifier: Apache-2.0
// What is decided about people, or goes wrong, between the staging of a run and the moment when their turn
// comes: the newest decision wins, and the run comes to its end.
#include <gmock/gmock.h>

#include <thread>

#include "contract/run/run_engine_test.h"

namespace dialin::test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

class DecidedBetween : public RunEngineTest {
 protected:
  static RunCheckOptions forced() { return {.force = true}; }
  std::string pin_mailed_to(const Person& person) const {
    const std::vector<ArrivedMail> mails = mails_to(person.mail->address());
    return mails.size() == 1 ? pin_in(mails.front()) : std::to_string(mails.size()) + " mails";
  }
  void expect_finished(const RunOutcome& outcome) {
    EXPECT_EQ(outcome.end, RunEnd::Finished);
    EXPECT_EQ(outcome.record.state, RunState::Finished);
    EXPECT_THAT(twice(), IsEmpty());
  }
};
DIALIN_ON_BOTH_STORES(DecidedBetween);

TEST_P(DecidedBetween, WhoIsLockedDisabledOrRemovedGetsNoMailAndTheRunEnds) {
  add_people(5);
  const RunId run = staged();
  set_lock(one(0));
  people().disable(one(1).id, marco_);
  people().remove(one(2).id, marco_);
  people().disable(one(3).id, marco_);
  people().enable(one(3).id, false, marco_);
  expect_finished(work(run));
  EXPECT_EQ(report_of(run, 0).mail_result, "Skipped");
  EXPECT_EQ(report_of(run, 0).code, "UserPinAccountLocked");
  EXPECT_EQ(report_of(run, 1).mail_result, "NotSent");
  EXPECT_EQ(report_of(run, 1).detail, "the person was disabled");
  EXPECT_EQ(report_of(run, 2).mail_result, "NotSent");
  EXPECT_EQ(report_of(run, 2).detail, "the person was removed");
  EXPECT_EQ(report_of(run, 3).mail_result, "NotSent") << "enabling again does not bring a decision back";
  EXPECT_EQ(report_of(run, 4).mail_result, "Sent");
  EXPECT_EQ(server_.arrived.size(), 1U);
}

TEST_P(DecidedBetween, APinThatIsSetMeanwhileStays) {
  add_people(2);
  const RunId run = staged();
  set_pin_to(one(0), "73519");
  const RunOutcome outcome = work(run);
  expect_finished(outcome);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 1, .skipped = 1}));
  EXPECT_EQ(report_of(run, 0).code, "PinAlreadySet");
  EXPECT_TRUE(is_valid(one(0), "73519"));
  EXPECT_EQ(pin_mailed_to(one(0)), "0 mails");
}

TEST_P(DecidedBetween, ForceReplacesThePinOfBeforeTheRunAndNoneOfLater) {
  add_people(2);
  for (int i = 0; i < 2; ++i) set_pin_to(one(i), "73519");
  const RunId run = staged(everybody(), forced());
  set_pin_to(one(0), "91537");
  const RunOutcome outcome = work(run);
  expect_finished(outcome);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 1, .not_sent = 1}));
  EXPECT_EQ(report_of(run, 0).code, "Superseded");
  EXPECT_TRUE(is_valid(one(0), "91537"));
  EXPECT_EQ(report_of(run, 1).pin_result, "Replaced");
  EXPECT_TRUE(is_valid(one(1), pin_mailed_to(one(1))));
}

TEST_P(DecidedBetween, WhoWasWelcomedSinglyMeanwhileGetsNoSecondMail) {
  add_people(3);
  const RunId run = staged(everybody(), forced());
  EXPECT_EQ(welcome(one(0)).mail_result, MailResult::Sent);
  server_may_be_away();
  away_ = true;
  EXPECT_EQ(welcome(one(1)).mail_result, MailResult::Queued);
  const std::string queued = latest(one(1)).message_id;
  away_ = false;
  const RunOutcome outcome = work(run);
  expect_finished(outcome);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 2, .not_sent = 1}));
  EXPECT_EQ(report_of(run, 0).code, "Superseded");
  EXPECT_EQ(message_id_in(mails_to(one(1).mail->address()).at(0)), queued) << "the run's row stands for it";
  expect_pins_as_mailed();
}

TEST_P(DecidedBetween, PinsOfTheColumnThatCannotBeAreNamedBeforeAnythingIsSent) {
  add_people(5);
  const RunId run = staged(
      "UserUri,Pin\r\n"
      "person00@contoso.com,12345\r\n"  // a pattern
      "person01@contoso.com,7351\r\n"   // 07351, from a spreadsheet
      "person02@contoso.com,73519\r\n"
      "person03@contoso.com,73519\r\n"
      "person04@contoso.com,07351\r\n");
  EXPECT_EQ(summary_.bad, 2);
  EXPECT_EQ(summary_.repeated_pins, 1);
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 3, .invalid = 2}));
  for (const int bad : {0, 1}) {
    EXPECT_EQ(report_of(run, bad).mail_result, "Invalid");
    EXPECT_EQ(report_of(run, bad).code, "PinDoesNotMeetMinimumRequirements");
  }
  EXPECT_THAT(report_of(run, 1).detail, HasSubstr("a spreadsheet may have dropped a leading zero"));
  // Two people may have the same PIN: number and PIN tell them apart.
  for (const int good : {2, 3}) EXPECT_EQ(pin_mailed_to(one(good)), "73519");
  EXPECT_EQ(pin_mailed_to(one(4)), "07351");
}

TEST_P(DecidedBetween, WhoShareANumberGetDifferentPinsAndATakenOneOfTheColumnFails) {
  const std::string line = "tel:+4930123456";
  const Person ann = person("ann", line), bob = person("bob", line), eve = person("eve", line);
  const RunId run = staged(
      "UserUri,Pin\r\n"
      "ann@contoso.com,73519\r\n"
      "bob@contoso.com,73519\r\n"
      "eve@contoso.com,\r\n");
  EXPECT_EQ(summary_.bad, 0) << "who will be first is known when their turn comes";
  const RunOutcome outcome = work(run);
  expect_finished(outcome);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 2, .invalid = 1})) << "a failure, not something left alone";
  const RunReportLine failed = report(run).at(3);
  EXPECT_EQ(failed.mail_result, "Invalid");
  EXPECT_EQ(failed.code, "PinNotUnique");
  EXPECT_THAT(failed.detail, StartsWith("the PIN for sip:bob@contoso.com cannot be set"));
  const auto failures = failures_by_reason(runs(), run);
  ASSERT_TRUE(failures.contains("PinNotUnique"));
  EXPECT_EQ(failures.at("PinNotUnique").count, 1);
  EXPECT_EQ(pin_mailed_to(ann), "73519");
  EXPECT_NE(pin_mailed_to(eve), "73519");
  EXPECT_FALSE(has_pin(bob));
  EXPECT_EQ(everything_in_the_store().find("73519"), std::string::npos);
}

TEST_P(DecidedBetween, WhoHasNoAddressAnyMoreIsAFailure) {
  add_people(2);
  const RunId run = staged();
  tables().execute("UPDATE people SET mail = NULL, mail_key = NULL, mail_domain = NULL WHERE id = :id",
                   {{"id", one(0).id}});
  const RunOutcome outcome = work(run);
  expect_finished(outcome);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 1, .invalid = 1}));
  EXPECT_EQ(report_of(run, 0).code, "CannotBeWelcomed");
}

// A store that somebody has repaired by hand, or a version of the program that read templates otherwise.
TEST_P(DecidedBetween, ATemplateThatCannotBeReadHoldsBackItsOwnMailsOnly) {
  planned_ = [](PlannedWelcome& planned, const Person& person) {
    if (person.sip_address.address() != "person01@contoso.com") return;
    planned.plan.template_text = "not a template";
    planned.plan.content.template_hash = "hash of it";
  };
  add_people(40);
  const RunId run = staged();
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Paused);
  ASSERT_TRUE(outcome.error);
  EXPECT_THAT(outcome.error->what(), HasSubstr("template"));
  EXPECT_EQ(outcome.counts, (RunCounts{.queued = 1, .sent = 39}));
  EXPECT_FALSE(has_pin(one(1)));
  EXPECT_THAT(twice(), IsEmpty());
}

TEST_P(DecidedBetween, ACancelledRunEndsWhatIsOnItsWayAndBeginsNothing) {
  add_people(200);
  const RunId run = staged();
  std::atomic<int> asked = 0;
  server_.answering = [&](const OutgoingMessage&) {
    if (++asked == 5) runs().cancel(run, marco_);
  };
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Cancelled);
  EXPECT_GE(outcome.counts.sent, 5);
  EXPECT_LT(outcome.counts.sent, 200);
  EXPECT_EQ(outcome.counts.sent + outcome.counts.not_sent, 200);
  EXPECT_EQ(server_.arrived.size(), static_cast<std::size_t>(outcome.counts.sent));
  expect_pins_as_mailed();
}

// Whatever call to the store fails once, with or without having done its work.
TEST_P(DecidedBetween, AStoreThatIsAwayForAMomentLosesNobody) {
  constexpr int people_a_run = 3, runs_at_most = 60;
  settings_.lease = seconds(3);
  int failed_calls = 0;
  for (int call = 1; call <= runs_at_most; ++call) {
    SCOPED_TRACE(call);
    const int first = (call - 1) * people_a_run;
    add_people(people_a_run);
    std::string csv = "UserUri\r\n";
    for (int i = first; i < first + people_a_run; ++i) csv.append(one(i).sip_address.address()) += "\r\n";
    const RunId run = staged(csv);
    Worker worker(*this);
    worker.store->plan.fail_at(call, call % 2 == 0 ? Fault::AnswerLost : Fault::NotDone);
    try {
      worker.work(run);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Unavailable) << error.what();
    }
    failed_calls += worker.store->plan.failed();
    worker.store->plan.heal();
    expect_finished(worker.work(run));
    EXPECT_THAT(results(run), ElementsAre(Pair("Sent", people_a_run)));
    if (HasFailure()) return;
    if (worker.store->plan.failed() == 0) break;  // a run makes no more calls
  }
  EXPECT_GT(failed_calls, 15);
  expect_pins_as_mailed();
}

TEST_P(DecidedBetween, TwoWorkersShareARun) {
  add_people(150);
  const RunId run = staged();
  FakeMailTransport second_server;
  Worker first(*this), second(*this, second_server);
  std::thread thread([&] { second.work(run); });
  const RunOutcome outcome = first.work(run);
  thread.join();
  EXPECT_EQ(outcome.end, RunEnd::Finished);
  EXPECT_EQ(runs().counts(run), RunCounts{.sent = 150});
  for (ArrivedMail& mail : second_server.arrived) server_.arrived.push_back(std::move(mail));
  EXPECT_EQ(server_.arrived.size(), 150U);
  EXPECT_THAT(twice(), IsEmpty());
  expect_pins_as_mailed();
}

TEST_P(DecidedBetween, APauseOfASenderWhoHasNothingLeftStopsNobody) {
  planned_ = [](PlannedWelcome& planned, const Person& person) {
    if (person.sip_address.address() == "person00@contoso.com")
      planned.plan.content.from = mailbox("other@contoso.com");
  };
  add_people(2);
  const RunId run = staged();
  server_.always([](const OutgoingMessage& message) {
    return message.envelope_sender == "other@contoso.com" ? accepted() : deferred_recipient();
  });
  EXPECT_EQ(work(run, RunPatience::OnePass).end, RunEnd::Waiting);
  Pause pause;
  pause.server = "mail.contoso.com";
  pause.port = 25;
  pause.sender = "other@contoso.com";
  pause.reason = Pause::Reason::SenderRefused;
  pause.words = "no such sender";
  outbox().pause(pause, marco_);
  EXPECT_EQ(work(run, RunPatience::OnePass).end, RunEnd::Waiting);
}

}  // namespace
}  // namespace dialin::test
