// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/failure_scope.h"

#include <gtest/gtest.h>

namespace dialin::smtp {
namespace {

constexpr auto Accepted = DeliveryResult::Accepted;
constexpr auto Deferred = DeliveryResult::Deferred;
constexpr auto Refused = DeliveryResult::Refused;
constexpr auto Nothing = DeliveryScope::None;
constexpr auto Session = DeliveryScope::Session;
constexpr auto Sender = DeliveryScope::Sender;
constexpr auto Recipient = DeliveryScope::Recipient;
constexpr auto Unclear = DeliveryScope::Unclear;
constexpr auto Content = DeliveryScope::Content;

struct Row {
  Command command;
  const char* reply;
  DeliveryResult result;
  DeliveryScope scope;
  SessionProblem problem = SessionProblem::None;
};

Reply parsed(const std::string& line) {
  ReplyParser parser;
  parser.feed(line + "\r\n");
  return parser.next().value();
}

const std::vector<Row> table = {
    // Session.
    {Command::Greeting, "554 no service", Deferred, Session, SessionProblem::Unreachable},
    {Command::Greeting, "554 5.7.0 Too many connections from your host", Deferred, Session,
     SessionProblem::TooBusy},
    {Command::Greeting, "421 4.3.2 later", Deferred, Session, SessionProblem::TooBusy},
    {Command::Ehlo, "451 later", Deferred, Session, SessionProblem::Unreachable},
    {Command::Helo, "550 go away", Deferred, Session, SessionProblem::Unreachable},
    {Command::StartTls, "454 4.7.0 not now", Deferred, Session, SessionProblem::TlsFailed},
    {Command::StartTls, "554 no", Deferred, Session, SessionProblem::TlsFailed},
    {Command::Auth, "535 5.7.8 wrong", Deferred, Session, SessionProblem::PasswordRefused},
    {Command::Auth, "535 5.7.8 too many failures", Deferred, Session, SessionProblem::PasswordRefused},
    {Command::Auth, "534 5.7.9 too weak", Deferred, Session, SessionProblem::PasswordRefused},
    {Command::Auth, "530 5.7.0 first STARTTLS", Deferred, Session, SessionProblem::PasswordRefused},
    {Command::Auth, "550 5.7.30 Basic authentication is not supported", Deferred, Session,
     SessionProblem::PasswordRefused},
    {Command::Auth, "504 5.5.4 unknown mechanism", Deferred, Session, SessionProblem::AuthNotOffered},
    {Command::Auth, "538 5.7.11 encryption required", Deferred, Session, SessionProblem::AuthNotOffered},
    {Command::Auth, "454 4.7.0 temporary failure", Deferred, Session, SessionProblem::None},
    {Command::Auth, "432 4.3.2 Concurrent connections limit exceeded", Deferred, Session,
     SessionProblem::TooBusy},
    {Command::Rset, "500 what", Deferred, Session, SessionProblem::None},
    {Command::Mail, "451 4.3.0 later", Deferred, Session, SessionProblem::None},
    {Command::Mail, "421 4.7.0 later", Deferred, Session, SessionProblem::TooBusy},
    {Command::Mail, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", Deferred, Session,
     SessionProblem::TooBusy},
    {Command::Mail, "450 4.7.1 Error: too much mail from 192.0.2.1", Deferred, Session,
     SessionProblem::TooBusy},
    {Command::Rcpt, "450 4.7.1 Error: too many recipients from 192.0.2.1", Deferred, Session,
     SessionProblem::TooBusy},
    {Command::Rcpt, "421 4.7.0 too many errors", Deferred, Session, SessionProblem::TooBusy},
    {Command::EndOfContent, "421 4.3.2 shutting down", Deferred, Session, SessionProblem::TooBusy},

    {Command::Mail, "432 4.3.2 Concurrent connections limit exceeded", Deferred, Session,
     SessionProblem::TooBusy},
    {Command::EndOfContent, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", Deferred,
     Session, SessionProblem::TooBusy},
    {Command::EndOfContent, "451 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", Deferred,
     Session, SessionProblem::TooBusy},
    {Command::Rcpt, "450 4.7.1 Error: message rate limit exceeded", Deferred, Session,
     SessionProblem::TooBusy},
    {Command::Rcpt, "450 4.2.1 Peak SMTP relay limit exceeded for customer.", Deferred, Session,
     SessionProblem::TooBusy},
    {Command::Rcpt, "450 4.2.1 The user you are trying to contact is receiving mail at a rate that", Deferred,
     Recipient},
    {Command::EndOfContent, "452 4.3.1 Insufficient system resources", Deferred, Recipient},

    // Quotas.
    {Command::Rcpt, "550 5.4.5 Daily user sending quota exceeded. d9443c01a7336-20", Deferred, Session,
     SessionProblem::QuotaUsedUp},
    {Command::EndOfContent, "550 5.4.5 Daily user sending limit exceeded.", Deferred, Session,
     SessionProblem::QuotaUsedUp},
    {Command::Rcpt, "550 5.7.1 Daily SMTP relay limit exceeded for customer.", Deferred, Session,
     SessionProblem::QuotaUsedUp},
    {Command::Mail, "550 5.7.1 Daily SMTP relay sending limit exceeded for user.", Deferred, Session,
     SessionProblem::QuotaUsedUp},
    {Command::EndOfContent,
     "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message",
     Deferred, Session, SessionProblem::QuotaUsedUp},
    // Not without the words: the codes mean other things elsewhere.
    {Command::EndOfContent, "554 5.2.0 STOREDRV.Deliver; delivery result banned", Refused, Content},
    {Command::Rcpt, "550 5.2.2 mailbox quota exceeded", Refused, Recipient},
    {Command::Rcpt, "550 5.4.5 mail system congestion", Deferred, Sender},

    // Sender.
    {Command::Mail, "550 5.7.1 not you", Deferred, Sender},
    {Command::Mail, "501 5.1.7 bad sender address syntax", Deferred, Sender},
    {Command::Mail, "552 too large", Deferred, Sender},
    {Command::Mail, "530 5.7.57 Client not authenticated", Deferred, Sender},
    {Command::Rcpt, "530 5.7.1 Authentication required", Deferred, Sender},
    {Command::Rcpt, "553 5.7.1 <a@b>: Sender address rejected: not owned by user u", Deferred, Sender},
    {Command::Rcpt, "550 5.1.8 <a@b>: Sender address rejected: Domain not found", Deferred, Sender},
    {Command::EndOfContent, "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
     Deferred, Sender},
    {Command::EndOfContent, "554 5.2.252 SendAsDenied; a@b not allowed to send as c@d", Deferred, Sender},

    // Recipient.
    {Command::Rcpt, "550 5.1.1 no such user", Refused, Recipient},
    {Command::Rcpt, "550 no such user", Refused, Recipient},
    {Command::Rcpt, "551 not here", Refused, Recipient},
    {Command::Rcpt, "553 5.1.3 bad address syntax", Refused, Recipient},
    {Command::Rcpt, "554 5.1.0 rejected", Refused, Recipient},
    {Command::Rcpt, "501 5.1.3 bad address syntax", Refused, Recipient},
    {Command::Rcpt, "552 5.2.2 mailbox full", Deferred, Recipient},
    {Command::Rcpt, "552 too many recipients", Deferred, Recipient},
    {Command::Rcpt, "450 4.7.1 greylisted", Deferred, Recipient},
    {Command::Rcpt, "452 4.2.2 too many messages in mailbox", Deferred, Recipient},
    {Command::Data, "451 4.7.1 later", Deferred, Recipient},
    {Command::Data, "550 5.1.1 no such user", Refused, Recipient},
    {Command::EndOfContent, "451 4.3.0 queue file write error", Deferred, Recipient},

    // Unclear.
    {Command::Rcpt, "554 5.7.1 <a@b>: Relay access denied", Refused, Unclear},
    {Command::Rcpt, "550 5.7.1 Unable to relay", Refused, Unclear},
    {Command::Rcpt, "553 no", Refused, Unclear},
    {Command::Rcpt, "554 no", Refused, Unclear},
    {Command::Data, "554 5.5.1 no valid recipients", Refused, Unclear},
    {Command::Data, "554 5.7.1 client host blocked", Refused, Unclear},

    // Content.
    {Command::Data, "552 5.3.4 too large", Refused, Content},
    {Command::EndOfContent, "552 5.3.4 too large", Refused, Content},
    {Command::EndOfContent, "554 5.6.0 not liked", Refused, Content},
    {Command::EndOfContent, "550 5.7.1 looks like spam", Refused, Content},

    {Command::EndOfContent, "250 2.0.0 queued", Accepted, Nothing},
};

TEST(FailureScope, Table) {
  for (const Row& row : table) {
    const Delivery delivery = judge(row.command, parsed(row.reply));
    SCOPED_TRACE(std::string(name_of(row.command)) + ": " + row.reply);
    EXPECT_EQ(delivery.result, row.result);
    EXPECT_EQ(delivery.scope, row.scope);
    EXPECT_EQ(delivery.problem, row.problem);
    EXPECT_EQ(delivery.during, name_of(row.command));
    EXPECT_EQ(delivery.reply_code, std::stoi(row.reply));
  }
}

// What belongs to session or sender never ends a welcome.
TEST(FailureScope, SessionAndSenderAreAlwaysDeferred) {
  for (const Command command : {Command::Mail, Command::Rcpt, Command::Data, Command::EndOfContent}) {
    for (int code = 400; code < 600; ++code) {
      for (const char* words :
           {"", "5.7.1 x", "4.7.1 x", "5.7.60 x", "5.1.1 x", "too many x", "Sender address rejected"}) {
        const Delivery delivery = judge(command, parsed(std::to_string(code) + " " + words));
        const bool never_final = delivery.scope == Session || delivery.scope == Sender || code < 500;
        EXPECT_TRUE(!never_final || delivery.result == Deferred) << code << words;
        EXPECT_NE(delivery.result, DeliveryResult::Unknown);
        EXPECT_NE(delivery.result, Accepted);
      }
    }
  }
}

TEST(FailureScope, WordsAreMadeSafe) {
  const Delivery delivery = judge(Command::Rcpt, parsed("550 5.1.1 bad\xff\xfe " + std::string(1500, 'x')));
  EXPECT_LE(delivery.text.size(), 512u);
  EXPECT_EQ(delivery.text.find('\xff'), std::string::npos);
}

TEST(FailureScope, WhatCanAnswerWhat) {
  EXPECT_TRUE(can_answer(Command::Data, parsed("354 go")));
  EXPECT_TRUE(can_answer(Command::Data, parsed("554 no")));
  EXPECT_FALSE(can_answer(Command::Data, parsed("250 ok")));
  EXPECT_FALSE(can_answer(Command::Mail, parsed("354 go")));
  EXPECT_FALSE(can_answer(Command::Rcpt, parsed("334 eh")));
  EXPECT_FALSE(can_answer(Command::EndOfContent, parsed("354 go")));
  EXPECT_TRUE(can_answer(Command::Auth, parsed("334 ")));
  EXPECT_FALSE(can_answer(Command::Auth, parsed("354 go")));
  EXPECT_TRUE(can_answer(Command::Greeting, parsed("421 later")));
}

}  // namespace
}  // namespace dialin::smtp
