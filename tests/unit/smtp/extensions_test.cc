// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp/extensions.h"

#include <gtest/gtest.h>

namespace dialin::smtp {
namespace {

Extensions offered(std::vector<std::string> lines) {
  lines.insert(lines.begin(), "PIPELINING.example.org PIPELINING");
  return parse_extensions({.code = 250, .enhanced_code = {}, .lines = std::move(lines)});
}

TEST(Extensions, TheGreetingIsNone) {
  EXPECT_FALSE(offered({}).pipelining);
}

TEST(Extensions, AllThatTheClientUses) {
  const Extensions found =
      offered({"PIPELINING", "StartTLS", "SMTPUTF8", "8bitmime", "DSN", "ENHANCEDSTATUSCODES",
               "SIZE 36700160", "AUTH PLAIN login", "XCLIENT NAME", ""});
  EXPECT_TRUE(found.pipelining && found.starttls && found.smtputf8 && found.eight_bit_mime && found.dsn &&
              found.enhanced_status_codes && found.size);
  EXPECT_EQ(found.size_limit, 36700160u);
  EXPECT_EQ(found.auth, (std::vector<std::string>{"PLAIN", "LOGIN"}));
}

TEST(Extensions, OldFormOfAuth) {
  EXPECT_EQ(offered({"AUTH=LOGIN PLAIN"}).auth, (std::vector<std::string>{"LOGIN", "PLAIN"}));
  EXPECT_EQ(offered({"AUTH LOGIN", "AUTH=LOGIN SCRAM-SHA-1"}).auth,
            (std::vector<std::string>{"LOGIN", "SCRAM-SHA-1"}));
  EXPECT_TRUE(offered({"AUTH="}).auth.empty());
}

TEST(Extensions, SizeWithoutALimit) {
  EXPECT_TRUE(offered({"SIZE"}).size);
  EXPECT_FALSE(offered({"SIZE"}).size_limit);
  EXPECT_FALSE(offered({"SIZE 0"}).size_limit);
  EXPECT_FALSE(offered({"SIZE 99999999999999999999999"}).size_limit);
  EXPECT_FALSE(offered({"SIZE -1"}).size_limit);
  EXPECT_FALSE(offered({"SIZE 10k"}).size_limit);
}

TEST(Extensions, SmtpUtf8Needs8BitMime) {
  EXPECT_FALSE(offered({"SMTPUTF8"}).smtputf8);
  EXPECT_TRUE(offered({"SMTPUTF8", "8BITMIME"}).smtputf8);
}

}  // namespace
}  // namespace dialin::smtp
