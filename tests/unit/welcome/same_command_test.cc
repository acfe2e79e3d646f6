// SPDX-License-Identifier: Apache-2.0
#include "welcome/same_command.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace dialin::test {
namespace {

Mailbox mailbox(const std::string& text) {
  return Mailbox::parse(text).value();
}

WelcomeContent content() {
  WelcomeContent content{.to = mailbox("bob@contoso.com"), .from = mailbox("Marco <marco@contoso.com>")};
  content.subject = "Welcome";
  content.language = "en";
  content.template_hash = "0123456789abcdef0123";
  content.cc = {mailbox("audit@contoso.com")};
  return content;
}

struct Change {
  const char* name;  // of the part, as it is described
  std::function<void(WelcomeContent&)> make;
};

std::vector<Change> changes() {
  return {
      {"to", [](WelcomeContent& c) { c.to = mailbox("anna@contoso.com"); }},
      {"to", [](WelcomeContent& c) { c.to_is_from_record = true; }},
      {"from", [](WelcomeContent& c) { c.from = mailbox("anna@contoso.com"); }},
      {"from", [](WelcomeContent& c) { c.from = mailbox("Anna <marco@contoso.com>"); }},
      {"reply-to", [](WelcomeContent& c) { c.reply_to = mailbox("help@contoso.com"); }},
      {"envelope sender", [](WelcomeContent& c) { c.envelope_sender = "bounce@contoso.com"; }},
      {"subject", [](WelcomeContent& c) { c.subject = "Hello"; }},
      {"language", [](WelcomeContent& c) { c.language = "fr"; }},
      {"cc", [](WelcomeContent& c) { c.cc = {mailbox("boss@contoso.com")}; }},
      {"bcc", [](WelcomeContent& c) { c.bcc = {mailbox("boss@contoso.com")}; }},
      {"PIN in copies", [](WelcomeContent& c) { c.mask_pin_in_copies = true; }},
      {"body", [](WelcomeContent& c) { c.plain_text_only = true; }},
      {"settings page link", [](WelcomeContent& c) { c.without_link = true; }},
      {"template", [](WelcomeContent& c) { c.template_hash = "another"; }},
  };
}

TEST(SameContent, WithoutCopiesNothingIsMasked) {
  WelcomeContent shown = content();
  shown.cc.clear();
  WelcomeContent masked = shown;
  masked.mask_pin_in_copies = true;
  EXPECT_TRUE(same_content(shown, masked));
  EXPECT_EQ(describe_differences(shown, masked), "");
}

TEST(SameContent, EveryPartCounts) {
  EXPECT_TRUE(same_content(content(), content()));
  for (const Change& change : changes()) {
    WelcomeContent other = content();
    change.make(other);
    EXPECT_FALSE(same_content(content(), other)) << change.name;
    EXPECT_FALSE(same_content(other, content())) << change.name;
    EXPECT_TRUE(same_content(other, other)) << change.name;
  }
}

TEST(SameContent, TheRecordedAddressIsTheSameWhateverIsRecorded) {
  WelcomeContent a = content(), b = content();
  a.to_is_from_record = b.to_is_from_record = true;
  b.to = mailbox("robert@contoso.com");
  EXPECT_TRUE(same_content(a, b));
  EXPECT_EQ(describe_differences(a, b), "");
}

TEST(SameContent, TemplatesThatBeginAlikeAreNotTheSame) {
  WelcomeContent other = content();
  other.template_hash = content().template_hash + "x";
  EXPECT_FALSE(same_content(content(), other));
}

TEST(DescribeDifferences, NamesEachPartWithBothValues) {
  for (const Change& change : changes()) {
    WelcomeContent other = content();
    change.make(other);
    const std::string text = describe_differences(content(), other);
    EXPECT_EQ(text.rfind(std::string(change.name) + ": \"", 0), 0u) << text;
    EXPECT_NE(text.find("\", now \""), std::string::npos) << text;
    EXPECT_EQ(text.find(';'), std::string::npos) << text;
  }
  WelcomeContent other = content();
  other.subject = "Hello";
  other.to = mailbox("anna@contoso.com");
  EXPECT_EQ(describe_differences(content(), other),
            "to: \"bob@contoso.com\", now \"anna@contoso.com\"; subject: \"Welcome\", now \"Hello\"");
  EXPECT_EQ(describe_differences(content(), content()), "");
}

TEST(SameWay, EveryPartCounts) {
  const WelcomeWay way{.server = "mail.contoso.com",
                       .port = 587,
                       .tls = WelcomeWay::Tls::Required,
                       .user = "admin@contoso.com",
                       .password_source = "prompt"};
  EXPECT_TRUE(same_way(way, way));
  const std::vector<std::function<void(WelcomeWay&)>> changes = {
      [](WelcomeWay& w) { w.server = "other"; }, [](WelcomeWay& w) { w.port = 25; },
      [](WelcomeWay& w) { w.tls = WelcomeWay::Tls::Implicit; }, [](WelcomeWay& w) { w.user = "other"; },
      [](WelcomeWay& w) { w.password_source = "environment"; }};
  for (const auto& change : changes) {
    WelcomeWay other = way;
    change(other);
    EXPECT_FALSE(same_way(way, other));
    EXPECT_FALSE(same_way(other, way));
  }
}

TEST(DescribeWay, ServerTlsAndAccount) {
  WelcomeWay way;
  way.server = "mail.contoso.com";
  EXPECT_EQ(describe(way), "mail.contoso.com:25, TLS if offered");
  way = {.server = "mail.contoso.com",
         .port = 587,
         .tls = WelcomeWay::Tls::Required,
         .user = "admin@contoso.com"};
  EXPECT_EQ(describe(way), "mail.contoso.com:587, TLS required, as admin@contoso.com");
  way.tls = WelcomeWay::Tls::Implicit;
  EXPECT_EQ(describe(way), "mail.contoso.com:587, TLS from the start, as admin@contoso.com");
}

TEST(CommandHash, TellsEveryPartApart) {
  std::set<std::string> hashes = {
      command_hash("bob", content(), false, false), command_hash("anna", content(), false, false),
      command_hash("bob", content(), true, false), command_hash("bob", content(), false, true)};
  EXPECT_EQ(hashes.size(), 4u);
  std::size_t count = hashes.size();
  for (const Change& change : changes()) {
    WelcomeContent other = content();
    change.make(other);
    hashes.insert(command_hash("bob", other, false, false));
    EXPECT_EQ(hashes.size(), ++count) << change.name;
  }
  EXPECT_EQ(command_hash("bob", content(), true, true), command_hash("bob", content(), true, true));
}

TEST(CommandHash, APartThatLooksLikeTwoIsNotTwo) {
  WelcomeContent a = content(), b = content();
  a.subject = "x\nlanguage:2:en";
  b.subject = "x";
  EXPECT_NE(command_hash("bob", a, false, false), command_hash("bob", b, false, false));
}

TEST(CommandHash, IsOneOfSha256InHexadecimal) {
  const std::string hash = command_hash("bob", content(), false, false);
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace dialin::test
