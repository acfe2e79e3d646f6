// SPDX-License-Identifier: Apache-2.0
#include "mail/catcher/smtp_dialogue.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dialin {
namespace {

struct Kept {
  CaughtEnvelope envelope;
  std::string message;
};

class SmtpDialogueTest : public testing::Test {
 protected:
  SmtpDialogue fresh() {
    return SmtpDialogue([this](const CaughtEnvelope& envelope, const std::string& message) {
      kept_.push_back({envelope, message});
      return works_;
    });
  }
  // What a new connection answers to `text` after EHLO, without EHLO's answer.
  std::string after_hello(const std::string& text) {
    SmtpDialogue dialogue = fresh();
    dialogue.receive("EHLO test\r\n");
    return dialogue.receive(text);
  }
  // The same for the body of one mail: the answer to its end.
  std::string message(const std::string& octets) {
    const std::string replies =
        after_hello("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n" + octets);
    return replies.substr(replies.find("354"));
  }

  bool works_ = true;
  std::vector<Kept> kept_;
};

const std::string Whole =
    "EHLO test\r\n"
    "MAIL FROM:<marco@contoso.com> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=x+3Dy\r\n"
    "RCPT TO:<bob@contoso.com> NOTIFY=FAILURE ORCPT=rfc822;bob@contoso.com\r\n"
    "RCPT TO:<\"a > b\"@contoso.com>\r\n"
    "DATA\r\n"
    "Subject: x\r\n\r\n..\r\n.hidden dot\r\n...\r\nend\r\n.\r\n"
    "MAIL FROM:<>\r\n"
    "RCPT TO:<anna@contoso.com>\r\n"
    "DATA\r\n"
    "second\r\n.\r\n"
    "QUIT\r\n";

TEST_F(SmtpDialogueTest, KeepsMailsOfAPipelineSplitAnywhere) {
  SmtpDialogue at_once = fresh();
  const std::string replies = at_once.receive(Whole);
  EXPECT_TRUE(at_once.ended());
  EXPECT_NE(replies.find("250-PIPELINING\r\n"), std::string::npos);
  EXPECT_NE(replies.find("250-SIZE 26214400\r\n"), std::string::npos);
  ASSERT_EQ(kept_.size(), 2u);
  EXPECT_EQ(kept_[0].envelope.mail_from, "marco@contoso.com");
  EXPECT_EQ(kept_[0].envelope.recipients,
            (std::vector<std::string>{"bob@contoso.com", "\"a > b\"@contoso.com"}));
  EXPECT_EQ(kept_[0].message, "Subject: x\r\n\r\n.\r\nhidden dot\r\n..\r\nend\r\n");
  EXPECT_EQ(kept_[1].envelope.mail_from, "");
  EXPECT_EQ(kept_[1].message, "second\r\n");
  const std::vector<Kept> expected = kept_;

  for (std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    kept_.clear();
    SmtpDialogue split = fresh();
    std::string seen;
    for (std::size_t at = 0; at < Whole.size(); at += step) seen += split.receive(Whole.substr(at, step));
    EXPECT_EQ(seen, replies) << step;
    ASSERT_EQ(kept_.size(), 2u);
    EXPECT_EQ(kept_[0].message, expected[0].message);
  }
}

TEST_F(SmtpDialogueTest, WantsTheOrderOfTheProtocol) {
  SmtpDialogue dialogue = fresh();
  EXPECT_EQ(dialogue.greeting().substr(0, 4), "220 ");
  EXPECT_EQ(dialogue.receive("MAIL FROM:<a@b>\r\n").substr(0, 3), "503");
  EXPECT_EQ(dialogue.receive("EHLO\r\n").substr(0, 3), "501");
  EXPECT_EQ(dialogue.receive("helo me\r\n"), "250 catch-mail.localhost\r\n");
  EXPECT_EQ(dialogue.receive("RCPT TO:<a@b>\r\n").substr(0, 3), "503");
  EXPECT_EQ(dialogue.receive("DATA\r\n").substr(0, 3), "503");
  EXPECT_EQ(dialogue.receive("mail from: <a@b>\r\n").substr(0, 3), "250");
  EXPECT_EQ(dialogue.receive("MAIL FROM:<a@b>\r\n").substr(0, 3), "503");
  EXPECT_EQ(dialogue.receive("DATA\r\n").substr(0, 3), "554");
  EXPECT_EQ(dialogue.receive("RCPT TO:<c@d>\r\n").substr(0, 3), "250");
  EXPECT_EQ(dialogue.receive("RSET\r\n").substr(0, 3), "250");
  EXPECT_EQ(dialogue.receive("RCPT TO:<c@d>\r\n").substr(0, 3), "503");
  EXPECT_EQ(dialogue.receive("NOOP\r\n").substr(0, 3), "250");
  EXPECT_EQ(dialogue.receive("VRFY bob\r\n").substr(0, 3), "252");
  EXPECT_EQ(dialogue.receive("STARTTLS\r\n").substr(0, 3), "502");
  EXPECT_EQ(dialogue.receive("WELCOME\r\n").substr(0, 3), "500");
  EXPECT_EQ(dialogue.receive("QUIT\r\nNOOP\r\n").substr(0, 3), "221");
  EXPECT_TRUE(dialogue.ended());
  EXPECT_EQ(dialogue.receive("NOOP\r\n"), "");
}

TEST_F(SmtpDialogueTest, RefusesWrongArguments) {
  const auto code = [&](const std::string& line) { return after_hello(line + "\r\n").substr(0, 3); };
  EXPECT_EQ(code("MAIL FROM:a@b"), "501");
  EXPECT_EQ(code("MAIL <a@b>"), "501");
  EXPECT_EQ(code("MAIL FROM:<a b@c>"), "501");
  EXPECT_EQ(code("MAIL FROM:<a@b"), "501");
  EXPECT_EQ(code("MAIL FROM:<a@b>SIZE=1"), "501");
  EXPECT_EQ(code("MAIL FROM:<a@b> SIZE=x"), "501");
  EXPECT_EQ(code("MAIL FROM:<a@b> SIZE=1 SIZE=2"), "501");
  EXPECT_EQ(code("MAIL FROM:<a@b> SIZE=26214401"), "552");
  EXPECT_EQ(code("MAIL FROM:<a@b> SIZE=99999999999999999999999"), "552");
  EXPECT_EQ(code("MAIL FROM:<a@b> BODY=BINARYMIME"), "501");
  EXPECT_EQ(code("MAIL FROM:<a@b> AUTH=<>"), "555");
  EXPECT_EQ(code("MAIL FROM:<" + std::string(260, 'a') + "@b>"), "501");
  EXPECT_EQ(code("MAIL FROM:<@relay:a@b>"), "250");
  EXPECT_EQ(code("MAIL FROM:<j\xC3\xB6rg@b>"), "553");
  EXPECT_EQ(code("MAIL FROM:<j\xC3\xB6rg@b> SMTPUTF8"), "250");
  EXPECT_EQ(code("MAIL FROM:<j\xFF@b> SMTPUTF8"), "500");
  const auto recipient = [&](const std::string& line) {
    return after_hello("MAIL FROM:<a@b>\r\n" + line + "\r\n")
        .substr(std::string("250 2.1.0 sender taken\r\n").size(), 3);
  };
  EXPECT_EQ(recipient("RCPT TO:<>"), "501");
  EXPECT_EQ(recipient("RCPT TO:<nobody>"), "501");
  EXPECT_EQ(recipient("RCPT TO:<Postmaster>"), "250");
  EXPECT_EQ(recipient("RCPT TO:<c@d> SIZE=1"), "555");
  EXPECT_EQ(recipient("RCPT TO:<j\xC3\xB6rg@b>"), "553");
}

TEST_F(SmtpDialogueTest, RefusesLinesThatDoNotEndWithCrLf) {
  EXPECT_EQ(after_hello("NOOP\n").substr(0, 3), "500");
  EXPECT_EQ(after_hello("NO\rOP\r\n").substr(0, 3), "500");
  EXPECT_EQ(after_hello(std::string("NO\0OP\r\n", 7)).substr(0, 3), "500");
  for (const char* body :
       {"bare\nlf\r\n.\r\n", "bare\rcr\r\n.\r\n", "smuggled\n.\r\nmore\r\n.\r\n",
        "smuggled\r\n.\nmore\r\n.\r\n", "smuggled\r\n.\rmore\r\n.\r\n", "smuggled\n.\nx\r\n.\r\n"}) {
    EXPECT_NE(message(body).find("\r\n554 5.6.0"), std::string::npos) << body;
  }
  EXPECT_TRUE(kept_.empty());
}

TEST_F(SmtpDialogueTest, HoldsItsLimits) {
  EXPECT_EQ(after_hello("NOOP " + std::string(5000, 'x') + "\r\nNOOP\r\n"),
            "500 5.5.2 the command is too long\r\n250 2.0.0 nothing done\r\n");
  EXPECT_NE(message(std::string(998, 'x') + "\r\n.\r\n").find("\r\n250"), std::string::npos);
  EXPECT_NE(message("." + std::string(998, 'x') + "\r\n.\r\n").find("\r\n250"), std::string::npos);
  EXPECT_EQ(kept_.size(), 2u);
  EXPECT_EQ(kept_[0].message, kept_[1].message);
  EXPECT_NE(message(std::string(999, 'x') + "\r\n.\r\n").find("\r\n554"), std::string::npos);
  EXPECT_NE(message(std::string(100000, 'x') + "\r\n.\r\n").find("\r\n554"), std::string::npos);

  const std::string line = std::string(998, 'x') + "\r\n";
  std::string large;
  while (large.size() + line.size() <= SmtpDialogue::MaximumMessage) large += line;
  EXPECT_NE(message(large + ".\r\n").find("\r\n250"), std::string::npos);
  EXPECT_NE(message(large + line + ".\r\n").find("\r\n552"), std::string::npos);
  EXPECT_EQ(kept_.size(), 3u);
}

TEST_F(SmtpDialogueTest, LimitsRecipientsAndErrors) {
  SmtpDialogue dialogue = fresh();
  dialogue.receive("EHLO x\r\nMAIL FROM:<a@b>\r\n");
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(dialogue.receive("RCPT TO:<c@d>\r\n").substr(0, 3), "250");
  EXPECT_EQ(dialogue.receive("RCPT TO:<c@d>\r\n").substr(0, 3), "452");
  std::string replies;
  for (int i = 0; i < 100 && !dialogue.ended(); ++i) replies = dialogue.receive("WRONG\r\n");
  EXPECT_TRUE(dialogue.ended());
  EXPECT_NE(replies.find("421 4.7.0"), std::string::npos);
}

TEST_F(SmtpDialogueTest, SaysThatAMailCouldNotBeKept) {
  works_ = false;
  EXPECT_NE(message("x\r\n.\r\n").find("\r\n452"), std::string::npos);
}

}  // namespace
}  // namespace dialin
