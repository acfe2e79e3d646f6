// SPDX-License-Identifier: Apache-2.0
// SmtpTransport against real servers: smtp-sink, Postfix, Dovecot's submission service.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "contract/smtp/submission.h"
#include "support/jwt.h"
#include "support/mail_servers.h"
#include "support/supplied_messages.h"

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

// Across messages, as Postfix comes: with a refused recipient among three, errors come and go.
TEST(PostfixServerClient, AcrossWithRefusalsLosesNobody) {
  const PostfixServer server({.main_lines = {"smtpd_recipient_restrictions = check_recipient_access "
                                             "regexp:{{/@bad\\./ 550 5.1.1 no such user}}, permit"}});
  std::vector<std::string> recipients;
  for (int i = 0; i < 300; ++i) {
    // Single refusals first, then many in a row.
    const bool bad = i < 150 ? i % 3 == 0 : i % 50 != 0;
    recipients.push_back("p" + std::to_string(i) + (bad ? "@bad.contoso.com" : "@contoso.com"));
  }
  MessageList messages = MessageList::to(recipients);
  SubmissionServer way = at(server.port());
  way.pipelining = Pipelining::Across;
  const Submission done = submit(way, messages);
  EXPECT_FALSE(done.problem) << describe(*done.problem);
  ASSERT_EQ(messages.finished_count(), 300u);
  for (const std::string& recipient : recipients) {
    const Delivery& delivery = messages.delivery(recipient);
    const bool bad = recipient.find("@bad.") != std::string::npos;
    EXPECT_EQ(delivery.result, bad ? DeliveryResult::Refused : DeliveryResult::Accepted)
        << recipient << describe(delivery);
  }
}

// Closed by Postfix after three errors, long before we would go ourselves.
TEST(PostfixServerClient, AcrossWithAHardErrorLimitLosesNobody) {
  const PostfixServer server({.main_lines = {"smtpd_hard_error_limit = 3", "smtpd_error_sleep_time = 0",
                                             "smtpd_recipient_restrictions = check_recipient_access "
                                             "regexp:{{/@bad\\./ 550 5.1.1 no such user}}, permit"}});
  std::vector<std::string> recipients;
  for (int i = 0; i < 60; ++i) {
    recipients.push_back("p" + std::to_string(i) + (i % 4 != 0 ? "@bad.contoso.com" : "@contoso.com"));
  }
  MessageList messages = MessageList::to(recipients);
  SubmissionServer way = at(server.port());
  way.pipelining = Pipelining::Across;
  const Submission done = submit(way, messages);
  EXPECT_FALSE(done.problem) << describe(*done.problem);
  ASSERT_EQ(messages.finished_count(), 60u);
  for (int i = 0; i < 60; ++i) {
    const Delivery& delivery = messages.delivery(recipients[static_cast<std::size_t>(i)]);
    EXPECT_EQ(delivery.result, i % 4 != 0 ? DeliveryResult::Refused : DeliveryResult::Accepted)
        << i << describe(delivery);
  }
}

// Sixteen connections, each message exactly once.
void submit_two_thousand(std::uint16_t port, const SmtpSink& sink) {
  SuppliedMessages messages(16);
  messages.supply_many(2000);
  messages.end();
  SubmissionServer way = at(port);
  way.pipelining = Pipelining::Across;
  SmtpTransport transport(patient);
  const auto problem = transport.submit(way, messages, nullptr, nullptr);
  EXPECT_FALSE(problem) << describe(*problem);
  EXPECT_TRUE(messages.problems.empty());
  EXPECT_EQ(messages.count(DeliveryResult::Accepted), 2000u);
  EXPECT_GT(messages.most_connections(), 8);
  EXPECT_LE(messages.most_connections(), 16);
  std::set<std::string> recipients;
  const auto mails = sink.wait_for(2000, std::chrono::seconds(90));
  EXPECT_EQ(mails.size(), 2000u);
  for (const ReceivedMail& mail : mails) recipients.insert(mail.rcpt_arguments.at(0));
  EXPECT_EQ(recipients.size(), 2000u);
}

TEST(SmtpSinkServer, SixteenConnectionsDeliverEachMessageOnce) {
  const SmtpSink sink;
  submit_two_thousand(sink.port(), sink);
}

TEST(PostfixServerClient, SixteenConnectionsDeliverEachMessageOnce) {
  const SmtpSink sink;
  const PostfixServer server({.relay_port = sink.port()});
  submit_two_thousand(server.port(), sink);
}

// The token that opened one connection has ended when the next one is opened, and is asked for once more.
TEST(DovecotSubmissionClient, TokenThatEndsInMidRunIsRenewed) {
  for (const char* mechanism : {"oauthbearer", "xoauth2"}) {
    const SmtpSink sink({}, false);
    const TokenIssuer issuer;
    const DovecotSubmission server(sink.port(), issuer.dovecot_lines(mechanism));
    const auto submit_with = [&](std::vector<std::string> tokens, std::size_t& asked) {
      SubmissionServer way = signing_in(server.port(), server.ca_file());
      way.password = nullptr;
      way.access_token = [&, tokens] {
        return std::make_shared<const Secret>(tokens.at(std::min(asked++, tokens.size() - 1)));
      };
      MessageList messages = MessageList::to(people(3));
      Submission done = submit(way, messages);
      if (!done.problem) expect_all(messages, DeliveryResult::Accepted, 3);
      return done;
    };
    const std::string good = issuer.token("user", std::chrono::hours(1));
    const std::string ended = issuer.token("user", std::chrono::seconds(-60));
    std::size_t asked = 0;
    Submission done = submit_with({good}, asked);
    EXPECT_FALSE(done.problem) << describe(*done.problem) << server.log();
    EXPECT_EQ(asked, 1u);
    asked = 0;
    done = submit_with({ended, good}, asked);
    EXPECT_FALSE(done.problem) << describe(*done.problem) << server.log();
    EXPECT_EQ(asked, 2u);
    asked = 0;
    done = submit_with({ended}, asked);
    EXPECT_EQ(done.why(), SessionProblem::PasswordRefused) << describe(*done.problem);
    EXPECT_EQ(done.trace.find(ended.substr(0, 40)), std::string::npos);
    EXPECT_EQ(asked, 2u);
  }
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
