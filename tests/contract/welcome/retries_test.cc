// SPDX-License-Identifier: Apache-2.0
// Failures of the session: three tries, no attempt counted; and what a server says, without the PIN.
#include <gmock/gmock.h>

#include "base/error.h"
#include "contract/welcome/welcome_test.h"

namespace dialin::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Retries : public WelcomeTest {
 protected:
  // How long one command waited between its tries.
  std::vector<milliseconds> waits_of(const Person& person, WelcomeReport* report = nullptr) {
    std::vector<milliseconds> waits;
    Process process(*this);
    process.waiting = [&](milliseconds time) { waits.push_back(time); };
    const WelcomeReport got = process.run(request(person));
    if (report != nullptr) {
      report->mail_result = got.mail_result;
      report->detail = got.detail;
      report->error = got.error;
    }
    return waits;
  }
  WelcomeReport report_{.person = {.sip_address = SipAddress::parse("sip:nobody@contoso.com").value()}};
};
DIALIN_ON_BOTH_STORES(Retries);

TEST_P(Retries, AServerThatIsAwayIsTriedThreeTimesInHalfAMinute) {
  const Person bob = person("bob");
  for (int i = 0; i < 3; ++i) server_.refuse_session(no_session(SessionProblem::Unreachable));
  EXPECT_THAT(waits_of(bob, &report_), ElementsAre(seconds(10), seconds(20)));
  EXPECT_EQ(server_.sessions.size(), 3u);
  EXPECT_EQ(report_.mail_result, MailResult::Queued);
  EXPECT_EQ(exit_code(report_.error->code()), 75);
  EXPECT_THAT(report_.detail, HasSubstr("connection refused"));
  const WelcomeRow row = latest(bob);
  EXPECT_EQ(row.state, WelcomeState::Queued);
  EXPECT_EQ(row.attempts, 0);
  EXPECT_FALSE(row.may_have_arrived);
  EXPECT_EQ(row.words.text, "connection refused");
  let_pass(seconds(61));
  EXPECT_EQ(deliver().outcomes.size(), 1u);
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(Retries, OneThatComesBackMeanwhileIsUsed) {
  const Person bob = person("bob");
  server_.refuse_session(no_session(SessionProblem::TooBusy, 421, "too many connections"));
  EXPECT_THAT(waits_of(bob, &report_), ElementsAre(seconds(10)));
  EXPECT_EQ(report_.mail_result, MailResult::Sent);
}

TEST_P(Retries, ForMailFromToo) {
  const Person bob = person("bob");
  for (int i = 0; i < 3; ++i) server_.answer(deferred_sender());
  EXPECT_EQ(waits_of(bob, &report_).size(), 2u);
  EXPECT_EQ(report_.mail_result, MailResult::Queued);
  EXPECT_EQ(exit_code(report_.error->code()), 75);
  EXPECT_EQ(latest(bob).attempts, 0);
}

TEST_P(Retries, AConnectionThatBreaksBeforeTheContentIsDeferred) {
  const Person bob = person("bob");
  server_.answer(connection_lost());
  EXPECT_THAT(waits_of(bob, &report_), ElementsAre(seconds(10)));
  EXPECT_EQ(report_.mail_result, MailResult::Sent);
  EXPECT_EQ(server_.arrived.size(), 1u);
}

TEST_P(Retries, WhatWillNotChangeByWaitingIsTriedOnce) {
  for (SessionProblem problem : {SessionProblem::TlsNotOffered, SessionProblem::CertificateRefused,
                                 SessionProblem::AuthNotOffered, SessionProblem::TlsFailed}) {
    const Person bob = person("bob" + std::to_string(static_cast<int>(problem)));
    server_.refuse_session(no_session(problem, 0, "names, issuer, fingerprint"));
    EXPECT_TRUE(waits_of(bob, &report_).empty());
    EXPECT_EQ(report_.mail_result, MailResult::Queued);
    EXPECT_EQ(exit_code(report_.error->code()), 75);
    EXPECT_THAT(report_.detail, HasSubstr("fingerprint"));
  }
}

TEST_P(Retries, CtrlCEndsTheWaiting) {
  const Person bob = person("bob");
  for (int i = 0; i < 3; ++i) server_.refuse_session(no_session(SessionProblem::Unreachable));
  Process process(*this);
  process.waiting = [&](milliseconds) { process.interrupted = true; };
  EXPECT_EQ(process.run(request(bob)).mail_result, MailResult::Queued);
  EXPECT_EQ(server_.sessions.size(), 1u);
}

TEST_P(Retries, DeliverTriesAServerThatIsAwayOnceAndSaysHowManyStay) {
  const Person bob = person("bob"), anna = person("anna");
  for (const Person& each : {bob, anna}) {
    server_.answer(deferred_recipient());
    welcome(each);
  }
  let_pass(seconds(61));
  server_.sessions.clear();
  server_.refuse_session(no_session(SessionProblem::Unreachable));
  const DueReport due = deliver();
  EXPECT_EQ(server_.sessions.size(), 1u);
  ASSERT_EQ(due.waiting.size(), 1u);
  EXPECT_EQ(due.waiting[0].rows, 2u);
  EXPECT_EQ(due.waiting[0].code, ErrorCode::TryAgain);
  EXPECT_THAT(due.waiting[0].reason, HasSubstr("connection refused"));
}

TEST_P(Retries, DeliverGoesOnWithOtherWays) {
  const Person bob = person("bob"), anna = person("anna");
  server_.answer(deferred_recipient());
  welcome(bob);
  server_.answer(deferred_recipient());
  welcome(anna, [](WelcomeRequest& r) { r.way.server = "other.contoso.com"; });
  let_pass(seconds(61));
  server_.refuse_session(no_session(SessionProblem::Unreachable));
  const DueReport due = deliver();
  EXPECT_EQ(due.waiting.size(), 1u);
  ASSERT_EQ(due.outcomes.size(), 1u);
  EXPECT_EQ(due.outcomes[0].record->outcome, RecordResult::Outcome::Sent);
}

TEST_P(Retries, DeliverTakesWhatAKilledProcessLeftBehind) {
  const Person bob = person("bob");
  {
    Process process(*this);
    process.checkpoints.at_name = "composed";
    EXPECT_THROW(process.run(request(bob)), Killed);
  }
  EXPECT_EQ(latest(bob).state, WelcomeState::Sending);
  const DueReport due = deliver();
  ASSERT_EQ(due.outcomes.size(), 1u);
  EXPECT_EQ(due.outcomes[0].record->outcome, RecordResult::Outcome::Sent);
}

// ---- Words that quote the PIN

TEST_P(Retries, WordsThatQuoteThePinAreBlottedEverywhere) {
  const std::string digits = "383042650";
  const std::vector<ServerAnswer> answers = {
      refused_content("spam: PIN:[383042650] is not allowed, 383042650"),
      deferred_recipient("PIN 383042650 again"), accepted("queued PIN:[383042650]"),
      refused_sender("383042650"), reply_lost(false)};
  for (const ServerAnswer& answer : answers) {
    SCOPED_TRACE(answer.delivery.text);
    const Person bob = person("bob" + std::to_string(server_.sessions.size()));
    server_.answer(answer);
    if (answer.delivery.result == DeliveryResult::Unknown) server_.answer(refused_content("383042650"));
    Process process(*this);
    WelcomeRequest named = request(bob);
    named.pin = pin(digits);
    rehash(named);
    const WelcomeReport report = process.run(std::move(named));
    std::string all = report.detail + process.all_said();
    if (report.error) all += std::string(report.error->what()) + report.error->next();
    EXPECT_THAT(all, Not(HasSubstr(digits)));
    EXPECT_THAT(everything_in_the_store(), Not(HasSubstr(digits)));
    if (answer.delivery.result != DeliveryResult::Unknown) {
      EXPECT_THAT(all, HasSubstr("*****"));
    }
    for (const Pause& pause : outbox().pauses()) outbox().end_pause(pause.id, marco_);
  }
}

TEST_P(Retries, APinThatWasCutOffAtTheEndIsBlottedToo) {
  const Person bob = person("bob");
  server_.answer(refused_content("looks like spam: PIN:[3830426"));
  const WelcomeReport report = welcome(bob, [](WelcomeRequest& r) { r.pin = pin("383042650"); });
  EXPECT_THAT(report.detail, Not(HasSubstr("3830")));
  EXPECT_THAT(everything_in_the_store(), Not(HasSubstr("3830")));
}

}  // namespace
}  // namespace dialin::test
