// SPDX-License-Identifier: Apache-2.0
// One welcome from command to valid PIN, and every cell of the event table of doc/delivery.md as the command
// shows it.
#include <gmock/gmock.h>

#include "base/error.h"
#include "contract/welcome/welcome_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;

class Delivering : public WelcomeTest {};
DIALIN_ON_BOTH_STORES(Delivering);

TEST_P(Delivering, AcceptedMakesThePinValidAndNothingBefore) {
  const Person bob = person("bob");
  server_.content_written = [&](const OutgoingMessage&) { EXPECT_FALSE(has_pin(bob)); };
  server_.answering = server_.content_written;
  const WelcomeReport report = welcome(bob);
  EXPECT_EQ(report.pin_result, PinResult::Set);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_FALSE(report.error);
  EXPECT_EQ(report.sent_to->address(), "bob@contoso.com");
  ASSERT_EQ(server_.arrived.size(), 1u);
  EXPECT_EQ(last_mail().recipient, "bob@contoso.com");
  EXPECT_EQ(last_mail().envelope_sender, "marco@contoso.com");
  EXPECT_EQ(message_id_in(last_mail()), report.message_id);
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
  ASSERT_TRUE(report.pin);
  EXPECT_TRUE(report.pin->same_as(pin(pin_in(last_mail()))));
  EXPECT_EQ(latest(bob).state, WelcomeState::Sent);
  EXPECT_FALSE(has_seal(report.id));
  EXPECT_TRUE(latest(bob).reported_at);
}

TEST_P(Delivering, ReplacesAPinOnlyWithForce) {
  const Person bob = person("bob");
  set_pin_to(bob, "73519");
  const WelcomeReport kept = welcome(bob);
  EXPECT_EQ(kept.pin_result, PinResult::AlreadySet);
  EXPECT_EQ(kept.mail_result, MailResult::NotSent);
  EXPECT_FALSE(kept.error);
  EXPECT_TRUE(server_.arrived.empty());
  EXPECT_THAT([&] { welcome(bob, [](WelcomeRequest& r) { r.pin = pin("86204"); }); },
              testing::ThrowsMessage<Error>(HasSubstr("PinAlreadySet")));
  EXPECT_TRUE(is_valid(bob, "73519"));

  const WelcomeReport replaced = welcome(bob, [](WelcomeRequest& r) { r.force = true; });
  EXPECT_EQ(replaced.pin_result, PinResult::Replaced);
  EXPECT_FALSE(is_valid(bob, "73519"));
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(Delivering, APinThatIsNamedIsTheOneInTheMail) {
  const Person bob = person("bob");
  welcome(bob, [](WelcomeRequest& r) { r.pin = pin("383042650"); });
  EXPECT_EQ(pin_in(last_mail()), "383042650");
  EXPECT_TRUE(is_valid(bob, "383042650"));
}

TEST_P(Delivering, LockedAndDisabledPeopleAreRefused) {
  const Person bob = person("bob");
  set_lock(bob);
  EXPECT_THAT([&] { welcome(bob); }, testing::ThrowsMessage<Error>(HasSubstr("UserPinAccountLocked")));
  const Person anna = person("anna");
  people().disable(anna.id, marco_);
  EXPECT_THAT([&] { welcome(again(anna)); },
              testing::ThrowsMessage<Error>(HasSubstr("PinNotEnabledForUser")));
  EXPECT_TRUE(server_.sessions.empty());
}

// ---- Refused, Deferred, Unknown under the current claim

TEST_P(Delivering, RefusedRecipientAndContentFailAndKeepTheFormerPin) {
  const std::vector<ServerAnswer> answers = {refused_recipient(), refused_content()};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Person bob = person("bob" + std::to_string(i));
    set_pin_to(bob, "73519");
    server_.answer(answers[i]);
    const WelcomeReport report = welcome(bob, [](WelcomeRequest& r) { r.force = true; });
    EXPECT_EQ(report.pin_result, PinResult::Kept);
    EXPECT_EQ(report.mail_result, MailResult::Failed);
    ASSERT_TRUE(report.error);
    EXPECT_EQ(exit_code(report.error->code()), 1);
    EXPECT_THAT(report.detail, HasSubstr(answers[i].delivery.text));
    EXPECT_EQ(latest(bob).state, WelcomeState::Failed);
    EXPECT_FALSE(has_seal(report.id));
    EXPECT_TRUE(is_valid(bob, "73519"));
    // Typed again it is a new one.
    const WelcomeReport next = welcome(bob, [](WelcomeRequest& r) { r.force = true; });
    EXPECT_EQ(next.mail_result, MailResult::Sent);
    EXPECT_NE(next.id, report.id);
  }
}

TEST_P(Delivering, DeferredStaysQueuedUntilItIsDue) {
  const Person bob = person("bob");
  set_pin_to(bob, "73519");
  server_.answer(deferred_recipient());
  const WelcomeReport report = welcome(bob, [](WelcomeRequest& r) { r.force = true; });
  EXPECT_EQ(report.mail_result, MailResult::Queued);
  ASSERT_TRUE(report.error);
  EXPECT_EQ(exit_code(report.error->code()), 75);
  EXPECT_EQ(server_.sessions.size(), 1u) << "only the session is tried three times";
  EXPECT_EQ(latest(bob).attempts, 1);
  EXPECT_TRUE(has_seal(report.id));
  EXPECT_TRUE(is_valid(bob, "73519"));

  EXPECT_TRUE(deliver().outcomes.empty()) << "not due yet";
  let_pass(seconds(61));
  const DueReport due = deliver();
  ASSERT_EQ(due.outcomes.size(), 1u);
  EXPECT_EQ(due.outcomes[0].record->outcome, RecordResult::Outcome::Sent);
  EXPECT_EQ(latest(bob).message_id, message_id_in(last_mail()));
  EXPECT_FALSE(is_valid(bob, "73519"));
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(Delivering, ThreeUnknownsMakeItUncertainWithTheSamePinAndMessageId) {
  const Person bob = person("bob");
  for (int i = 1; i <= 3; ++i) {
    server_.answer(reply_lost(true));
    const WelcomeReport report = welcome(bob);
    EXPECT_EQ(report.mail_result, i < 3 ? MailResult::Queued : MailResult::Uncertain) << i;
    ASSERT_TRUE(report.error);
    EXPECT_EQ(exit_code(report.error->code()), i < 3 ? 75 : 1) << i;
    EXPECT_FALSE(has_pin(bob));
    EXPECT_TRUE(latest(bob).may_have_arrived);
  }
  ASSERT_EQ(server_.arrived.size(), 3u);
  for (const ArrivedMail& mail : server_.arrived) {
    EXPECT_EQ(pin_in(mail), pin_in(last_mail()));
    EXPECT_EQ(message_id_in(mail), message_id_in(last_mail()));
  }
  EXPECT_EQ(latest(bob).state, WelcomeState::Uncertain);
  // deliver leaves it alone; the same command sends it once more, and then it is valid.
  let_pass(hours(2));
  EXPECT_TRUE(deliver().outcomes.empty());
  EXPECT_EQ(server_.arrived.size(), 3u);
  const WelcomeReport report = welcome(bob);
  EXPECT_EQ(report.mail_result, MailResult::Sent);
  EXPECT_EQ(pin_in(last_mail()), pin_in(server_.arrived.front()));
  EXPECT_TRUE(is_valid(bob, pin_in(last_mail())));
}

TEST_P(Delivering, AReplyThatWasLostAndThenARefusalIsUncertainNotFailed) {
  for (const ServerAnswer& refusal : {refused_recipient(), refused_content()}) {
    const Person bob = person("bob" + std::to_string(server_.sessions.size()));
    server_.answer(reply_lost(true));
    welcome(bob);
    server_.answer(refusal);
    const WelcomeReport report = welcome(bob);
    EXPECT_EQ(report.mail_result, MailResult::Uncertain);
    EXPECT_EQ(exit_code(report.error->code()), 1);
    EXPECT_TRUE(has_seal(report.id)) << "the mail that may have arrived can still become valid";
  }
}

TEST_P(Delivering, AnUncertainOneThatIsDeferredIsQueuedAgain) {
  const Person bob = person("bob");
  for (int i = 0; i < 3; ++i) server_.answer(reply_lost(false));
  for (int i = 0; i < 3; ++i) welcome(bob);
  server_.answer(deferred_recipient());
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Queued);
  server_.answer(refused_recipient());
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Uncertain);
}

TEST_P(Delivering, AnUncertainOneThatCannotBeTriedStaysUncertainAndSaysWhy) {
  const Person bob = person("bob");
  for (int i = 0; i < 3; ++i) server_.answer(reply_lost(false));
  for (int i = 0; i < 3; ++i) welcome(bob);
  for (int i = 0; i < 3; ++i) server_.refuse_session(no_session(SessionProblem::Unreachable));
  const WelcomeReport report = welcome(bob);
  EXPECT_EQ(report.mail_result, MailResult::Uncertain);
  EXPECT_THAT(report.detail, HasSubstr("connection refused"));
  EXPECT_EQ(exit_code(report.error->code()), 75);
  EXPECT_EQ(latest(bob).state, WelcomeState::Uncertain);
}

// ---- Time

TEST_P(Delivering, MaxQueueTimeFailsOrMakesUncertainIfItMayHaveArrived) {
  const Person bob = person("bob"), anna = person("anna");
  server_.answer(deferred_recipient());
  welcome(bob);
  server_.answer(reply_lost(true));
  welcome(anna);
  let_pass(hours(49));
  server_.always([](const OutgoingMessage&) { return deferred_recipient(); });
  EXPECT_EQ(deliver().swept, 2u);
  EXPECT_EQ(latest(bob).state, WelcomeState::Failed);
  EXPECT_FALSE(has_seal(latest(bob).id));
  EXPECT_EQ(latest(anna).state, WelcomeState::Uncertain);
  EXPECT_TRUE(has_seal(latest(anna).id));
  EXPECT_EQ(server_.sessions.size(), 2u);
  // The command that queued it tells it when it is typed again.
  const WelcomeReport told = welcome(bob);
  EXPECT_EQ(told.mail_result, MailResult::Failed);
  EXPECT_THAT(told.detail, HasSubstr("not shown then"));
}

TEST_P(Delivering, SevenDaysAfterItBecameUncertainItFails) {
  const Person bob = person("bob");
  for (int i = 0; i < 3; ++i) server_.answer(reply_lost(true));
  for (int i = 0; i < 3; ++i) welcome(bob);
  let_pass(hours(7 * 24 + 1));
  EXPECT_EQ(deliver().swept, 1u);
  EXPECT_EQ(latest(bob).state, WelcomeState::Failed);
  EXPECT_FALSE(has_seal(latest(bob).id));
}

// ---- What was decided while it was being sent

TEST_P(Delivering, ASetWaitsForALiveLease) {
  const Person bob = person("bob");
  server_.content_written = [&](const OutgoingMessage&) {
    EXPECT_EQ(StoreTest::set_pin(bob.id).outcome, SetPinResult::Outcome::DeliveryInProgress);
  };
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
}

TEST_P(Delivering, CancelIsRefusedWhileTheLeaseIsLive) {
  const Person bob = person("bob");
  server_.content_written = [&](const OutgoingMessage&) {
    EXPECT_EQ(outbox().cancel(bob.id, marco_).outcome, CancelResult::Outcome::InProgress);
  };
  EXPECT_EQ(welcome(bob).mail_result, MailResult::Sent);
}

TEST_P(Delivering, WhatWasDecidedMeanwhileMakesTheArrivedPinInvalidAndThatIsSaid) {
  struct Decision {
    const char* name;
    std::function<void(const Person&)> make;
    bool lease_must_have_run_out;
  };
  const std::vector<Decision> decisions = {
      {"lock", [&](const Person& p) { set_lock(p); }, false},
      {"disable", [&](const Person& p) { people().disable(p.id, marco_); }, false},
      {"remove", [&](const Person& p) { people().remove(p.id, marco_); }, false},
      {"set", [&](const Person& p) { set_pin_to(p, "86204"); }, true},
      {"cancel", [&](const Person& p) { outbox().cancel(p.id, marco_); }, true},
  };
  for (const Decision& decision : decisions) {
    SCOPED_TRACE(decision.name);
    const Person bob = person(std::string("bob") + decision.name);
    server_.content_written = [&](const OutgoingMessage&) {
      if (decision.lease_must_have_run_out) let_pass(seconds(61));
      decision.make(bob);
    };
    Process process(*this);
    const WelcomeReport report = process.run_unreported(request(bob));
    server_.forget_script();
    EXPECT_EQ(report.mail_result, MailResult::Sent);
    EXPECT_EQ(report.pin_result, PinResult::Kept);
    ASSERT_TRUE(report.error);
    EXPECT_EQ(exit_code(report.error->code()), 1);
    EXPECT_THAT(report.detail, HasSubstr("not valid"));
    const std::string arrived = pin_in(last_mail());
    EXPECT_THAT(events(), Contains("welcome-arrived-invalid"));
    if (std::string(decision.name) == "remove") continue;
    EXPECT_FALSE(is_valid(bob, arrived));
    // A command that could not print says the same when it is typed again, unless it is refused by then.
    process.end();
    if (std::string(decision.name) == "set" || std::string(decision.name) == "cancel") {
      const WelcomeReport told = welcome(bob);
      EXPECT_EQ(told.mail_result, MailResult::Sent);
      EXPECT_EQ(told.pin_result, PinResult::Kept);
      EXPECT_EQ(exit_code(told.error->code()), 1);
      EXPECT_THAT(told.detail, HasSubstr("not shown then"));
    }
  }
}

TEST_P(Delivering, WhatWasDecidedMeanwhileEndsAnAttemptThatWasNotAccepted) {
  const Person bob = person("bob");
  server_.answer(deferred_recipient());
  server_.taken = [&](const OutgoingMessage&) { set_lock(bob); };
  const WelcomeReport report = welcome(bob);
  EXPECT_EQ(report.mail_result, MailResult::NotSent);
  EXPECT_EQ(exit_code(report.error->code()), 1);
  EXPECT_EQ(latest(bob).state, WelcomeState::Superseded);
  EXPECT_FALSE(has_seal(report.id));
}

TEST_P(Delivering, APersonRemovedBeforeTheClaimIsSaid) {
  const Person bob = person("bob");
  server_.connecting = [&] { people().remove(bob.id, marco_); };
  EXPECT_THAT([&] { welcome(bob); }, testing::ThrowsMessage<Error>(HasSubstr("removed")));
  EXPECT_TRUE(server_.arrived.empty());
}

TEST_P(Delivering, AWaitingOneIsSupersededByASet) {
  const Person bob = person("bob");
  server_.answer(deferred_recipient());
  welcome(bob);
  set_pin_to(bob, "86204");
  EXPECT_EQ(latest(bob).state, WelcomeState::Superseded);
  let_pass(hours(2));
  EXPECT_TRUE(deliver().outcomes.empty());
  EXPECT_TRUE(is_valid(bob, "86204"));
}

}  // namespace
}  // namespace dialin::test
