// SPDX-License-Identifier: Apache-2.0
// Refused passwords and senders: what pauses, what goes on, what ends it.
#include <gmock/gmock.h>

#include "base/error.h"
#include "contract/welcome/welcome_test.h"

namespace dialin::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class Pauses : public WelcomeTest {
 protected:
  static void with_account(WelcomeRequest& request) {
    request.way.user = "admin@contoso.com";
    request.way.password_source = "environment";
  }
  WelcomeReport with_password(const Person& person, bool typed = false) {
    return welcome(person, [&](WelcomeRequest& r) {
      with_account(r);
      r.password_was_typed = typed;
    });
  }
  void refuse_password() {
    server_.refuse_session(no_session(SessionProblem::PasswordRefused, 535, "authentication failed"));
  }
};
DIALIN_ON_BOTH_STORES(Pauses);

TEST_P(Pauses, ARefusedPasswordIsTriedOnceByTwoHundred) {
  refuse_password();
  const WelcomeReport first = with_password(person("first"));
  EXPECT_EQ(first.mail_result, MailResult::Queued);
  EXPECT_EQ(exit_code(first.error->code()), 77);
  for (int i = 0; i < 10; ++i) {
    const WelcomeReport report = with_password(person("person" + std::to_string(i)));
    EXPECT_EQ(report.mail_result, MailResult::Queued);
    EXPECT_EQ(exit_code(report.error->code()), 77);
    EXPECT_THAT(report.detail, HasSubstr("did not accept the password of admin@contoso.com"));
  }
  EXPECT_EQ(server_.sessions.size(), 1u);
}

TEST_P(Pauses, AnotherPasswordFromItsSourceEndsThePause) {
  refuse_password();
  const Person bob = person("bob");
  with_password(bob);
  password_ = "another one";
  EXPECT_EQ(with_password(bob).mail_result, MailResult::Sent);
  EXPECT_EQ(server_.passwords_used.back(), "another one");
  EXPECT_TRUE(outbox().pauses().empty());
}

TEST_P(Pauses, DeliverNoticesAnotherPasswordAndSaysSoUntilThen) {
  refuse_password();
  const Person bob = person("bob");
  with_password(bob);
  let_pass(seconds(61));
  DueReport due = deliver();
  EXPECT_EQ(server_.sessions.size(), 1u);
  ASSERT_EQ(due.waiting.size(), 1u);
  EXPECT_EQ(due.waiting[0].rows, 1u);
  EXPECT_EQ(due.waiting[0].code, ErrorCode::Unauthenticated);
  password_ = "another one";
  due = deliver();
  ASSERT_EQ(due.outcomes.size(), 1u);
  EXPECT_EQ(due.outcomes[0].record->outcome, RecordResult::Outcome::Sent);
  EXPECT_TRUE(due.waiting.empty());
}

TEST_P(Pauses, ATypedPasswordEndsThePauseAlsoTheSameOne) {
  refuse_password();
  const Person bob = person("bob");
  with_password(bob);
  EXPECT_EQ(with_password(bob, /*typed=*/true).mail_result, MailResult::Sent);
  EXPECT_EQ(server_.sessions.size(), 2u);
}

TEST_P(Pauses, ATypedPasswordEndsItForANewWelcomeToo) {
  refuse_password();
  with_password(person("bob"));
  EXPECT_EQ(with_password(person("anna"), /*typed=*/true).mail_result, MailResult::Sent);
}

TEST_P(Pauses, ATypedPasswordThatIsRefusedPausesAgain) {
  refuse_password();
  const Person bob = person("bob");
  with_password(bob);
  refuse_password();
  EXPECT_EQ(exit_code(with_password(bob, true).error->code()), 77);
  EXPECT_EQ(exit_code(with_password(bob).error->code()), 77);
  EXPECT_EQ(server_.sessions.size(), 2u);
}

TEST_P(Pauses, APasswordPauseConcernsItsAccountOnly) {
  refuse_password();
  with_password(person("bob"));
  EXPECT_EQ(welcome(person("anna")).mail_result, MailResult::Sent);
  EXPECT_EQ(welcome(person("carl"),
                    [](WelcomeRequest& r) {
                      with_account(r);
                      r.way.user = "other@contoso.com";
                    })
                .mail_result,
            MailResult::Sent);
}

TEST_P(Pauses, APasswordThatCanOnlyBeTypedLeavesItQueued) {
  password_.clear();
  const Person bob = person("bob");
  const WelcomeReport report = with_password(bob);
  EXPECT_EQ(report.mail_result, MailResult::Queued);
  EXPECT_EQ(exit_code(report.error->code()), 78);
  EXPECT_TRUE(server_.sessions.empty());
  const DueReport due = deliver();
  ASSERT_EQ(due.waiting.size(), 1u);
  EXPECT_EQ(due.waiting[0].rows, 1u);
  EXPECT_THAT(due.waiting[0].reason, HasSubstr("can only be typed"));
  password_ = "typed";
  EXPECT_EQ(with_password(bob, true).mail_result, MailResult::Sent);
}

TEST_P(Pauses, ARefusedSenderPausesItsSenderAndFailsNobody) {
  for (const ServerAnswer& answer : {refused_sender(), unclear_at_recipient()}) {
    SCOPED_TRACE(answer.delivery.text);
    const std::string suffix = std::to_string(server_.sessions.size());
    const Person bob = person("bob" + suffix), anna = person("anna" + suffix);
    server_.answer(answer);
    const WelcomeReport report = welcome(bob);
    EXPECT_EQ(report.mail_result, MailResult::Queued);
    EXPECT_EQ(exit_code(report.error->code()), 75);
    EXPECT_THAT(report.error->next(), HasSubstr("-From"));
    EXPECT_EQ(latest(bob).attempts, 0);
    // A loop over others with the same sender is told so and reaches no mailbox.
    const std::size_t mails = server_.arrived.size();
    const WelcomeReport other = welcome(anna, [](WelcomeRequest& r) { r.from_was_typed = true; });
    EXPECT_EQ(other.mail_result, MailResult::Queued);
    EXPECT_EQ(exit_code(other.error->code()), 75);
    EXPECT_THAT(other.detail, HasSubstr("does not let"));
    EXPECT_EQ(server_.arrived.size(), mails);
    // Another sender is not concerned.
    EXPECT_EQ(welcome(person("carl" + suffix),
                      [](WelcomeRequest& r) { r.content.from = mailbox("help@contoso.com"); })
                  .mail_result,
              MailResult::Sent);
    // Typed again without and with -From.
    EXPECT_EQ(welcome(bob).mail_result, MailResult::Queued);
    EXPECT_EQ(welcome(bob, [](WelcomeRequest& r) { r.from_was_typed = true; }).mail_result, MailResult::Sent);
    EXPECT_EQ(welcome(anna).mail_result, MailResult::Sent);
  }
}

TEST_P(Pauses, AnotherFromChangesTheContentAndGoesPastThePause) {
  const Person bob = person("bob");
  server_.answer(refused_sender());
  welcome(bob);
  const WelcomeReport report = welcome(bob, [](WelcomeRequest& r) {
    r.content.from = mailbox("help@contoso.com");
    r.from_was_typed = true;
  });
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_EQ(last_mail().envelope_sender, "help@contoso.com");
}

TEST_P(Pauses, TheSenderIsComparedWithoutCase) {
  const Person bob = person("bob");
  server_.answer(refused_sender());
  welcome(bob);
  const WelcomeReport report = welcome(bob, [](WelcomeRequest& r) {
    r.content.from = mailbox("MARCO@contoso.com");
    r.from_was_typed = true;
  });
  EXPECT_EQ(report.mail_result, MailResult::Sent);
}

TEST_P(Pauses, DeliverSaysWhatASenderPauseHoldsBack) {
  const Person bob = person("bob"), anna = person("anna");
  server_.answer(refused_sender());
  welcome(bob);
  welcome(anna);
  let_pass(seconds(61));
  const std::size_t sessions = server_.sessions.size();
  const DueReport due = deliver();
  EXPECT_EQ(server_.sessions.size(), sessions);
  ASSERT_EQ(due.waiting.size(), 1u);
  EXPECT_EQ(due.waiting[0].rows, 2u);
  EXPECT_EQ(due.waiting[0].code, ErrorCode::TryAgain);
}

TEST_P(Pauses, TheOutcomeIsRecordedBeforeThePauseIsWritten) {
  const Person bob = person("bob");
  server_.answer(refused_sender());
  Process process(*this);
  process.checkpoints.at_name = "before-commit-pause";
  EXPECT_THROW(process.run(request(bob)), Killed);
  process.end();
  // Nothing has arrived, and nothing is held to be: its content may still be changed.
  EXPECT_EQ(latest(bob).state, WelcomeState::Queued);
  EXPECT_FALSE(latest(bob).may_have_arrived);
  EXPECT_EQ(welcome(bob, [](WelcomeRequest& r) { r.content.subject = "Another"; }).mail_result,
            MailResult::Sent);
}

}  // namespace
}  // namespace dialin::test
