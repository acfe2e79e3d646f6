// SPDX-License-Identifier: Apache-2.0
// Notices: a person whose PIN becomes valid without a mail to their own address is told there, once a change,
// and never what it is.
#include <gmock/gmock.h>

#include "base/error.h"
#include "contract/welcome/welcome_test.h"
#include "mail/welcome_template.h"
#include "welcome/pin_notice.h"

namespace dialin::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

const TemplateSource& notice_source() {
  static const TemplateSource source = {
      .name = "notice.html",
      .language = "en",
      .html =
          "<html><head><title>Changed</title></head><body><p>AT:[{{CHANGED_AT}}]"
          "{{#SET_DIRECTLY}}DIRECTLY{{/SET_DIRECTLY}}{{#SENT_TO}}SENT:[{{SENT_TO}}]{{/SENT_TO}}</p>"
          "</body></html>",
      .text = std::nullopt,
      .purpose = TemplatePurpose::Notice};
  return source;
}

class Notices : public WelcomeTest {
 protected:
  Notices() {
    settings_.notice_template_of = [](const Person&) {
      return std::optional(NoticeTemplate{"en", template_hash(notice_source()), serialize(notice_source())});
    };
    settings_.notice_sender_of = [this](const Person&) {
      if (!sender_known_) return std::optional<NoticeSender>();
      NoticeSender sender{.from = mailbox("Conferencing <dialin@contoso.com>"),
                          .reply_to = std::nullopt,
                          .envelope_sender = {},
                          .way = {}};
      sender.way.server = "mail.contoso.com";
      return std::optional(std::move(sender));
    };
  }

  // Set-CsClientPin, and what became of the notice in its sentences.
  std::vector<std::string> set_and_tell(Process& process, const Person& bob, const char* digits = "73519") {
    const Pin wanted = pin(digits);
    const PinSet set = process.set_pin(bob, &wanted);
    process.checkpoints.reach("shown");
    if (set.notice.empty()) return {};
    return send_notices(process.environment, settings_, {set.notice});
  }
  std::vector<std::string> set_and_tell(const Person& bob, const char* digits = "73519") {
    Process process(*this);
    return set_and_tell(process, bob, digits);
  }
  static void to_reception(WelcomeRequest& request) {
    request.content.to = mailbox("reception@contoso.com");
    request.content.to_is_from_record = false;
    request.pin = pin("383042650");
  }
  std::int64_t notices_in(WelcomeState state) {
    for (const auto& [s, count] : store().status().notices) {
      if (s == state) return count;
    }
    return 0;
  }

  bool sender_known_ = true;
};
DIALIN_ON_BOTH_STORES(Notices);

TEST_P(Notices, APinThatIsSetWithoutAMailIsToldToThePersonsOwnAddress) {
  const Person bob = person("bob");
  EXPECT_TRUE(set_and_tell(bob).empty());
  ASSERT_EQ(server_.arrived.size(), 1u);
  EXPECT_EQ(last_mail().recipient, "bob@contoso.com");
  EXPECT_THAT(last_mail().content, HasSubstr("Subject: Changed"));
  EXPECT_THAT(last_mail().content, HasSubstr("DIRECTLY"));
  EXPECT_THAT(last_mail().content, HasSubstr("dialin@contoso.com"));
  EXPECT_THAT(last_mail().content, Not(HasSubstr("73519")));
  EXPECT_THAT(last_mail().content, Not(HasSubstr("SENT:")));
  EXPECT_EQ(notices_in(WelcomeState::Sent), 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM audit WHERE event = 'notice-sent'"), 1);
  EXPECT_TRUE(deliver().outcomes.empty());
  EXPECT_FALSE(outbox().unfinished_of(bob.id));
  EXPECT_FALSE(outbox().latest_of(bob.id)) << "a notice is no welcome";
}

TEST_P(Notices, EachChangeIsToldOnce) {
  const Person bob = person("bob");
  set_and_tell(bob, "73519");
  set_and_tell(bob, "86204");
  EXPECT_EQ(mails_to("bob@contoso.com").size(), 2u);
}

TEST_P(Notices, AWelcomeToAnotherAddressIsToldTooAndSaysWhichOne) {
  const Person bob = person("bob");
  const WelcomeReport report = welcome(bob, to_reception);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_FALSE(report.error);
  EXPECT_THAT(report.detail, HasSubstr("notice to bob@contoso.com accepted"));
  EXPECT_EQ(server_.sessions.size(), 1u);
  ASSERT_EQ(server_.arrived.size(), 2u);
  EXPECT_EQ(pin_in(server_.arrived[0]), "383042650");
  EXPECT_EQ(last_mail().recipient, "bob@contoso.com");
  EXPECT_THAT(last_mail().content, HasSubstr("SENT:[reception@contoso.com]"));
  EXPECT_THAT(last_mail().content, HasSubstr("marco@contoso.com")) << "by the welcome's sender";
  EXPECT_THAT(last_mail().content, Not(HasSubstr("383042650")));
}

TEST_P(Notices, NobodyIsToldWhatTheirOwnMailOrCopySays) {
  const Person bob = person("bob");
  welcome(bob);
  EXPECT_EQ(server_.arrived.size(), 1u);
  welcome(bob, [](WelcomeRequest& r) {
    to_reception(r);
    r.force = true;
    r.content.cc = {mailbox("Bob@contoso.com")};
  });
  EXPECT_EQ(server_.arrived.size(), 3u);
  EXPECT_EQ(store().status().notices.size(), 7u);
  EXPECT_EQ(notices_in(WelcomeState::Sent), 0);
}

TEST_P(Notices, NoneBeforeThePinIsValidAndNoneWhereNoneCanBe) {
  const Person bob = person("bob");
  server_.answer(refused_recipient());
  EXPECT_EQ(welcome(bob, to_reception).mail_result, MailResult::Failed);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE notice IS NOT NULL"), 0);
  sender_known_ = false;
  set_and_tell(bob);
  settings_.notice_template_of = [](const Person&) { return std::optional<NoticeTemplate>(); };
  sender_known_ = true;
  set_and_tell(bob, "86204");
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE notice IS NOT NULL"), 0);
  EXPECT_TRUE(is_valid(bob, "86204"));
}

TEST_P(Notices, AServerThatIsAwayIsNoObstacle) {
  const Person bob = person("bob");
  for (int i = 0; i < 3; ++i) server_.refuse_session(no_session(SessionProblem::Unreachable));
  const std::vector<std::string> sentences = set_and_tell(bob);
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_THAT(sentences[0], HasSubstr("stays queued"));
  EXPECT_THAT(sentences[0], HasSubstr("dialin deliver"));
  EXPECT_TRUE(is_valid(bob, "73519"));
  EXPECT_EQ(deliver().outcomes.size(), 1u);
  EXPECT_EQ(mails_to("bob@contoso.com").size(), 1u);
}

TEST_P(Notices, AServerThatComesBackWithinTheTriesGetsIt) {
  const Person bob = person("bob");
  server_.refuse_session(no_session(SessionProblem::Unreachable));
  EXPECT_TRUE(set_and_tell(bob).empty());
  EXPECT_EQ(mails_to("bob@contoso.com").size(), 1u);
}

TEST_P(Notices, ADeferredOneComesWithDeliverAndARefusedOneEnds) {
  const Person bob = person("bob");
  server_.answer(deferred_recipient());
  ASSERT_EQ(set_and_tell(bob).size(), 1u);
  EXPECT_TRUE(deliver().outcomes.empty()) << "not due yet";
  let_pass(seconds(61));
  EXPECT_EQ(deliver().outcomes.size(), 1u);
  EXPECT_EQ(mails_to("bob@contoso.com").size(), 1u);
  server_.answer(refused_recipient("no such bob"));
  const auto refused = set_and_tell(bob, "86204");
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_THAT(refused[0], HasSubstr("no such bob"));
  EXPECT_EQ(notices_in(WelcomeState::Failed), 1);
}

TEST_P(Notices, ARefusalThatMayBeAnybodysStopsNothingElse) {
  const Person bob = person("bob"), anna = person("anna");
  server_.answer(unclear_at_recipient());
  ASSERT_EQ(set_and_tell(bob).size(), 1u);
  EXPECT_TRUE(outbox().pauses().empty());
  EXPECT_EQ(notices_in(WelcomeState::Failed), 1);
  EXPECT_EQ(welcome(anna).mail_result, MailResult::Sent);
}

TEST_P(Notices, ARefusedOneOfAWelcomeStandsInItsDetailAndNothingElse) {
  const Person bob = person("bob");
  server_.answer(accepted());
  server_.answer(refused_recipient("no such bob"));
  const WelcomeReport report = welcome(bob, to_reception);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_FALSE(report.error);
  EXPECT_THAT(report.detail, HasSubstr("notice to bob@contoso.com not accepted"));
  EXPECT_TRUE(is_valid(bob, "383042650"));
}

TEST_P(Notices, ASessionThatEndsBeforeItIsSaidInTheDetail) {
  const Person bob = person("bob");
  server_.answer(accepted());
  server_.answer(connection_lost());
  const WelcomeReport report = welcome(bob, to_reception);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_THAT(report.detail, HasSubstr("queued"));
  let_pass(seconds(61));
  deliver();
  EXPECT_EQ(mails_to("bob@contoso.com").size(), 1u);
}

TEST_P(Notices, APasswordThatCanOnlyBeTypedIsNotAskedFor) {
  const Person bob = person("bob");
  settings_.notice_sender_of = [](const Person&) {
    NoticeSender sender{
        .from = mailbox("dialin@contoso.com"), .reply_to = std::nullopt, .envelope_sender = {}, .way = {}};
    sender.way.server = "mail.contoso.com";
    sender.way.user = "dialin";
    sender.way.password_source = "prompt";
    return std::optional(std::move(sender));
  };
  password_.clear();
  const auto sentences = set_and_tell(bob);
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_THAT(sentences[0], HasSubstr("can only be typed"));
  EXPECT_TRUE(is_valid(bob, "73519"));
}

TEST_P(Notices, WhatFollowsTakesNoneBack) {
  const Person bob = person("bob");
  server_.answer(deferred_recipient());
  set_and_tell(bob);
  set_and_tell(bob, "86204");
  set_lock(bob);
  people().disable(bob.id, marco_);
  let_pass(seconds(61));
  deliver();
  EXPECT_EQ(mails_to("bob@contoso.com").size(), 2u);
}

TEST_P(Notices, ARemovedPersonGetsNone) {
  const Person bob = person("bob"), anna = person("anna");
  server_.answer(deferred_recipient());
  set_and_tell(bob);
  // Anna's is being sent by a process that ends.
  Process process(*this);
  process.checkpoints.at_name = "claimed";
  EXPECT_THROW(set_and_tell(process, anna), Killed);
  people().remove(bob.id, marco_);
  people().remove(anna.id, marco_);
  process.end();
  let_pass(seconds(61));
  deliver();
  EXPECT_TRUE(server_.arrived.empty());
  EXPECT_EQ(
      number("SELECT COUNT(*) FROM welcomes WHERE notice IS NOT NULL AND state IN ('queued', 'sending')"), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE mail_to LIKE '%contoso%' OR copy_to LIKE '%contoso%' "
                   "OR copy_to_key LIKE '%contoso%'"),
            0);
}

TEST_P(Notices, AKillAnywhereLosesNoneAndRepeatsOnlyWhatWasOnTheWire) {
  std::vector<std::string> names;
  {
    Process process(*this);
    set_and_tell(process, person("nobody-kills"));
    names = process.checkpoints.reached;
  }
  EXPECT_THAT(names, testing::Contains("notice-answered"));
  EXPECT_THAT(names, testing::Contains("notice-recorded"));
  for (std::size_t i = 1; i <= names.size(); ++i) {
    SCOPED_TRACE(names[i - 1]);
    const Person bob = person("bob-" + std::to_string(i));
    const std::string address = bob.mail->address();
    {
      Process process(*this);
      process.checkpoints.at_count = static_cast<int>(i);
      EXPECT_THROW(set_and_tell(process, bob), Killed);
    }
    const std::size_t changes = is_valid(bob, "73519") ? 1 : 0;
    deliver();
    const bool on_the_wire = names[i - 1] == "notice-answered" || names[i - 1] == "before-commit-record-copy";
    EXPECT_EQ(mails_to(address).size(), changes + (on_the_wire ? 1 : 0));
    const auto mails = mails_to(address);
    for (const ArrivedMail& mail : mails) EXPECT_EQ(message_id_in(mail), message_id_in(mails[0]));
  }
}

TEST_P(Notices, AKillBetweenAWelcomeAndItsNoticeLosesNone) {
  for (const char* where : {"recorded", "before-commit-record", "after-commit-record", "notice-answered",
                            "before-commit-record-copy", "after-commit-record-copy", "notice-recorded"}) {
    SCOPED_TRACE(where);
    const Person bob = person(std::string("bob-") + where);
    {
      Process process(*this);
      process.checkpoints.at_name = where;
      WelcomeRequest typed = request(bob);
      to_reception(typed);
      rehash(typed);
      EXPECT_THROW(process.run(std::move(typed)), Killed);
    }
    welcome(bob, to_reception);
    deliver();
    const std::string at = where;
    const std::size_t twice = at == "notice-answered" || at == "before-commit-record-copy" ? 1 : 0;
    EXPECT_EQ(mails_to(bob.mail->address()).size(), 1u + twice);
  }
}

}  // namespace
}  // namespace dialin::test
