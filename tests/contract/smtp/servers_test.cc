// SPDX-License-Identifier: Apache-2.0
// SmtpTransport against real servers: smtp-sink, Postfix, Dovecot's submission service.
#include <gtest/gtest.h>

#include <algorithm>

#include "contract/smtp/submission.h"
#include "support/mail_servers.h"

namespace dialin::test {
namespace {

std::vector<std::string> people(int count, const std::string& domain = "contoso.com") {
  std::vector<std::string> addresses;
  for (int i = 0; i < count; ++i) addresses.push_back("p" + std::to_string(i) + "@" + domain);
  return addresses;
}

void expect_all(const MessageList& messages, DeliveryResult result, std::size_t count) {
  EXPECT_EQ(messages.finished_count(), count);
  for (const Delivery& delivery : messages.order) EXPECT_EQ(delivery.result, result) << describe(delivery);
}

TEST(SmtpSinkServer, TakesMessagesOnOneConnection) {
  const SmtpSink sink;
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com", "c@contoso.com"});
  const Submission done = submit(at(sink.port()), messages);
  EXPECT_FALSE(done.problem) << describe(*done.problem);
  expect_all(messages, DeliveryResult::Accepted, 3);
  const auto mails = sink.wait_for(3);
  for (const ReceivedMail& mail : mails) {
    EXPECT_EQ(mail.message, "Subject: hello\n\n.A line that begins with a dot.\n");
    EXPECT_EQ(mail.mail_arguments.rfind("<marco@contoso.com>", 0), 0u);
    EXPECT_EQ(mail.rcpt_arguments.size(), 1u);
  }
}

struct SinkCase {
  std::vector<std::string> options;
  DeliveryResult result;
  DeliveryScope scope;
  SessionProblem problem;
};

// Without an outcome: the session was never open, and the message stayed with the caller.
Delivery outcome_at(const SmtpSink& sink) {
  MessageList messages = MessageList::to({"a@contoso.com"});
  const Submission done = submit(at(sink.port()), messages);
  return messages.finished_count() == 1 ? messages.order[0] : *done.problem;
}

TEST(SmtpSinkServer, RefusesAndDropsInEveryWay) {
  const auto Deferred = DeliveryResult::Deferred;
  const auto Refused = DeliveryResult::Refused;
  const auto Session = DeliveryScope::Session;
  const auto None = SessionProblem::None;
  const auto Unreachable = SessionProblem::Unreachable;
  const std::vector<SinkCase> cases = {
      // -f: 500, -r: 450, -q: drop the connection, -Q: 421 and drop.
      {{"-f", "CONNECT"}, Deferred, Session, Unreachable},
      {{"-f", "MAIL"}, Deferred, DeliveryScope::Sender, None},
      {{"-f", "RCPT"}, Refused, DeliveryScope::Recipient, None},
      {{"-f", "DATA"}, Refused, DeliveryScope::Unclear, None},
      {{"-f", "."}, Refused, DeliveryScope::Content, None},
      {{"-r", "CONNECT"}, Deferred, Session, Unreachable},
      {{"-r", "EHLO"}, Deferred, Session, Unreachable},
      {{"-r", "MAIL"}, Deferred, Session, None},
      {{"-r", "RCPT"}, Deferred, DeliveryScope::Recipient, None},
      {{"-r", "."}, Deferred, DeliveryScope::Recipient, None},
      {{"-q", "CONNECT"}, Deferred, Session, Unreachable},
      {{"-q", "EHLO"}, Deferred, Session, Unreachable},
      {{"-q", "MAIL"}, Deferred, Session, Unreachable},
      {{"-q", "RCPT"}, Deferred, Session, Unreachable},
      {{"-q", "DATA"}, Deferred, Session, Unreachable},
      {{"-q", "."}, DeliveryResult::Unknown, DeliveryScope::None, Unreachable},
      {{"-Q", "MAIL"}, Deferred, Session, SessionProblem::TooBusy},
      {{"-Q", "RCPT"}, Deferred, Session, SessionProblem::TooBusy},
      {{"-Q", "."}, Deferred, Session, SessionProblem::TooBusy},
      {{"-p", "-f", "RCPT"}, Refused, DeliveryScope::Recipient, None},
      {{"-p", "-q", "RCPT"}, Deferred, Session, Unreachable},
      // -e: no EHLO at all.
      {{"-e", "-f", "RCPT"}, Refused, DeliveryScope::Recipient, None},
  };
  for (const SinkCase& c : cases) {
    const SmtpSink sink(c.options, false);
    const Delivery delivery = outcome_at(sink);
    std::string options;
    for (const std::string& option : c.options) options += option + " ";
    SCOPED_TRACE(options + describe(delivery));
    EXPECT_EQ(delivery.result, c.result);
    EXPECT_EQ(delivery.scope, c.scope);
    EXPECT_EQ(delivery.problem, c.problem);
  }
}

TEST(SmtpSinkServer, TakesMessagesWithoutPipelining) {
  const SmtpSink sink({"-p"}, false);
  MessageList messages = MessageList::to(people(20));
  EXPECT_FALSE(submit(at(sink.port()), messages).problem);
  expect_all(messages, DeliveryResult::Accepted, 20);
}

TEST(PostfixServerClient, StartTlsAndScram) {
  const SmtpSink sink;
  const PostfixServer server({.relay_for_everybody = false, .relay_port = sink.port()});
  MessageList messages = MessageList::to(people(3));
  const Submission done = submit(signing_in(server.port(), server.ca_file()), messages);
  EXPECT_FALSE(done.problem) << describe(*done.problem);
  expect_all(messages, DeliveryResult::Accepted, 3);
  EXPECT_TRUE(messages.order.at(0).tls);
  EXPECT_EQ(messages.order[0].enhanced_code, "2.0.0");
  EXPECT_NE(done.trace.find("C: AUTH SCRAM-SHA-256 <redacted>"), std::string::npos) << done.trace;
  EXPECT_EQ(done.trace.find("secret"), std::string::npos);
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(sink.wait_for(3).size(), 3u);
}

TEST(PostfixServerClient, EveryMechanism) {
  for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"}) {
    // What Postfix offers is filtered by the client's own list.
    const PostfixServer one({.main_lines = {"smtpd_sasl_mechanism_filter = " + std::string(mechanism)}});
    MessageList messages = MessageList::to({"a@contoso.com"});
    const Submission done = submit(signing_in(one.port(), one.ca_file()), messages);
    EXPECT_FALSE(done.problem) << mechanism << describe(*done.problem);
    EXPECT_NE(done.trace.find("AUTH " + std::string(mechanism)), std::string::npos) << done.trace;
    MessageList none;
    EXPECT_EQ(submit(signing_in(one.port(), one.ca_file(), "user", "wrong"), none).why(),
              SessionProblem::PasswordRefused)
        << mechanism;
  }
}

TEST(PostfixServerClient, ImplicitTls) {
  const PostfixServer server;
  SubmissionServer way = signing_in(server.tls_port(), server.ca_file());
  way.tls = TlsMode::Implicit;
  MessageList messages = MessageList::to({"a@contoso.com"});
  const Submission done = submit(way, messages);
  EXPECT_FALSE(done.problem) << describe(*done.problem);
  expect_all(messages, DeliveryResult::Accepted, 1);
}

TEST(PostfixServerClient, RelayDeniedAtRcptIsUnclear) {
  const PostfixServer server({.relay_for_everybody = false});
  MessageList messages = MessageList::to({"a@contoso.com"});
  EXPECT_FALSE(submit(at(server.port()), messages).problem);
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Refused);
  EXPECT_EQ(messages.order.at(0).scope, DeliveryScope::Unclear) << describe(messages.order[0]);
  EXPECT_EQ(messages.order.at(0).during, "RCPT TO");
}

TEST(PostfixServerClient, SenderOfSomebodyElseIsTheSendersFault) {
  const PostfixServer server({.sender_owners = {{"marco@contoso.com", "other@example.org"}}});
  MessageList messages = MessageList::to({"a@contoso.com"});
  EXPECT_FALSE(submit(signing_in(server.port(), server.ca_file()), messages).problem);
  EXPECT_EQ(messages.order.at(0).result, DeliveryResult::Deferred);
  EXPECT_EQ(messages.order.at(0).scope, DeliveryScope::Sender) << describe(messages.order[0]);
}

TEST(PostfixServerClient, AnIsolatedRefusalOpensNoConnection) {
  const PostfixServer server({.recipient_answers = {{"p5@contoso.com", "550 5.1.1 no such user"}}});
  MessageList messages = MessageList::to(people(12));
  EXPECT_FALSE(submit(at(server.port()), messages).problem);
  EXPECT_EQ(messages.finished_count(), 12u);
  EXPECT_EQ(messages.delivery("p5@contoso.com").result, DeliveryResult::Refused);
  EXPECT_EQ(messages.delivery("p5@contoso.com").enhanced_code, "5.1.1");
  EXPECT_EQ(
      std::count_if(messages.order.begin(), messages.order.end(),
                    [](const Delivery& delivery) { return delivery.result == DeliveryResult::Accepted; }),
      11);
  EXPECT_EQ(server.connections(), 1u);
}

// Postfix as it comes: every reply a second late after 10 errors, closed after 20.
TEST(PostfixServerClient, AThousandRefusalsInARow) {
  const PostfixServer server({.main_lines = {"smtpd_recipient_restrictions = "
                                             "check_recipient_access static:{550 5.1.1 no such user}"}});
  MessageList messages = MessageList::to(people(1000));
  const auto begin = std::chrono::steady_clock::now();
  const Submission done = submit(at(server.port()), messages);
  EXPECT_FALSE(done.problem) << describe(*done.problem);
  EXPECT_EQ(messages.finished_count(), 1000u);
  for (const Delivery& delivery : messages.order) {
    ASSERT_EQ(delivery.result, DeliveryResult::Refused) << describe(delivery);
    ASSERT_EQ(delivery.scope, DeliveryScope::Recipient) << describe(delivery);
  }
  EXPECT_LE(server.connections(), 1000u / 8);
  // Never slowed down: that would have taken a second for each.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(100));
}

TEST(PostfixServerClient, SmtpUtf8AndNotificationsAreTaken) {
  const PostfixServer server;
  OutgoingMessage message = message_to("j\xc3\xbcrgen@contoso.com", sample_content);
  message.id = "w-4711=+";
  MessageList messages({message});
  const Submission done = submit(at(server.port()), messages);
  expect_all(messages, DeliveryResult::Accepted, 1);
  EXPECT_NE(done.trace.find(" SMTPUTF8 RET=HDRS ENVID=w-4711+3D+2B"), std::string::npos) << done.trace;
}

TEST(PostfixServerClient, TooLargeIsNotTried) {
  const PostfixServer server({.main_lines = {"message_size_limit = 2000"}});
  std::string large = "Subject: large\r\n\r\n";
  while (large.size() < 3000) large += "a line\r\n";
  MessageList messages(
      {message_to("large@contoso.com", large), message_to("small@contoso.com", sample_content)});
  const Submission done = submit(at(server.port()), messages);
  EXPECT_FALSE(done.problem);
  EXPECT_EQ(messages.delivery("large@contoso.com").scope, DeliveryScope::Content);
  EXPECT_EQ(messages.delivery("small@contoso.com").result, DeliveryResult::Accepted);
  EXPECT_EQ(done.trace.find("large@"), std::string::npos);
}

TEST(DovecotSubmissionClient, SignsInAndPassesRefusalsOn) {
  const SmtpSink sink;
  const DovecotSubmission server(sink.port());
  for (const char* user : {"user", "scram"}) {
    MessageList messages = MessageList::to(people(3));
    const Submission done = submit(signing_in(server.port(), server.ca_file(), user), messages);
    EXPECT_FALSE(done.problem) << describe(*done.problem) << done.trace;
    expect_all(messages, DeliveryResult::Accepted, 3);
  }
  EXPECT_EQ(sink.wait_for(6).size(), 6u);

  MessageList messages = MessageList::to({"a@contoso.com"});
  EXPECT_EQ(submit(signing_in(server.port(), server.ca_file(), "user", "wrong"), messages).why(),
            SessionProblem::PasswordRefused);
  EXPECT_EQ(messages.taken(), 0u);

  // Without a credential: Dovecot demands one at MAIL.
  SubmissionServer way = at(server.port());
  const Submission done = submit(way, messages);
  ASSERT_EQ(messages.finished_count(), 1u);
  EXPECT_EQ(messages.order[0].scope, DeliveryScope::Sender) << describe(messages.order[0]);
}

TEST(DovecotSubmissionClient, RefusedRecipientBehindIt) {
  const SmtpSink sink({"-f", "RCPT"}, false);
  const DovecotSubmission server(sink.port());
  MessageList messages = MessageList::to(people(3));
  SubmissionServer way = signing_in(server.tls_port(), server.ca_file());
  way.tls = TlsMode::Implicit;
  submit(way, messages);
  EXPECT_EQ(messages.finished_count(), 3u);
  for (const Delivery& delivery : messages.order) {
    EXPECT_EQ(delivery.result, DeliveryResult::Refused) << describe(delivery);
    EXPECT_EQ(delivery.scope, DeliveryScope::Recipient) << describe(delivery);
  }
}

}  // namespace
}  // namespace dialin::test
