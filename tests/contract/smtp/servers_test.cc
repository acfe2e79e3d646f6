// SPDX-License-Identifier: Apache-2.0
// SmtpTransport against real servers: smtp-sink, Postfix, Dovecot's submission service.
#include <gtest/gtest.h>

#include "mail/smtp/smtp_transport.h"
#include "support/mail_servers.h"
#include "support/message_list.h"

namespace dialin::test {
namespace {

SubmissionServer at(std::uint16_t port) {
  return {.host = "127.0.0.1", .port = port};
}

TEST(SmtpSinkServer, TakesMessagesOnOneConnection) {
  const SmtpSink sink;
  MessageList messages = MessageList::to({"a@contoso.com", "b@contoso.com", "c@contoso.com"});
  std::string trace;
  const auto problem = SmtpTransport().submit(
      at(sink.port()), messages, [&](const std::string& line) { trace += line + "\n"; }, nullptr);
  EXPECT_FALSE(problem) << describe(*problem);
  ASSERT_EQ(messages.finished_count(), 3u);
  for (const Delivery& delivery : messages.order) {
    EXPECT_EQ(delivery.result, DeliveryResult::Accepted) << describe(delivery) << trace;
  }
  const auto mails = sink.wait_for(3);
  EXPECT_EQ(mails[0].message, "Subject: hello\n\n.A line that begins with a dot.\n");
  std::cout << trace;
}

}  // namespace
}  // namespace dialin::test
