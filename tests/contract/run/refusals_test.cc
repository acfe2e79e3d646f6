// SPDX-License-Identifier: Apache-2.0
// Runs whose server refuses, defers or loses single mails, or cannot keep up.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "contract/run/run_engine_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class Refusals : public RunEngineTest {
 protected:
  static bool is(const OutgoingMessage& message, int number) {
    return message.recipient.address() == name(number) + "@contoso.com";
  }
};
DIALIN_ON_BOTH_STORES(Refusals);

TEST_P(Refusals, EverybodyIsGreylistedOnce) {
  add_people(20);
  const RunId run = staged();
  std::set<std::string> known;
  server_.always([&](const OutgoingMessage& message) {
    return known.insert(message.recipient.address()).second ? deferred_recipient("greylisted") : accepted();
  });
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Finished);
  EXPECT_EQ(outcome.counts, RunCounts{.sent = 20});
  EXPECT_THAT(twice(), IsEmpty());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(latest(one(i)).attempts, 1) << "that failed, of " << i;
  expect_pins_as_mailed();
}

TEST_P(Refusals, OnePassLeavesWhatIsDeferredForLater) {
  add_people(3);
  const RunId run = staged();
  server_.answer(deferred_recipient());
  const RunOutcome outcome = work(run, RunPatience::OnePass);
  EXPECT_EQ(outcome.end, RunEnd::Waiting);
  EXPECT_TRUE(outcome.changed);
  EXPECT_EQ(outcome.counts, (RunCounts{.queued = 1, .sent = 2}));
  EXPECT_EQ(report_of(run, 0).mail_result, "Queued");
  EXPECT_THAT(report_of(run, 0).detail, HasSubstr("mailbox busy"));
  let_pass(seconds(61));
  EXPECT_EQ(work(run, RunPatience::OnePass).end, RunEnd::Finished);
}

TEST_P(Refusals, EveryTenthRecipientFailsAndNobodyElse) {
  add_people(50);
  const RunId run = staged();
  server_.always([](const OutgoingMessage& message) {
    return message.recipient.address().at(7) == '9' ? refused_recipient("5.1.1 no such user") : accepted();
  });
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Finished);
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 45, .failed = 5}));
  EXPECT_THAT(results(run), ElementsAre(Pair("Failed", 5), Pair("Sent", 45)));
  const RunReportLine failed = report_of(run, 39);
  EXPECT_EQ(failed.mail_result, "Failed");
  EXPECT_EQ(failed.pin_result, "Kept");
  EXPECT_THAT(failed.code, HasSubstr("550"));
  EXPECT_THAT(failed.detail, HasSubstr("no such user"));
  EXPECT_EQ(server_.sessions.size(), 1U);
  expect_pins_as_mailed();
  const auto groups = failures_by_reason(runs(), run);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups.begin()->second.count, 5);
}

TEST_P(Refusals, FiveUnclearOnesAlikeInARowPauseTheRunAndNobodyFails) {
  add_people(12);
  const RunId run = staged();
  std::atomic<int> asked = 0;
  server_.always([&](const OutgoingMessage&) { return ++asked <= 4 ? accepted() : unclear_at_recipient(); });
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Paused);
  ASSERT_TRUE(outcome.record.pause);
  EXPECT_EQ(outcome.record.pause->reason, RunPause::Reason::Refusals);
  EXPECT_THAT(outcome.record.pause->words, HasSubstr("relay access denied"));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code(), ErrorCode::TryAgain);
  EXPECT_EQ(outcome.counts.sent, 4);
  EXPECT_EQ(outcome.counts.failed, 0);
  EXPECT_EQ(outcome.counts.waiting + outcome.counts.queued, 8);
  for (int i = 4; i < 9; ++i) EXPECT_EQ(report_of(run, i).mail_result, "Queued") << i;

  server_.forget_script();
  resume(run);
  EXPECT_EQ(runs().counts(run).held, 0);
  EXPECT_EQ(work(run, RunPatience::OnePass).end, RunEnd::Finished) << "what was held is due at once";
  EXPECT_THAT(results(run), ElementsAre(Pair("Sent", 12)));
  EXPECT_THAT(twice(), IsEmpty());
  expect_pins_as_mailed();
}

TEST_P(Refusals, AnUnclearOneBelongsToTheRecipientOnceTheSenderIsAccepted) {
  add_people(6);
  const RunId run = staged();
  server_.always([](const OutgoingMessage& message) {
    return is(message, 2) ? unclear_at_recipient("mailbox closed") : accepted();
  });
  Worker worker(*this);
  const RunOutcome outcome = worker.work(run);
  EXPECT_EQ(outcome.end, RunEnd::Finished);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 5, .failed = 1}));
  EXPECT_EQ(report_of(run, 2).mail_result, "Failed");
  EXPECT_THAT(report_of(run, 2).detail, HasSubstr("mailbox closed"));
  EXPECT_FALSE(has_seal(latest(one(2)).id));
  expect_pins_as_mailed();
}

TEST_P(Refusals, WhatIsHeldFailsAtTheEndOfTheRun) {
  add_people(3);
  const RunId run = staged();
  server_.always([](const OutgoingMessage& message) {
    return is(message, 2) ? unclear_at_recipient("mailbox closed") : accepted();
  });
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Finished);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 2, .failed = 1}));
  EXPECT_EQ(report_of(run, 2).mail_result, "Failed");
  EXPECT_FALSE(has_pin(one(2)));
}

TEST_P(Refusals, ALostReplyThreeTimesIsUncertainAndRetryRepeatsTheSameMail) {
  settings_.retry_pause = seconds(1);
  add_people(3);
  const RunId run = staged();
  server_.always(
      [](const OutgoingMessage& message) { return is(message, 1) ? reply_lost(true) : accepted(); });
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Finished);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 2, .uncertain = 1}));
  EXPECT_EQ(report_of(run, 1).mail_result, "Uncertain");
  EXPECT_TRUE(has_seal(latest(one(1)).id));
  EXPECT_FALSE(has_pin(one(1)));
  ASSERT_EQ(mails_to("person01@contoso.com").size(), 3U);

  server_.forget_script();
  EXPECT_EQ(runs().retry(run, marco_).uncertain, 1);
  EXPECT_EQ(work(run).end, RunEnd::Finished);
  EXPECT_EQ(report_of(run, 1).mail_result, "Sent");
  const std::vector<ArrivedMail> mails = mails_to("person01@contoso.com");
  ASSERT_EQ(mails.size(), 4U);
  std::set<std::string> ids, pins;
  for (const ArrivedMail& mail : mails) {
    ids.insert(message_id_in(mail));
    pins.insert(pin_in(mail));
  }
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(pins.size(), 1U);
  expect_pins_as_mailed();
}

TEST_P(Refusals, TooManyConnectionsSlowsDownAndGoesOn) {
  settings_.limit_of = [](const WelcomeWay&) {
    return RelayLimit{.messages = 1200, .period = seconds(60), .connections = 3};
  };
  settings_.retry_pause = seconds(1);
  add_people(8);
  const RunId run = staged();
  ServerAnswer busy = deferred_sender("4.7.0 too many connections");
  busy.delivery.problem = SessionProblem::TooBusy;
  busy.delivery.reply_code = 421;
  for (int i = 0; i < 3; ++i) server_.answer(accepted());
  server_.answer(busy);
  Worker worker(*this);
  std::vector<std::string> notices;
  worker.watched = [&](const RunProgress& progress) { notices.push_back(progress.notice); };
  const RunOutcome outcome = worker.work(run);
  EXPECT_EQ(outcome.end, RunEnd::Finished);
  EXPECT_EQ(outcome.counts, RunCounts{.sent = 8});
  EXPECT_THAT(twice(), IsEmpty());
  const Relay relay{.server = "mail.contoso.com", .port = 25, .user = ""};
  const auto state = store().relays().state(relay);
  ASSERT_TRUE(state);
  EXPECT_TRUE(state->slowed);
  ASSERT_TRUE(state->connections_now);
  EXPECT_EQ(*state->connections_now, 2);
  ASSERT_TRUE(state->rate_now);
  EXPECT_LT(*state->rate_now, 20);
  EXPECT_EQ(state->connections_open, 0) << "given back";
  EXPECT_THAT(notices, testing::Contains(HasSubstr("the mail server slows us down")));

  const double slow = *state->rate_now;
  let_pass(seconds(90));
  add_people(3);
  EXPECT_EQ(work(staged()).end, RunEnd::Finished);
  const auto later = store().relays().state(relay);
  EXPECT_TRUE(!later->rate_now || *later->rate_now > slow);
}

TEST_P(Refusals, TheDailyLimitPausesUntilTheDayIsOver) {
  settings_.limit_of = [](const WelcomeWay&) { return RelayLimit{.daily = 4}; };
  add_people(6);
  const RunId run = staged();
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Paused);
  ASSERT_TRUE(outcome.record.pause);
  EXPECT_EQ(outcome.record.pause->reason, RunPause::Reason::DailyLimit);
  EXPECT_TRUE(outcome.record.pause->until);
  EXPECT_EQ(outcome.counts.sent, 4);
  EXPECT_EQ(outcome.counts.failed, 0);
  EXPECT_EQ(work(run).end, RunEnd::Paused);
  let_pass(hours(24) + seconds(1));
  EXPECT_EQ(work(run).end, RunEnd::Finished) << "the time that the pause names is over";
  EXPECT_THAT(results(run), ElementsAre(Pair("Sent", 6)));
  EXPECT_THAT(twice(), IsEmpty());
}

TEST_P(Refusals, OfACopyStandsInTheDetailOfItsWelcome) {
  planned_ = [](PlannedWelcome& planned, const Person&) {
    planned.plan.content.cc = {mailbox("boss@contoso.com")};
    planned.plan.content.bcc = {mailbox("archive@contoso.com")};
  };
  add_people(4);
  const RunId run = staged();
  server_.always([](const OutgoingMessage& message) {
    return message.recipient.address() == "boss@contoso.com" ? refused_recipient("boss is gone") : accepted();
  });
  const RunOutcome outcome = work(run);
  EXPECT_EQ(outcome.end, RunEnd::Finished);
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.counts, (RunCounts{.sent = 4, .copies_failed = 4}));
  EXPECT_EQ(report_of(run, 1).mail_result, "Sent");
  EXPECT_THAT(report_of(run, 1).detail,
              AllOf(HasSubstr("copy to boss@contoso.com"), HasSubstr("boss is gone")));
  const auto copies = mails_to("archive@contoso.com");
  ASSERT_EQ(copies.size(), 4U);
  std::set<std::string> pins;
  for (const ArrivedMail& mail : copies) pins.insert(pin_in(mail));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(pins.count(pin_in(mails_to(one(i).mail->address()).at(0))));
}

TEST_P(Refusals, MaskedCopiesHoldNoPin) {
  planned_ = [](PlannedWelcome& planned, const Person&) {
    planned.plan.content.bcc = {mailbox("archive@contoso.com")};
    planned.plan.content.mask_pin_in_copies = true;
  };
  add_people(3);
  EXPECT_EQ(work(staged()).end, RunEnd::Finished);
  const auto copies = mails_to("archive@contoso.com");
  ASSERT_EQ(copies.size(), 3U);
  for (const ArrivedMail& mail : copies) EXPECT_EQ(pin_in(mail), "");
  expect_pins_as_mailed();
}

}  // namespace
}  // namespace dialin::test
