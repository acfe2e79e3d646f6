// SPDX-License-Identifier: Apache-2.0
// Claims: two processes and one welcome, leases that run out, and what Ctrl-C leaves.
#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "base/error.h"
#include "contract/welcome/welcome_test.h"

namespace dialin::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class Claims : public WelcomeTest {};
DIALIN_ON_BOTH_STORES(Claims);

TEST_P(Claims, AcceptedCountsAlsoFromAProcessWhoseLeaseHadRunOut) {
  const Person bob = person("bob");
  std::optional<WelcomeReport> other;
  server_.content_written = [&](const OutgoingMessage&) {
    server_.content_written = nullptr;
    let_pass(seconds(61));
    other = welcome(bob);  // takes it over and sends it again
  };
  const WelcomeReport report = welcome(bob);
  EXPECT_EQ(other->mail_result, MailResult::Sent);
  EXPECT_FALSE(other->error);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_FALSE(report.error);
  EXPECT_THAT(report.detail, HasSubstr("recorded as sent already"));
  ASSERT_EQ(server_.arrived.size(), 2u);
  EXPECT_EQ(pin_in(server_.arrived[0]), pin_in(server_.arrived[1]));
  EXPECT_EQ(message_id_in(server_.arrived[0]), message_id_in(server_.arrived[1]));
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(Claims, AcceptedCountsAlsoWhenTheOneWhoTookItOverFailed) {
  const Person bob = person("bob");
  server_.content_written = [&](const OutgoingMessage&) {
    server_.content_written = nullptr;
    let_pass(seconds(61));
    server_.answer(refused_recipient());
    EXPECT_EQ(welcome(bob).mail_result, MailResult::Uncertain) << "it may have arrived";
  };
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(Claims, OtherOutcomesCountOnlyUnderTheCurrentClaim) {
  const Person bob = person("bob");
  std::optional<WelcomeReport> other;
  server_.answer(refused_content());
  server_.content_written = [&](const OutgoingMessage&) {
    server_.content_written = nullptr;
    let_pass(seconds(61));
    other = welcome(bob);
  };
  const WelcomeReport report = welcome(bob);
  EXPECT_EQ(other->mail_result, MailResult::Sent);
  EXPECT_EQ(report.mail_result, MailResult::Sent) << "what became of it is printed as its own";
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(Claims, NoContentIsWrittenWithLessThanAThirdOfTheLeaseLeft) {
  const Person bob = person("bob");
  server_.taken = [&](const OutgoingMessage&) { let_pass(seconds(41)); };
  const WelcomeReport report = welcome(bob);
  EXPECT_EQ(report.mail_result, MailResult::Queued);
  EXPECT_EQ(exit_code(report.error->code()), 75);
  EXPECT_TRUE(server_.arrived.empty());
  EXPECT_FALSE(latest(bob).may_have_arrived);
}

TEST_P(Claims, TheClaimIsMadeWhenTheSessionIsOpen) {
  const Person bob = person("bob");
  server_.connecting = [&] { EXPECT_EQ(latest(bob).state, WelcomeState::Queued); };
  server_.taken = [&](const OutgoingMessage&) { EXPECT_EQ(latest(bob).state, WelcomeState::Sending); };
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
}

TEST_P(Claims, TheRecordedAddressIsReadAgainUntilAnythingMayHaveArrived) {
  Person bob = person("bob");
  const auto move_to = [&](const std::string& address) {
    PersonRow row{.line = 1, .sip_address = bob.sip_address};
    row.mail = {true, mailbox(address)};
    people().apply({row}, ImportMode::Apply, true, marco_);
  };
  server_.connecting = [&] { move_to("robert@contoso.com"); };
  server_.answer(reply_lost(true));
  WelcomeReport report = welcome(bob);
  EXPECT_EQ(report.sent_to->address(), "robert@contoso.com");
  EXPECT_EQ(last_mail().recipient, "robert@contoso.com");
  server_.connecting = [&] { move_to("roberto@contoso.com"); };
  report = welcome(bob);
  EXPECT_EQ(report.sent_to->address(), "robert@contoso.com");
  EXPECT_EQ(last_mail().recipient, "robert@contoso.com");
}

TEST_P(Claims, WhoMeetsALiveLeaseSaysWhoseWaitsAndPrintsItsOutcome) {
  const Person bob = person("bob");
  Process first(*this), second(*this);
  std::promise<void> at_the_server, somebody_waits;
  server_.content_written = [&](const OutgoingMessage&) {
    at_the_server.set_value();
    somebody_waits.get_future().wait();
  };
  std::thread thread([&] { EXPECT_EQ(first.run_unreported(request(bob)).mail_result, MailResult::Sent); });
  at_the_server.get_future().wait();
  second.time_passes = false;
  second.waiting = [&, told = false](std::chrono::milliseconds) mutable {
    if (!std::exchange(told, true)) somebody_waits.set_value();
  };
  const WelcomeReport report = second.run(request(bob));
  thread.join();
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_FALSE(report.error);
  EXPECT_EQ(server_.arrived.size(), 1u);
  EXPECT_THAT(second.all_said(), HasSubstr("process-1"));
}

TEST_P(Claims, WhoMeetsAProcessThatStoppedTakesOverWhenItsLeaseRunsOut) {
  const Person bob = person("bob");
  std::optional<WelcomeReport> other;
  server_.content_written = [&](const OutgoingMessage&) {
    server_.content_written = nullptr;
    Process process(*this);  // waits while time passes, until the lease has run out
    other = process.run(request(bob));
  };
  const SteadyTime before = clock_.steady_now();
  const auto really_before = std::chrono::steady_clock::now();
  const WelcomeReport report = welcome(bob);
  // The lease runs by the database's clock on PostgreSQL: the test's time and the real one together.
  const auto passed = (clock_.steady_now() - before) + (std::chrono::steady_clock::now() - really_before);
  EXPECT_GE(passed, settings_.lease - seconds(1));
  EXPECT_EQ(other->mail_result, MailResult::Sent);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_EQ(server_.arrived.size(), 2u);
  EXPECT_EQ(pin_in(server_.arrived[0]), pin_in(server_.arrived[1]));
}

TEST_P(Claims, InterruptedWhileWaitingLeavesEverythingAsItIs) {
  const Person bob = person("bob");
  server_.content_written = [&](const OutgoingMessage&) {
    server_.content_written = nullptr;
    Process process(*this);
    process.waiting = [&](std::chrono::milliseconds) { process.interrupted = true; };
    const WelcomeReport report = process.run(request(bob));
    EXPECT_EQ(report.mail_result, MailResult::Queued);
    EXPECT_EQ(report.error->code(), ErrorCode::Interrupted);
  };
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(Claims, InterruptedBeforeTheSessionStaysQueued) {
  const Person bob = person("bob");
  Process process(*this);
  server_.connecting = [&] { process.interrupted = true; };
  const WelcomeReport report = process.run(request(bob));
  EXPECT_EQ(report.mail_result, MailResult::Queued);
  EXPECT_TRUE(report.error);
  EXPECT_TRUE(server_.arrived.empty());
  process.end();
  server_.connecting = nullptr;
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
}

TEST_P(Claims, AMailThatCannotBeMadeHoldsBackNoOther) {
  const Person bob = person("bob"), anna = person("anna");
  server_.always([](const OutgoingMessage&) { return deferred_recipient(); });
  welcome(bob);
  let_pass(seconds(1));
  welcome(anna);
  tables().execute("INSERT INTO templates (hash, content) VALUES ('damaged', 'no template at all')");
  tables().execute("UPDATE welcomes SET template_hash = 'damaged' WHERE person = :bob", {{"bob", bob.id}});
  server_.forget_script();
  let_pass(seconds(61));
  const DueReport due = deliver();
  ASSERT_EQ(due.outcomes.size(), 2u);
  EXPECT_TRUE(due.outcomes[0].error);
  ASSERT_TRUE(due.outcomes[1].record);
  EXPECT_EQ(due.outcomes[1].record->outcome, RecordResult::Outcome::Sent);
  EXPECT_EQ(latest(bob).state, WelcomeState::Queued);
  EXPECT_FALSE(latest(bob).may_have_arrived);
  EXPECT_EQ(latest(anna).state, WelcomeState::Sent);
  // Typed again it is made of the template that the command names.
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
}

}  // namespace
}  // namespace dialin::test
