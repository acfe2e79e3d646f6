// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/reply_parser.h"

#include <gtest/gtest.h>

namespace dialin::smtp {
namespace {

std::vector<Reply> replies_in(std::string_view bytes) {
  ReplyParser parser;
  parser.feed(bytes);
  std::vector<Reply> replies;
  while (std::optional<Reply> reply = parser.next()) replies.push_back(std::move(*reply));
  return replies;
}

std::string error_of(std::string_view bytes) {
  ReplyParser parser;
  parser.feed(bytes);
  return parser.error();
}

TEST(ReplyParser, OneLine) {
  const std::vector<Reply> replies = replies_in("250 2.1.5 Recipient ok\r\n");
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].code, 250);
  EXPECT_EQ(replies[0].enhanced_code, "2.1.5");
  EXPECT_EQ(replies[0].text(), "Recipient ok");
  EXPECT_TRUE(replies[0].positive());
}

TEST(ReplyParser, SeveralLinesAndSeveralReplies) {
  const std::vector<Reply> replies = replies_in(
      "250-mx.example.org\r\n250-PIPELINING\r\n250 DSN\r\n550-5.1.1 no\r\n550 5.1.1 such user\r\n354\r\n");
  ASSERT_EQ(replies.size(), 3u);
  EXPECT_EQ(replies[0].lines, (std::vector<std::string>{"mx.example.org", "PIPELINING", "DSN"}));
  EXPECT_EQ(replies[0].enhanced_code, "");
  EXPECT_EQ(replies[1].enhanced_code, "5.1.1");
  EXPECT_EQ(replies[1].text(), "no such user");
  EXPECT_EQ(replies[2].code, 354);
  EXPECT_EQ(replies[2].text(), "");
}

TEST(ReplyParser, SplitAtEveryOctetItSaysTheSame) {
  const std::string bytes = "220-a\r\n220 b\r\n421 4.3.2 going\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ReplyParser parser;
    parser.feed(std::string_view(bytes).substr(0, cut));
    EXPECT_EQ(parser.has_reply(), cut >= 14) << cut;
    parser.feed(std::string_view(bytes).substr(cut));
    EXPECT_EQ(parser.next()->text(), "a b");
    EXPECT_EQ(parser.next()->enhanced_code, "4.3.2");
    EXPECT_FALSE(parser.next());
    EXPECT_FALSE(parser.in_reply());
    EXPECT_EQ(parser.error(), "");
  }
}

TEST(ReplyParser, EnhancedCodesOnlyWhereTheyAreOnes) {
  const auto enhanced = [](std::string_view bytes) { return replies_in(bytes).at(0).enhanced_code; };
  EXPECT_EQ(enhanced("550 5.7.515 denied\r\n"), "5.7.515");
  EXPECT_EQ(enhanced("550 5.1.1\r\n"), "5.1.1");
  // Of another class, too long, not whole, or a version number.
  EXPECT_EQ(enhanced("550 4.1.1 later\r\n"), "");
  EXPECT_EQ(enhanced("550 5.1.1234 x\r\n"), "");
  EXPECT_EQ(enhanced("550 5.1 x\r\n"), "");
  EXPECT_EQ(enhanced("220 2.0.0beta ready\r\n"), "");
  EXPECT_EQ(enhanced("354 3.0.0 go\r\n"), "");
  EXPECT_EQ(replies_in("550 5.1 x\r\n").at(0).text(), "5.1 x");
}

TEST(ReplyParser, RefusesWhatIsNoReply) {
  for (const std::string& bytes :
       {std::string("250 ok\n"), std::string("250 o\rk\r\n"), std::string("250 o\0k\r\n", 9),
        std::string("25 ok\r\n"), std::string("2500 ok\r\n"), std::string("150 ok\r\n"),
        std::string("650 ok\r\n"), std::string("abc ok\r\n"), std::string("\r\n"), std::string("250_ok\r\n"),
        std::string("250-a\r\n251 b\r\n"), std::string("250 \x1b[31m\r\n"), std::string("250 a\x7f\r\n"),
        std::string("\xff\xfb\x01\r\n")}) {
    EXPECT_NE(error_of(bytes), "") << bytes;
  }
  EXPECT_EQ(error_of("550 5.1.1 <j\xc3\xbcrgen> unknown\r\n"), "");
  EXPECT_EQ(error_of("250 tab\there\r\n"), "");
}

TEST(ReplyParser, AfterAnErrorOnlyWhatWasCompleteCounts) {
  ReplyParser parser;
  parser.feed("250 ok\r\n25x\r\n250 ok\r\n");
  EXPECT_TRUE(parser.next());
  EXPECT_FALSE(parser.next());
  parser.feed("250 ok\r\n");
  EXPECT_FALSE(parser.next());
}

TEST(ReplyParser, LengthsHaveLimits) {
  const std::size_t longest = ReplyParser::max_line - 2;
  EXPECT_EQ(error_of("250 " + std::string(longest - 4, 'x') + "\r\n"), "");
  EXPECT_NE(error_of("250 " + std::string(longest - 3, 'x') + "\r\n"), "");
  // Found out before the line ends.
  EXPECT_NE(error_of("250 " + std::string(longest, 'x')), "");

  std::string lines;
  for (std::size_t i = 1; i < ReplyParser::max_lines; ++i) lines += "250-x\r\n";
  EXPECT_EQ(error_of(lines + "250 x\r\n"), "");
  EXPECT_NE(error_of(lines + "250-x\r\n250 x\r\n"), "");

  std::string large;
  while (large.size() <= ReplyParser::max_reply) large += "250-" + std::string(1500, 'x') + "\r\n";
  EXPECT_NE(error_of(large), "");
}

}  // namespace
}  // namespace dialin::smtp
