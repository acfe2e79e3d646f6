// SPDX-License-Identifier: Apache-2.0
#include "config/mail_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace dialin {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string problem(const std::string& text) {
  try {
    parse_mail_limits({"limits.toml", text});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Configuration);
    return error.what();
  }
  return "none";
}

constexpr const char* Good = R"([post]
name = "Post"
hosts = ["Smtp.Post.example", ".pool.example"]
connections = 4
rate = "5/s"
daily = 500
published = "https://post.example/limits"
as_of = "2026-01"
)";

TEST(MailLimits, TheShippedOnesAreThoseThatTheProvidersPublish) {
  const auto& limits = published_mail_limits();
  const PublishedLimit* exchange = find_limit(limits, "SMTP.office365.com.");
  ASSERT_NE(exchange, nullptr);
  EXPECT_EQ(exchange->connections, 3);
  ASSERT_TRUE(exchange->rate);
  EXPECT_EQ(exchange->rate->messages, 30);
  EXPECT_EQ(exchange->rate->per, 1min);
  EXPECT_EQ(exchange->daily, 10000);
  const PublishedLimit* google = find_limit(limits, "smtp-relay.gmail.com");
  ASSERT_NE(google, nullptr);
  EXPECT_EQ(google->daily, 10000);
  EXPECT_FALSE(google->rate);
  for (const PublishedLimit& limit : limits) {
    EXPECT_THAT(limit.published, StartsWith("https://")) << limit.name;
    EXPECT_EQ(limit.as_of.size(), 7U) << limit.name;
  }
}

TEST(MailLimits, AServerIsFoundByItsNameOrUnderADomain) {
  const auto limits = parse_mail_limits({"limits.toml", Good});
  ASSERT_EQ(limits.size(), 1U);
  EXPECT_NE(find_limit(limits, "smtp.post.example"), nullptr);
  EXPECT_NE(find_limit(limits, "a.b.pool.example"), nullptr);
  EXPECT_EQ(find_limit(limits, "pool.example"), nullptr);
  EXPECT_EQ(find_limit(limits, ".pool.example"), nullptr);
  EXPECT_EQ(find_limit(limits, "evil-smtp.post.example"), nullptr);
  EXPECT_EQ(find_limit(limits, "a.smtp.post.example"), nullptr);
  EXPECT_EQ(find_limit(limits, ""), nullptr);
}

TEST(MailLimits, WhatIsWrongIsSaidWithItsLine) {
  const std::string good = Good;
  EXPECT_THAT(parse_mail_limits({"limits.toml", ""}), IsEmpty());
  EXPECT_THAT(problem(good + "burst = 3\n"), HasSubstr("limits.toml, line 9: unknown key post.burst"));
  EXPECT_THAT(problem("[post]\nname = \"Post\"\n"), HasSubstr("line 1: an entry needs name, hosts"));
  EXPECT_THAT(problem("[post]\nname = \"P\"\nhosts = [\"a\"]\npublished = \"p\"\nas_of = \"2026-01\"\n"),
              HasSubstr("needs a limit"));
  EXPECT_THAT(problem("[post]\nconnections = 0\n"), HasSubstr("line 2: post.connections must be"));
  EXPECT_THAT(problem("[post]\ndaily = \"many\"\n"), HasSubstr("post.daily must be a whole number"));
  EXPECT_THAT(problem("[post]\nrate = \"30\"\n"), HasSubstr("post.rate must be like"));
  EXPECT_THAT(problem("[post]\nhosts = \"a\"\n"), HasSubstr("post.hosts must be a list"));
  EXPECT_THAT(problem("name = \"Post\"\n"), HasSubstr("line 1: name stands outside"));
  EXPECT_THAT(problem("[post.more]\nname = \"Post\"\n"), HasSubstr("unknown key post.more"));
}

TEST(MailLimits, RatesAreReadAndSaid) {
  EXPECT_EQ(describe(*parse_message_rate("300/m")), "300 a minute");
  EXPECT_EQ(describe(*parse_message_rate(" 5 / s ")), "5 a second");
  EXPECT_EQ(describe(*parse_message_rate("10000/d")), "10000 a day");
  for (const char* bad : {"", "300", "0/m", "-1/m", "1000001/m", "300/x", "/m", "3.5/m"})
    EXPECT_FALSE(parse_message_rate(bad)) << bad;
}

}  // namespace
}  // namespace dialin
