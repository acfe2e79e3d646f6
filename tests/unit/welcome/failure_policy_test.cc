// SPDX-License-Identifier: Apache-2.0
// "What a failure belongs to" of doc/delivery.md, row by row.
#include "welcome/failure_policy.h"

#include <gtest/gtest.h>

#include "welcome/outbox_session.h"

namespace dialin::test {
namespace {

using std::chrono::minutes;
using End = AttemptRecord::End;

Delivery delivery(DeliveryResult result, DeliveryScope scope, SessionProblem problem = SessionProblem::None,
                  int code = 0) {
  Delivery delivery;
  delivery.result = result;
  delivery.scope = scope;
  delivery.problem = problem;
  delivery.reply_code = code;
  delivery.during = "RCPT TO";
  delivery.text = "words of the server";
  delivery.server = "mail.contoso.com:25";
  return delivery;
}

Delivery session(SessionProblem problem, int code = 0) {
  return delivery(DeliveryResult::Deferred, DeliveryScope::Session, problem, code);
}

WelcomeWay way() {
  return {
      .server = "mail.contoso.com", .port = 587, .user = "admin@contoso.com", .password_source = "prompt"};
}

constexpr DeliveryScope kScopes[] = {DeliveryScope::None,    DeliveryScope::Session,
                                     DeliveryScope::Sender,  DeliveryScope::Recipient,
                                     DeliveryScope::Unclear, DeliveryScope::Content};

TEST(RecipientRetry, OneFiveFifteenSixtyMinutesThenHourly) {
  EXPECT_EQ(recipient_retry_after(1), minutes(1));
  EXPECT_EQ(recipient_retry_after(2), minutes(5));
  EXPECT_EQ(recipient_retry_after(3), minutes(15));
  EXPECT_EQ(recipient_retry_after(4), minutes(60));
  EXPECT_EQ(recipient_retry_after(5), minutes(60));
  EXPECT_EQ(recipient_retry_after(1000), minutes(60));
}

TEST(RecordedEnd, AcceptedUnknownAndDeferredAreThemselvesWhateverTheScope) {
  for (DeliveryScope scope : kScopes) {
    EXPECT_EQ(recorded_end(delivery(DeliveryResult::Accepted, scope)), End::Accepted);
    EXPECT_EQ(recorded_end(delivery(DeliveryResult::Unknown, scope)), End::Unknown);
    EXPECT_EQ(recorded_end(delivery(DeliveryResult::Deferred, scope)), End::Deferred);
  }
}

TEST(RecordedEnd, OnlyRecipientAndContentFailThePerson) {
  for (DeliveryScope scope : kScopes) {
    const bool fails = scope == DeliveryScope::Recipient || scope == DeliveryScope::Content;
    EXPECT_EQ(recorded_end(delivery(DeliveryResult::Refused, scope)), fails ? End::Refused : End::Deferred)
        << static_cast<int>(scope);
  }
}

TEST(CountsAsAttempt, RecipientContentAndUnknown) {
  EXPECT_TRUE(counts_as_attempt(delivery(DeliveryResult::Deferred, DeliveryScope::Recipient)));
  EXPECT_TRUE(counts_as_attempt(delivery(DeliveryResult::Deferred, DeliveryScope::Content)));
  EXPECT_TRUE(counts_as_attempt(delivery(DeliveryResult::Unknown, DeliveryScope::None)));
  EXPECT_FALSE(counts_as_attempt(delivery(DeliveryResult::Deferred, DeliveryScope::Session)));
  EXPECT_FALSE(counts_as_attempt(delivery(DeliveryResult::Deferred, DeliveryScope::Sender)));
  EXPECT_FALSE(counts_as_attempt(delivery(DeliveryResult::Refused, DeliveryScope::Unclear)));
}

TEST(PauseFor, SenderAndUnclearPauseRelayAccountAndSender) {
  for (DeliveryScope scope : {DeliveryScope::Sender, DeliveryScope::Unclear}) {
    const auto pause = pause_for(delivery(DeliveryResult::Deferred, scope, SessionProblem::None, 550), way(),
                                 "marco@contoso.com");
    ASSERT_TRUE(pause);
    EXPECT_EQ(pause->reason, Pause::Reason::SenderRefused);
    EXPECT_EQ(pause->server, "mail.contoso.com");
    EXPECT_EQ(pause->port, 587);
    EXPECT_EQ(pause->user, "admin@contoso.com");
    EXPECT_EQ(pause->sender, "marco@contoso.com");
    EXPECT_NE(pause->words.find("words of the server"), std::string::npos);
  }
}

TEST(PauseFor, ARefusedPasswordPausesRelayAndAccountForEverySender) {
  const auto pause = pause_for(session(SessionProblem::PasswordRefused, 535), way(), "marco@contoso.com");
  ASSERT_TRUE(pause);
  EXPECT_EQ(pause->reason, Pause::Reason::Password);
  EXPECT_EQ(pause->sender, "");
  EXPECT_EQ(pause->user, "admin@contoso.com");
}

TEST(PauseFor, NothingElsePauses) {
  for (DeliveryScope scope :
       {DeliveryScope::None, DeliveryScope::Session, DeliveryScope::Recipient, DeliveryScope::Content}) {
    for (DeliveryResult result : {DeliveryResult::Accepted, DeliveryResult::Deferred, DeliveryResult::Refused,
                                  DeliveryResult::Unknown}) {
      EXPECT_FALSE(pause_for(delivery(result, scope), way(), "marco@contoso.com"));
    }
  }
  for (SessionProblem problem :
       {SessionProblem::Unreachable, SessionProblem::TlsNotOffered, SessionProblem::CertificateRefused,
        SessionProblem::TooBusy, SessionProblem::AuthNotOffered, SessionProblem::LeaseLost}) {
    EXPECT_FALSE(pause_for(session(problem), way(), "marco@contoso.com"));
  }
}

TEST(WorthTryingSoon, ServerAwayBusyOrForNow) {
  EXPECT_TRUE(worth_trying_soon(session(SessionProblem::Unreachable)));
  EXPECT_TRUE(worth_trying_soon(session(SessionProblem::Unreachable, 554)));
  EXPECT_TRUE(worth_trying_soon(session(SessionProblem::TooBusy, 421)));
  EXPECT_TRUE(worth_trying_soon(session(SessionProblem::None, 451)));  // 4yz to MAIL
}

TEST(WorthTryingSoon, NotWhatWillBeTheSameInHalfAMinute) {
  for (SessionProblem problem :
       {SessionProblem::TlsNotOffered, SessionProblem::TlsFailed, SessionProblem::CertificateRefused,
        SessionProblem::AuthNotOffered, SessionProblem::PasswordRefused, SessionProblem::ProtocolBroken,
        SessionProblem::LeaseLost}) {
    EXPECT_FALSE(worth_trying_soon(session(problem, 454))) << static_cast<int>(problem);
  }
  EXPECT_FALSE(worth_trying_soon(session(SessionProblem::None)));  // stopped by ourselves
  EXPECT_FALSE(worth_trying_soon(session(SessionProblem::None, 550)));
  EXPECT_FALSE(worth_trying_soon(
      delivery(DeliveryResult::Deferred, DeliveryScope::Recipient, SessionProblem::None, 450)));
  EXPECT_FALSE(
      worth_trying_soon(delivery(DeliveryResult::Unknown, DeliveryScope::None, SessionProblem::Unreachable)));
  EXPECT_FALSE(worth_trying_soon(delivery(DeliveryResult::Accepted, DeliveryScope::None)));
}

TEST(Covers, ServerPortAndAccountAndTheSenderIfOneIsNamed) {
  Pause pause = *pause_for(session(SessionProblem::PasswordRefused), way(), "");
  EXPECT_TRUE(covers(pause, way(), "marco@contoso.com"));
  WelcomeWay other = way();
  other.server = "other.contoso.com";
  EXPECT_FALSE(covers(pause, other, ""));
  other = way();
  other.port = 25;
  EXPECT_FALSE(covers(pause, other, ""));
  other = way();
  other.user = "somebody@contoso.com";
  EXPECT_FALSE(covers(pause, other, ""));
  pause.sender = "marco@contoso.com";
  EXPECT_TRUE(covers(pause, way(), "marco@contoso.com"));
  EXPECT_TRUE(covers(pause, way(), "Marco@Contoso.COM"));
  EXPECT_FALSE(covers(pause, way(), "anna@contoso.com"));
}

TEST(DescribePause, NamesServerAccountSenderAndSince) {
  Pause pause =
      *pause_for(delivery(DeliveryResult::Deferred, DeliveryScope::Sender), way(), "marco@contoso.com");
  pause.since = Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1));
  EXPECT_EQ(
      describe(pause).rfind("the mail server mail.contoso.com:587 does not let admin@contoso.com send as "
                            "marco@contoso.com (paused since 2026-03-01T00:00:00Z; ",
                            0),
      0u)
      << describe(pause);
  EXPECT_EQ(code_of(pause), ErrorCode::TryAgain);
  EXPECT_NE(how_to_end(pause).find("-From"), std::string::npos);
  pause.reason = Pause::Reason::Password;
  EXPECT_EQ(code_of(pause), ErrorCode::Unauthenticated);
  EXPECT_NE(how_to_end(pause).find("-Credential"), std::string::npos);
}

}  // namespace
}  // namespace dialin::test
