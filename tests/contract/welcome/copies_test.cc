// SPDX-License-Identifier: Apache-2.0
// Copies: made with the Accepted of their welcome, each in an envelope of its own, their fate their own.
#include <gmock/gmock.h>

#include <set>

#include "contract/welcome/welcome_test.h"

namespace dialin::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class Copies : public WelcomeTest {
 protected:
  static void copied(WelcomeRequest& request) {
    request.content.cc = {mailbox("Boss <boss@contoso.com>")};
    request.content.bcc = {mailbox("archive@contoso.com")};
  }
  static void masked(WelcomeRequest& request) {
    copied(request);
    request.content.mask_pin_in_copies = true;
  }
  WelcomeState copy_state(const WelcomeId& id) { return outbox().get(id)->state; }
};
DIALIN_ON_BOTH_STORES(Copies);

TEST_P(Copies, FollowOnTheSameSessionEachWithItsOwnEnvelopeAndMessageId) {
  const Person bob = person("bob");
  const WelcomeReport report = welcome(bob, copied);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_FALSE(report.error);
  EXPECT_EQ(server_.sessions.size(), 1u);
  ASSERT_EQ(server_.arrived.size(), 3u);
  EXPECT_EQ(server_.arrived[0].recipient, "bob@contoso.com");
  std::set<std::string> recipients, message_ids;
  for (const ArrivedMail& mail : server_.arrived) {
    recipients.insert(mail.recipient);
    message_ids.insert(message_id_in(mail));
    EXPECT_THAT(mail.content, HasSubstr("To: "));
    EXPECT_THAT(mail.content, HasSubstr("boss@contoso.com"));
    EXPECT_THAT(mail.content, Not(HasSubstr("archive@contoso.com"))) << "Bcc stands in no header";
    EXPECT_EQ(pin_in(mail), pin_in(server_.arrived[0]));
  }
  EXPECT_EQ(recipients,
            (std::set<std::string>{"bob@contoso.com", "boss@contoso.com", "archive@contoso.com"}));
  EXPECT_EQ(message_ids.size(), 3u);
  EXPECT_THAT(report.detail, HasSubstr("copy to boss@contoso.com accepted"));
  for (const WelcomeId& id : outbox().copies_of(report.id)) {
    EXPECT_EQ(copy_state(id), WelcomeState::Sent);
    EXPECT_FALSE(has_seal(id));
  }
}

TEST_P(Copies, MaskedOnesHoldNoPin) {
  const Person bob = person("bob");
  const WelcomeReport report = welcome(bob, [&](WelcomeRequest& r) {
    masked(r);
    r.pin = pin("383042650");
  });
  ASSERT_EQ(server_.arrived.size(), 3u);
  EXPECT_EQ(pin_in(server_.arrived[0]), "383042650");
  for (std::size_t i = 1; i < 3; ++i) {
    EXPECT_THAT(server_.arrived[i].content, Not(HasSubstr("383042650")));
    EXPECT_THAT(server_.arrived[i].content, HasSubstr("PIN:[*****]"));
  }
}

TEST_P(Copies, NoneBeforeTheWelcomeIsAccepted) {
  const Person bob = person("bob");
  server_.answer(refused_recipient());
  const WelcomeReport report = welcome(bob, copied);
  EXPECT_EQ(report.mail_result, MailResult::Failed);
  EXPECT_TRUE(outbox().copies_of(report.id).empty());
  EXPECT_TRUE(server_.arrived.empty());
}

TEST_P(Copies, ARefusedOneStandsInTheDetailAndNothingElse) {
  const Person bob = person("bob");
  server_.answer(accepted());
  server_.answer(refused_recipient("no such boss"));
  const WelcomeReport report = welcome(bob, copied);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_FALSE(report.error);
  EXPECT_THAT(report.detail, HasSubstr("not accepted"));
  EXPECT_THAT(report.detail, HasSubstr("no such boss"));
  EXPECT_THAT(report.detail, HasSubstr("accepted"));
  EXPECT_TRUE(is_valid(bob, pin_in(server_.arrived[0])));
  EXPECT_EQ(server_.arrived.size(), 2u);
}

TEST_P(Copies, ADeferredOneComesWithDeliver) {
  const Person bob = person("bob");
  server_.answer(accepted());
  server_.answer(deferred_recipient());
  EXPECT_EQ(welcome(bob, copied).mail_result, MailResult::Sent);
  EXPECT_EQ(server_.arrived.size(), 2u);
  let_pass(seconds(61));
  const DueReport due = deliver();
  ASSERT_EQ(due.outcomes.size(), 1u);
  EXPECT_EQ(due.outcomes[0].row->kind, WelcomeKind::Copy);
  ASSERT_EQ(server_.arrived.size(), 3u);
  EXPECT_EQ(pin_in(server_.arrived[2]), pin_in(server_.arrived[0]));
}

TEST_P(Copies, ASessionThatEndsAfterTheWelcomeLeavesThemQueued) {
  const Person bob = person("bob");
  server_.answer(accepted());
  server_.answer(connection_lost());
  const WelcomeReport report = welcome(bob, copied);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_FALSE(report.error);
  EXPECT_EQ(server_.sessions.size(), 1u) << "the welcome has arrived: nobody waits for its copies";
  let_pass(seconds(61));
  deliver();
  EXPECT_EQ(server_.arrived.size(), 3u);
}

TEST_P(Copies, NeverBecomeUncertain) {
  const Person bob = person("bob");
  server_.answer(accepted());
  server_.answer(reply_lost(true));
  const WelcomeId id = welcome(bob, copied).id;
  server_.always([](const OutgoingMessage& message) {
    return message.recipient.address() == "boss@contoso.com" ? reply_lost(true) : accepted();
  });
  for (int i = 0; i < 8; ++i) {
    let_pass(seconds(3601));
    deliver();
  }
  std::multiset<WelcomeState> states;
  for (const WelcomeId& copy : outbox().copies_of(id)) states.insert(copy_state(copy));
  EXPECT_EQ(states, (std::multiset<WelcomeState>{WelcomeState::Sent, WelcomeState::Failed}));
  EXPECT_EQ(latest(bob).state, WelcomeState::Sent);
}

TEST_P(Copies, AKillBetweenWelcomeAndCopyLosesNone) {
  for (const char* where : {"recorded", "before-commit-record", "copy-answered", "before-commit-record-copy",
                            "after-commit-record-copy", "copy-recorded"}) {
    SCOPED_TRACE(where);
    const Person bob = person(std::string("bob-") + where);
    const std::string address = bob.mail->address();
    server_.arrived.clear();
    {
      Process process(*this);
      process.checkpoints.at_name = where;
      WelcomeRequest typed = request(bob);
      copied(typed);
      rehash(typed);
      EXPECT_THROW(process.run(std::move(typed)), Killed);
    }
    welcome(bob, copied);
    deliver();
    EXPECT_EQ(latest(bob).state, WelcomeState::Sent);
    // Only what had been handed over and was not recorded comes twice.
    const std::size_t twice = std::string(where) == "before-commit-record" ? 1 : 0;
    EXPECT_EQ(mails_to(address).size(), 1u + twice);
    std::size_t copies = 0;
    for (const char* copy : {"boss@contoso.com", "archive@contoso.com"}) {
      EXPECT_GE(mails_to(copy).size(), 1u) << copy;
      copies += mails_to(copy).size();
    }
    const bool copy_twice =
        std::string(where) == "copy-answered" || std::string(where) == "before-commit-record-copy";
    EXPECT_EQ(copies, copy_twice ? 3u : 2u);
    for (const ArrivedMail& mail : server_.arrived) EXPECT_EQ(pin_in(mail), pin_in(server_.arrived[0]));
  }
}

TEST_P(Copies, ThoseThatWaitAreSupersededByWhateverChangesThePin) {
  const Person bob = person("bob");
  server_.answer(accepted());
  server_.answer(deferred_recipient());
  server_.answer(deferred_recipient());
  const WelcomeId id = welcome(bob, copied).id;
  set_pin_to(bob, "86204");
  for (const WelcomeId& copy : outbox().copies_of(id)) {
    EXPECT_EQ(copy_state(copy), WelcomeState::Superseded);
    EXPECT_FALSE(has_seal(copy));
  }
  let_pass(seconds(3601));
  EXPECT_TRUE(deliver().outcomes.empty());
  EXPECT_EQ(server_.arrived.size(), 1u);
}

TEST_P(Copies, TheirPinIsBlottedToo) {
  const Person bob = person("bob");
  server_.answer(accepted());
  server_.answer(refused_content("spam: 383042650"));
  Process process(*this);
  WelcomeRequest typed = request(bob);
  copied(typed);
  typed.pin = pin("383042650");
  rehash(typed);
  const WelcomeReport report = process.run(std::move(typed));
  EXPECT_THAT(report.detail + process.all_said() + everything_in_the_store(), Not(HasSubstr("383042650")));
}

}  // namespace
}  // namespace dialin::test
