// SPDX-License-Identifier: Apache-2.0
// What an administrator sees of notices: when they are sent, that they hold back nothing, their templates;
// and what is known of PINs that are set: -NotMeetingPolicy, -IgnoreHistory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class NoticeCommands : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0) << bench.error();
    bench.settings = {{"DIALIN_MAIL_FROM", "dialin@contoso.com"},
                      {"DIALIN_SMTP_SERVER", "mail.contoso.com"},
                      {"DIALIN_PIN_HASH_MEMORY_KIB", "8"},
                      {"DIALIN_PIN_HASH_PASSES", "1"},
                      {"DIALIN_QUEUE_RETRY_PAUSE", "0s"}};
    bench.prompter.terminal = false;
  }
  int set(const std::string& who, const std::string& pin) { return bench.run({"Set-CsClientPin", who, pin}); }
  CommandBench bench;
};

TEST_F(NoticeCommands, SettingAPinTellsThePersonInTheirLanguage) {
  ASSERT_EQ(set("elodie.lefevre@contoso.com", "73519"), 0) << bench.error();
  ASSERT_EQ(bench.transport.messages.size(), 1u);
  const auto& notice = bench.transport.messages[0];
  EXPECT_EQ(notice.server.host, "mail.contoso.com");
  EXPECT_THAT(notice.content, HasSubstr("Content-Language: fr"));
  EXPECT_THAT(notice.content, Not(HasSubstr("73519")));
  EXPECT_THAT(bench.error(), Not(HasSubstr("otice"))) << "nothing to say";
  ASSERT_EQ(bench.run({"status"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("Notices "), HasSubstr("NoticesSent ")));
}

TEST_F(NoticeCommands, NoneWithoutAServerASenderAnAddressOrTheWish) {
  bench.settings.erase("DIALIN_SMTP_SERVER");
  ASSERT_EQ(set("bob@contoso.com", "73519"), 0);
  bench.settings["DIALIN_SMTP_SERVER"] = "mail.contoso.com";
  bench.settings.erase("DIALIN_MAIL_FROM");
  ASSERT_EQ(set("bob@contoso.com", "86204"), 0);
  bench.settings["DIALIN_MAIL_FROM"] = "dialin@contoso.com";
  bench.settings["DIALIN_MAIL_NOTIFY_CHANGES"] = "false";
  ASSERT_EQ(set("bob@contoso.com", "97315"), 0);
  EXPECT_EQ(bench.error(), "The former PIN is no longer valid.\n");
  EXPECT_TRUE(bench.transport.messages.empty());
}

TEST_F(NoticeCommands, AServerThatIsAwayChangesNoExitCodeAndDeliverSendsIt) {
  bench.transport.session_problem = Delivery{.result = DeliveryResult::Deferred,
                                             .scope = DeliveryScope::Session,
                                             .problem = SessionProblem::Unreachable,
                                             .text = "connection refused"};
  EXPECT_EQ(set("bob@contoso.com", "73519"), 0);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("stays queued"), HasSubstr("dialin deliver")));
  bench.transport.session_problem.reset();
  ASSERT_EQ(bench.run({"deliver", "-Output", "csv"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("sip:bob@contoso.com,Notice,Sent,bob@contoso.com"));
  EXPECT_EQ(bench.run({"deliver"}), 0);
  EXPECT_EQ(bench.transport.messages.size(), 1u);
}

TEST_F(NoticeCommands, ARefusedOneIsSaidAndIsNoFailure) {
  bench.transport.answer = {.result = DeliveryResult::Refused,
                            .scope = DeliveryScope::Recipient,
                            .reply_code = 550,
                            .text = "no such user"};
  EXPECT_EQ(set("bob@contoso.com", "73519"), 0);
  EXPECT_THAT(bench.error(), HasSubstr("The notice to bob@contoso.com was not delivered"));
  EXPECT_EQ(bench.run({"deliver"}), 0);
}

TEST_F(NoticeCommands, AServerThatIsConfiguredWronglyIsSaidOnceAndIsNoObstacle) {
  bench.settings["DIALIN_SMTP_SERVER"] = "what is this";
  EXPECT_EQ(bench.run({"pin", "set", "bob@contoso.com", "marco@contoso.com", "--yes"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("No notice is sent"));
  EXPECT_EQ(bench.error().find("No notice"), bench.error().rfind("No notice"));
}

TEST_F(NoticeCommands, WhatIfSaysSo) {
  ASSERT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "-WhatIf"}), 0);
  EXPECT_THAT(bench.output(),
              HasSubstr("a notice of it would go to bob@contoso.com through mail.contoso.com:25"));
  EXPECT_TRUE(bench.transport.messages.empty());
}

TEST_F(NoticeCommands, EachOfSeveralIsToldAfterTheirPinsWereShown) {
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com", "marco@contoso.com", "--yes"}), 0) << bench.error();
  ASSERT_EQ(bench.transport.messages.size(), 2u);
  EXPECT_EQ(bench.transport.messages[0].recipient, "bob@contoso.com");
  EXPECT_EQ(bench.transport.messages[1].recipient, "marco@contoso.com");
}

TEST_F(NoticeCommands, TemplatesAreExportedCheckedAndPreviewed) {
  const std::string folder = (bench.directory / "templates").string();
  ASSERT_EQ(bench.run({"template", "export", folder}), 0) << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("CAPinNoticeEmailTemplate.fr.html"));
  ASSERT_EQ(bench.run({"template", "check", folder}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("CAPinNoticeEmailTemplate.html (en)"));
  const std::string own = folder + "/CAPinNoticeEmailTemplate.html";
  std::filesystem::remove(own);
  bench.file(
      "templates/CAPinNoticeEmailTemplate.html",
      "<html lang='en'><head><title>Own</title></head><body>Own words {{CHANGED_AT}} {{PIN}}</body></html>");
  EXPECT_EQ(bench.run({"template", "check", own}), 1);
  EXPECT_THAT(bench.output(), HasSubstr("never holds a PIN"));
  // It holds nothing back: the built-in one is sent.
  bench.settings["DIALIN_MAIL_TEMPLATE_DIRECTORY"] = folder;
  ASSERT_EQ(set("bob@contoso.com", "73519"), 0);
  EXPECT_THAT(bench.transport.messages.back().content, Not(HasSubstr("Own words")));
  std::filesystem::remove(own);
  bench.file("templates/CAPinNoticeEmailTemplate.html",
             "<html lang='en'><head><title>Own</title></head><body>Own words {{CHANGED_AT}}</body></html>");
  ASSERT_EQ(set("bob@contoso.com", "86204"), 0);
  EXPECT_THAT(bench.transport.messages.back().content, HasSubstr("Subject: Own"));
  ASSERT_EQ(bench.run({"template", "preview", "bob@contoso.com", "-Notice"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("Own words"));
}

// ---- What is known of PINs that are set

TEST_F(NoticeCommands, NotMeetingPolicyNamesThoseWhosePinTheirPolicyWouldNotAllow) {
  ASSERT_EQ(set("bob@contoso.com", "73519"), 0);
  ASSERT_EQ(set("marco@contoso.com", "735194"), 0);
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "-NotMeetingPolicy", "-Output", "csv"}), 0);
  EXPECT_THAT(bench.output(), Not(HasSubstr("contoso.com")));
  ASSERT_EQ(bench.run({"Set-CsPinPolicy", "-MinPasswordLength", "6", "-Force"}), 0) << bench.error();
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "-NotMeetingPolicy", "-Output", "csv"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("bob@contoso.com"), Not(HasSubstr("marco@contoso.com"))));
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "bob@contoso.com", "-Detailed"}), 0);
  EXPECT_THAT(bench.output(), testing::ContainsRegex("MeetsPolicy +: False"));
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "marco@contoso.com", "-Detailed"}), 0);
  EXPECT_THAT(bench.output(), testing::ContainsRegex("MeetsPolicy +: True"));
  EXPECT_EQ(bench.run({"Get-CsClientPinInfo", "-NotMeetingPolicy", "-Locked"}), 64);
  ASSERT_EQ(bench.run({"Lock-CsClientPin", "-NotMeetingPolicy", "-Reason", "too short", "-Force"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("The PIN of sip:bob@contoso.com is locked"));
  EXPECT_THAT(bench.error(), Not(HasSubstr("marco")));
}

TEST_F(NoticeCommands, ARunReplacesThosePins) {
  ASSERT_EQ(set("bob@contoso.com", "73519"), 0);
  ASSERT_EQ(set("marco@contoso.com", "735194"), 0);
  ASSERT_EQ(bench.run({"Set-CsPinPolicy", "-MinPasswordLength", "6", "-Force"}), 0);
  bench.transport.messages.clear();
  EXPECT_EQ(bench.run({"welcome", "--not-meeting-policy", "--no-link"}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("-Force replaces their PINs"));
  EXPECT_EQ(bench.run({"welcome", "--not-meeting-policy", "--all", "--force"}), 64);
  ASSERT_EQ(bench.run({"welcome", "--not-meeting-policy", "--force", "--no-link", "--yes"}), 0)
      << bench.error();
  ASSERT_EQ(bench.transport.messages.size(), 1u);
  EXPECT_EQ(bench.transport.messages[0].recipient, "bob@contoso.com");
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "-NotMeetingPolicy", "-Output", "csv"}), 0);
  EXPECT_THAT(bench.output(), Not(HasSubstr("bob@contoso.com")));
}

TEST_F(NoticeCommands, AWelcomeMayIgnoreTheHistoryAndTheTrailSaysSo) {
  ASSERT_EQ(bench.run({"Set-CsPinPolicy", "-PINHistoryCount", "3", "-Force"}), 0);
  ASSERT_EQ(set("bob@contoso.com", "73519"), 0);
  ASSERT_EQ(set("bob@contoso.com", "86204"), 0);
  const std::vector<std::string> words = {"welcome", "bob@contoso.com", "--pin", "73519", "--force"};
  EXPECT_EQ(bench.run(words), 1);
  EXPECT_THAT(bench.error(), HasSubstr("PinDoesNotMeetMinimumRequirements"));
  std::vector<std::string> ignoring = words;
  ignoring.push_back("--ignore-history");
  ASSERT_EQ(bench.run(ignoring), 0) << bench.error();
  EXPECT_EQ(bench.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "73519"}), 0);
  EXPECT_EQ(bench.run({"welcome", "--all", "--force", "--ignore-history"}), 64);
}

}  // namespace
}  // namespace dialin::test
