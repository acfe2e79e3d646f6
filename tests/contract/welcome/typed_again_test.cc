// SPDX-License-Identifier: Apache-2.0
// "Typed again" of doc/delivery.md.
#include <gmock/gmock.h>

#include "base/error.h"
#include "contract/welcome/welcome_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

class TypedAgain : public WelcomeTest {
 protected:
  // A welcome that waits; its first PIN.
  std::string queue(const Person& person) {
    std::string digits;
    server_.answer(refused_sender());
    server_.taken = [&](const OutgoingMessage& message) {
      digits = pin_in({.content = std::string(message.content->reveal(ClearSecretAccess())), .tls = {}});
    };
    EXPECT_EQ(welcome(person).mail_result, MailResult::Queued);
    server_.taken = nullptr;
    for (const Pause& pause : outbox().pauses()) outbox().end_pause(pause.id, marco_);
    return digits;
  }
};
DIALIN_ON_BOTH_STORES(TypedAgain);

TEST_P(TypedAgain, GoesOnWithTheSamePinAndMessageIdWithAndWithoutForce) {
  for (const bool force : {false, true}) {
    const Person bob = person(force ? "forced" : "bob");
    const std::string digits = queue(bob);
    const WelcomeRow before = latest(bob);
    const WelcomeReport report = welcome(bob, [&](WelcomeRequest& r) { r.force = force; });
    EXPECT_EQ(report.id, before.id);
    EXPECT_EQ(report.mail_result, MailResult::Sent);
    EXPECT_EQ(pin_in(last_mail()), digits);
    EXPECT_EQ(message_id_in(last_mail()), before.message_id);
  }
}

TEST_P(TypedAgain, OtherContentChangesItInPlace) {
  const Person bob = person("bob");
  const std::string digits = queue(bob);
  Process process(*this);
  WelcomeRequest other = request(bob);
  other.content.subject = "Another subject";
  other.content.from = mailbox("anna@contoso.com");
  other.content.to = mailbox("bob@private.example");
  other.content.to_is_from_record = false;
  rehash(other);
  const WelcomeReport report = process.run(std::move(other));
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_THAT(process.all_said(), HasSubstr("Another subject"));
  EXPECT_EQ(last_mail().recipient, "bob@private.example");
  EXPECT_EQ(last_mail().envelope_sender, "anna@contoso.com");
  EXPECT_THAT(last_mail().content, HasSubstr("Subject: Another subject"));
  EXPECT_EQ(pin_in(last_mail()), digits);
  EXPECT_TRUE(is_valid(bob, digits));
}

TEST_P(TypedAgain, ANamedPinTakesThePlaceOfTheOneThatWaits) {
  const Person bob = person("bob");
  const std::string digits = queue(bob);
  const std::string id = latest(bob).id;
  const WelcomeReport report = welcome(bob, [](WelcomeRequest& r) { r.pin = pin("383042650"); });
  EXPECT_EQ(report.id, id);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_EQ(pin_in(last_mail()), "383042650");
  EXPECT_TRUE(is_valid(bob, "383042650"));
  EXPECT_FALSE(is_valid(bob, digits));
}

TEST_P(TypedAgain, TheSamePinNamedChangesNothing) {
  const Person bob = person("bob");
  server_.answer(deferred_recipient());
  welcome(bob, [](WelcomeRequest& r) { r.pin = pin("383042650"); });
  const std::int64_t version = version_of(bob.id);
  server_.answer(deferred_recipient());
  EXPECT_EQ(welcome(bob, [](WelcomeRequest& r) { r.pin = pin("383042650"); }).mail_result,
            MailResult::Queued);
  EXPECT_EQ(version_of(bob.id), version);
}

TEST_P(TypedAgain, ANamedPinThatMayNotBeLeavesItAsItWas) {
  const Person bob = person("bob");
  queue(bob);
  EXPECT_THAT([&] { welcome(bob, [](WelcomeRequest& r) { r.pin = pin("11111"); }); },
              ThrowsMessage<Error>(HasSubstr("PinDoesNotMeetMinimumRequirements")));
  EXPECT_EQ(latest(bob).state, WelcomeState::Queued);
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
}

TEST_P(TypedAgain, WhatMayHaveArrivedIsNotChanged) {
  const Person bob = person("bob");
  server_.answer(reply_lost(true));
  welcome(bob);
  const std::string digits = pin_in(last_mail());
  try {
    welcome(bob, [](WelcomeRequest& r) { r.content.subject = "Another subject"; });
    FAIL() << "was changed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Precondition);
    EXPECT_THAT(error.what(), HasSubstr("subject: \"\", now \"Another subject\""));
    EXPECT_THAT(error.next(), HasSubstr("dialin cancel bob@contoso.com"));
  }
  EXPECT_THAT([&] { welcome(bob, [](WelcomeRequest& r) { r.pin = pin("383042650"); }); },
              ThrowsMessage<Error>(HasSubstr("the PIN differs")));
  EXPECT_EQ(server_.arrived.size(), 1u);
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
  EXPECT_EQ(pin_in(last_mail()), digits);
}

TEST_P(TypedAgain, AfterCancelItIsANewOne) {
  const Person bob = person("bob");
  server_.answer(reply_lost(true));
  welcome(bob);
  EXPECT_EQ(outbox().cancel(bob.id, marco_).outcome, CancelResult::Outcome::CancelledMayHaveArrived);
  const WelcomeReport report = welcome(bob, [](WelcomeRequest& r) { r.content.subject = "Another subject"; });
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_NE(message_id_in(server_.arrived[0]), message_id_in(server_.arrived[1]));
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(TypedAgain, AnotherWayIsTakenAndSaid) {
  const Person bob = person("bob");
  const std::string digits = queue(bob);
  Process process(*this);
  WelcomeRequest other = request(bob);
  other.way = {.server = "relay.contoso.com",
               .port = 587,
               .tls = WelcomeWay::Tls::Required,
               .user = "admin@contoso.com",
               .password_source = "environment"};
  const WelcomeReport report = process.run(std::move(other));
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_EQ(server_.sessions.back().host, "relay.contoso.com");
  EXPECT_EQ(server_.sessions.back().port, 587);
  EXPECT_EQ(server_.sessions.back().user, "admin@contoso.com");
  EXPECT_EQ(server_.passwords_used.back(), "correct horse");
  EXPECT_THAT(process.all_said(), HasSubstr("relay.contoso.com:587"));
  EXPECT_EQ(pin_in(last_mail()), digits);
}

TEST_P(TypedAgain, TlsIsNeverWeakerThanTheWelcomeAsked) {
  const Person bob = person("bob");
  server_.answer(deferred_recipient());
  welcome(bob, [](WelcomeRequest& r) { r.way.tls = WelcomeWay::Tls::Required; });
  EXPECT_EQ(server_.sessions.back().tls, TlsMode::Required);
  Process process(*this);
  server_.answer(deferred_recipient());
  process.run(request(bob));  // without -UseSsl
  EXPECT_EQ(server_.sessions.back().tls, TlsMode::Required);
  EXPECT_THAT(process.all_said(), Not(HasSubstr("It now goes by")));
  EXPECT_THAT(process.all_said(), HasSubstr("It keeps verified TLS"));
  let_pass(hours(2));
  deliver();
  EXPECT_EQ(last_mail().tls, TlsMode::Required);
}

TEST_P(TypedAgain, TlsThatIsAskedForWhileASessionIsOpenIsNotGoneWithout) {
  const Person bob = person("bob"), anna = person("anna");
  for (const Person& each : {bob, anna}) {
    queue(each);
    let_pass(hours(1));
  }
  // deliver has opened a session without TLS for both when somebody asks for TLS for Anna.
  server_.taken = [&](const OutgoingMessage& message) {
    if (message.recipient.address() != "bob@contoso.com") return;
    WelcomeWay way = latest(anna).way;
    way.tls = WelcomeWay::Tls::Required;
    outbox().change_way(latest(anna).id, way, marco_);
  };
  deliver();
  server_.taken = nullptr;
  if (latest(anna).state == WelcomeState::Queued) deliver();
  EXPECT_EQ(latest(bob).state, WelcomeState::Sent);
  EXPECT_EQ(latest(anna).state, WelcomeState::Sent);
  ASSERT_EQ(mails_to("anna@contoso.com").size(), 1u);
  EXPECT_EQ(mails_to("anna@contoso.com")[0].tls, TlsMode::Required);
}

TEST_P(TypedAgain, TlsThatIsAskedForBeforeTheClaimIsTakenByTheCommandItself) {
  const Person bob = person("bob");
  server_.connecting = [&] {
    server_.connecting = nullptr;
    WelcomeWay way = latest(bob).way;
    way.tls = WelcomeWay::Tls::Required;
    outbox().change_way(latest(bob).id, way, marco_);
  };
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
  ASSERT_EQ(server_.arrived.size(), 1u);
  EXPECT_EQ(last_mail().tls, TlsMode::Required);
}

// ---- Finished, and not reported

TEST_P(TypedAgain, AFinishedOneThatWasNotShownIsShownAndNothingElseHappens) {
  for (const bool force : {false, true}) {
    SCOPED_TRACE(force);
    const Person bob = person(force ? "forced" : "bob");
    const auto typed = [&](Process& process) {
      WelcomeRequest again = request(bob);
      again.force = force;
      rehash(again);
      return process.run(std::move(again));
    };
    {
      Process process(*this);
      process.checkpoints.at_name = "printed";
      EXPECT_THROW(typed(process), Killed);
    }
    const std::string digits = pin_in(last_mail());
    const std::size_t mails = server_.arrived.size();
    Process process(*this);
    const WelcomeReport report = typed(process);
    EXPECT_EQ(report.mail_result, MailResult::Sent);
    EXPECT_EQ(report.pin_result, PinResult::Set);
    EXPECT_FALSE(report.error);
    EXPECT_THAT(report.detail, HasSubstr("not shown then"));
    EXPECT_EQ(server_.arrived.size(), mails);
    EXPECT_TRUE(is_valid(bob, digits));
    // Now it was shown.
    Process next(*this);
    const WelcomeReport after = typed(next);
    EXPECT_EQ(after.pin_result, force ? PinResult::Replaced : PinResult::AlreadySet);
    EXPECT_EQ(server_.arrived.size(), mails + (force ? 1 : 0));
  }
}

TEST_P(TypedAgain, OneThatDeliverFinishedIsShown) {
  const Person bob = person("bob");
  queue(bob);
  let_pass(seconds(3600));
  deliver();
  EXPECT_EQ(server_.arrived.size(), 1u);
  const WelcomeReport report = welcome(bob);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_THAT(report.detail, HasSubstr("not shown then"));
  EXPECT_EQ(server_.arrived.size(), 1u);
}

TEST_P(TypedAgain, AfterADayOrForAnotherCommandOrOperatorItIsNotShown) {
  const auto unshown = [&](const std::string& name) {
    const Person someone = person(name);
    Process process(*this);
    process.checkpoints.at_name = "printed";
    EXPECT_THROW(process.run(request(someone)), Killed);
    return someone;
  };
  const Person bob = unshown("bob"), anna = unshown("anna"), carl = unshown("carl"), dora = unshown("dora");
  EXPECT_EQ(welcome(bob, [](WelcomeRequest& r) { r.content.subject = "Another"; }).pin_result,
            PinResult::AlreadySet);
  EXPECT_EQ(welcome(carl, [](WelcomeRequest& r) { r.force = true; }).pin_result, PinResult::Replaced);
  Process other(*this);
  other.environment.by.name = "anna";
  EXPECT_EQ(other.run(request(dora)).pin_result, PinResult::AlreadySet);
  let_pass(hours(25));
  EXPECT_EQ(welcome(anna).pin_result, PinResult::AlreadySet);
}

TEST_P(TypedAgain, AnUnshownOneWithAnotherNamedPinIsAnotherCommand) {
  const Person bob = person("bob");
  const auto typed = [&](Process& process, const std::string& digits) {
    WelcomeRequest named = request(bob);
    named.pin = pin(digits);
    named.force = true;
    rehash(named);
    return process.run(std::move(named));
  };
  {
    Process process(*this);
    process.checkpoints.at_name = "printed";
    EXPECT_THROW(typed(process, "383042650"), Killed);
  }
  Process same(*this);
  EXPECT_THAT(typed(same, "383042650").detail, HasSubstr("not shown then"));
  {
    Process process(*this);
    process.checkpoints.at_name = "printed";
    EXPECT_THROW(typed(process, "18723834"), Killed);
  }
  Process another(*this);
  const WelcomeReport report = typed(another, "383042650");
  EXPECT_EQ(report.pin_result, PinResult::Replaced);
  EXPECT_TRUE(is_valid(bob, "383042650"));
}

TEST_P(TypedAgain, AnUnshownOneWhosePinWasReplacedSinceSaysSo) {
  const Person bob = person("bob");
  {
    Process process(*this);
    process.checkpoints.at_name = "printed";
    EXPECT_THROW(process.run(request(bob)), Killed);
  }
  let_pass(seconds(1));
  set_pin_to(bob, "86204");
  EXPECT_THAT(welcome(bob).detail, HasSubstr("changed again since then"));
  EXPECT_TRUE(is_valid(bob, "86204"));
}

TEST_P(TypedAgain, WhatWasPrintedIsNoFailureBecauseItCouldNotBeNoted) {
  for (const Fault fault : {Fault::NotDone, Fault::AnswerLost}) {
    const Person bob = person(fault == Fault::NotDone ? "bob" : "anna");
    Process process(*this);
    process.checkpoints.also = [&](std::string_view name) {
      if (name == "printed") process.plan->fail_at(1, fault);
    };
    EXPECT_FALSE(process.run(request(bob)).error);
    EXPECT_EQ(process.plan->failed(), 1);
    EXPECT_THAT(process.all_said(), HasSubstr("could not be noted"));
  }
}

TEST_P(TypedAgain, ARefusalThatWasNotShownIsShown) {
  const Person bob = person("bob");
  server_.answer(refused_recipient());
  {
    Process process(*this);
    process.checkpoints.at_name = "recorded";
    EXPECT_THROW(process.run(request(bob)), Killed);
  }
  const WelcomeReport report = welcome(bob);
  EXPECT_EQ(report.mail_result, MailResult::Failed);
  EXPECT_THAT(report.detail, HasSubstr("no such user"));
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
}

TEST_P(TypedAgain, TwoAtOnceIssueOne) {
  const Person bob = person("bob");
  Process first(*this);
  std::optional<WelcomeReport> other;
  first.checkpoints.also = [&](std::string_view name) {
    if (name == "before-issue" && !other) other = welcome(bob);
  };
  WelcomeRequest typed = request(bob);
  typed.force = true;  // else it would find the PIN that the other one set
  rehash(typed);
  first.run(std::move(typed));
  EXPECT_EQ(other->mail_result, MailResult::Sent);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes WHERE state IN ('queued', 'sending', 'uncertain')"), 0);
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(TypedAgain, AnotherOneThatIsIssuedMeanwhileIsGoneOnWith) {
  const Person bob = person("bob");
  Process first(*this);
  first.checkpoints.also = [&](std::string_view name) {
    if (name != "before-issue") return;
    server_.answer(deferred_recipient());
    welcome(bob);
  };
  const WelcomeReport report = first.run(request(bob));
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes"), 1);
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

}  // namespace
}  // namespace dialin::test
