// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/envelope.h"

#include <gtest/gtest.h>

#include "mail/delivery.h"
#include "mail/smtp/opening.h"
#include "support/message_list.h"

namespace dialin::smtp {
namespace {

using test::message_to;

OutgoingMessage message() {
  OutgoingMessage message = message_to("bob@contoso.com", "x\r\n");
  message.id = "w 1+2=3";
  return message;
}

TEST(Envelope, OnlyWhatIsOffered) {
  EXPECT_EQ(mail_command(message(), {}), "MAIL FROM:<marco@contoso.com>\r\n");
  EXPECT_EQ(rcpt_command(message()), "RCPT TO:<bob@contoso.com>\r\n");
  Extensions all;
  all.size = all.dsn = all.smtputf8 = all.eight_bit_mime = true;
  EXPECT_EQ(mail_command(message(), all),
            "MAIL FROM:<marco@contoso.com> SIZE=3 RET=HDRS ENVID=w+201+2B2+3D3\r\n");
}

TEST(Envelope, NullSender) {
  OutgoingMessage bounce = message();
  bounce.envelope_sender.clear();
  EXPECT_EQ(mail_command(bounce, {}), "MAIL FROM:<>\r\n");
}

TEST(Envelope, IdentifierThatIsTooLongIsLeftOut) {
  Extensions offered;
  offered.dsn = true;
  OutgoingMessage longest = message();
  longest.id = std::string(100, 'x');
  EXPECT_NE(mail_command(longest, offered).find("ENVID="), std::string::npos);
  longest.id += 'x';
  EXPECT_EQ(mail_command(longest, offered), "MAIL FROM:<marco@contoso.com> RET=HDRS\r\n");
}

TEST(Envelope, KnownBeforehand) {
  Extensions offered;
  EXPECT_FALSE(refused_beforehand(message(), offered));
  offered.size_limit = 3;
  EXPECT_FALSE(refused_beforehand(message(), offered));
  offered.size_limit = 2;
  EXPECT_EQ(refused_beforehand(message(), offered)->scope, DeliveryScope::Content);
  OutgoingMessage from = message();
  from.envelope_sender = "j\xc3\xbcrgen@contoso.com";
  EXPECT_EQ(refused_beforehand(from, offered)->scope, DeliveryScope::Sender);
  EXPECT_EQ(refused_beforehand(from, offered)->result, DeliveryResult::Deferred);
}

TEST(HeloName, IsAFullNameOrAnAddress) {
  const std::string name = default_helo_name("[192.0.2.1]");
  EXPECT_TRUE(name == "[192.0.2.1]" || name.find('.') != std::string::npos) << name;
}

TEST(Describe, SaysWhoSaidWhatToWhat) {
  Delivery delivery;
  delivery.server = "mail.contoso.com:25";
  delivery.during = "RCPT TO";
  delivery.reply_code = 550;
  delivery.enhanced_code = "5.1.1";
  delivery.text = "no such user";
  EXPECT_EQ(describe(delivery), "mail.contoso.com:25 answered to RCPT TO: 550 5.1.1 no such user");
  delivery.result = DeliveryResult::Accepted;
  EXPECT_EQ(describe(delivery), "mail.contoso.com:25 accepted the message: 550 5.1.1 no such user");

  Delivery lost;
  lost.server = delivery.server;
  lost.during = "connecting to mail.contoso.com:25";
  lost.text = "it has no address";
  EXPECT_EQ(describe(lost), "connecting to mail.contoso.com:25: it has no address");
  lost.during = "EHLO";
  EXPECT_EQ(describe(lost), "mail.contoso.com:25, EHLO: it has no address");
  lost.result = DeliveryResult::Unknown;
  EXPECT_NE(describe(lost).find("may have arrived"), std::string::npos);
}

}  // namespace
}  // namespace dialin::smtp
