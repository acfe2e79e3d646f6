// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/content_check.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace dialin::smtp {
namespace {

TEST(CheckContent, TakesWhatSmtpTakes) {
  EXPECT_NO_THROW(check_content("\r\n"));
  EXPECT_NO_THROW(check_content("Subject: x\r\n\r\nbody\ttab\r\n.\r\n\r\n"));
  EXPECT_NO_THROW(check_content(std::string(998, 'x') + "\r\n"));
}

TEST(CheckContent, RefusesEveryOctetThatCouldBeReadOtherwise) {
  for (const std::string& content :
       {std::string(), std::string("a"), std::string("a\n"), std::string("a\r"), std::string("a\r\r\n"),
        std::string("a\nb\r\n"), std::string("\n"), std::string("a\0b\r\n", 5), std::string("a\x80\r\n"),
        std::string("\xff\r\n"), std::string(999, 'x') + "\r\n", std::string("a\r\nb")}) {
    EXPECT_THROW(check_content(content), Error) << content;
  }
}

TEST(CheckContent, FindsAWrongOctetWhereverItStands) {
  for (std::size_t length = 1; length <= 40; ++length) {
    const std::string good = "a line before\r\n" + std::string(length, 'x') + "\r\n";
    ASSERT_NO_THROW(check_content(good));
    for (std::size_t at = 0; at < length; ++at) {
      for (const char wrong : {'\0', '\n', '\r', '\x80', '\xff'}) {
        std::string content = good;
        content[15 + at] = wrong;
        EXPECT_THROW(check_content(content), Error) << length << " " << at << " " << int{wrong};
      }
      // Neighbours of those.
      for (const char right : {'\x01', '\x09', '\x0b', '\x0e', '\x7f'}) {
        std::string content = good;
        content[15 + at] = right;
        EXPECT_NO_THROW(check_content(content)) << length << " " << at << " " << int{right};
      }
    }
  }
}

TEST(CheckContent, SaysWhereAndNotWhat) {
  try {
    check_content("first\r\nPIN 12345\nmore\r\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Internal);
    EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos);
    EXPECT_EQ(std::string(error.what()).find("12345"), std::string::npos);
  }
}

TEST(CheckAddress, RefusesInjection) {
  for (const char* address : {"a@b>\r\nRCPT TO:<c@d", "a@b\r\n", "a@b\n", "a b@c", "a@b>", "<a@b", "\"a@b",
                              "ab", "a@b\x01", "a@b\x7f", "\xff@b", "\"a\\"}) {
    EXPECT_THROW(check_address(address, "an address"), Error) << address;
  }
  EXPECT_THROW(check_address(std::string("a@b\0c", 5), "an address"), Error);
  EXPECT_THROW(check_address(std::string(250, 'x') + "@b.example", "an address"), Error);
}

TEST(CheckAddress, TakesEveryMailbox) {
  for (const char* address : {"a@b.example", "\"a b\"@c.example", "\"a\\\"b>\"@c.example",
                              "j\xc3\xbcrgen@b.example", "a@[192.0.2.1]", "a+b=c@d.example"}) {
    EXPECT_NO_THROW(check_address(address, "an address")) << address;
  }
}

TEST(CheckHeloName, OneWord) {
  EXPECT_NO_THROW(check_helo_name("mail.contoso.com"));
  EXPECT_NO_THROW(check_helo_name("[IPv6:::1]"));
  for (const char* name : {"", "a b", "a\r\nMAIL", "\xc3\xa9.example"})
    EXPECT_THROW(check_helo_name(name), Error);
}

TEST(DotStuffer, SplitAtEveryOctetItWritesTheSame) {
  const std::string content = ".\r\n..a\r\nb.\r\n\r\n.c.\r\n";
  const std::string expected = "..\r\n...a\r\nb.\r\n\r\n..c.\r\n";
  for (std::size_t first = 0; first <= content.size(); ++first) {
    for (std::size_t second = first; second <= content.size(); ++second) {
      DotStuffer stuffer;
      std::string out;
      stuffer.stuff(content.substr(0, first), out);
      stuffer.stuff(content.substr(first, second - first), out);
      stuffer.stuff(content.substr(second), out);
      EXPECT_EQ(out, expected) << first << " " << second;
    }
  }
}

}  // namespace
}  // namespace dialin::smtp
