// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class WelcomeMany : public testing::Test {
 protected:
  void SetUp() override {
    bench.settings["DIALIN_MAIL_FROM"] = "marco@contoso.com";
    bench.settings["DIALIN_ORGANISATION_SETTINGS_PAGE_URL"] = "https://dialin.contoso.com";
    bench.settings["DIALIN_SMTP_SERVER"] = "mail.contoso.com";
    ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0) << bench.error();
  }
  int welcome(std::vector<std::string> words) {
    words.insert(words.begin(), "welcome");
    return bench.run(words);
  }
  std::string csv(const std::string& content) { return bench.file("users.csv", content).string(); }
  std::string content_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  std::vector<RunRecord> runs() { return bench.open_store()->runs().list(); }

  CommandBench bench;
};

constexpr const char* Two = "UserUri\nbob@contoso.com\nkenmyer@contoso.com\n";

TEST_F(WelcomeMany, ExactlyOneThingNamesThePeople) {
  EXPECT_EQ(welcome({"bob@contoso.com", "--csv", csv(Two)}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("--user-uri and --csv"));
  EXPECT_EQ(welcome({"--csv", csv(Two), "--json"}), 64);
  EXPECT_EQ(welcome({"--csv", csv(Two), "--region", "Redmond"}), 64);
  EXPECT_EQ(welcome({"--all", "--pin-not-set"}), 64);
  EXPECT_EQ(welcome({"bob@contoso.com", "--report", "x.csv"}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("--report belongs to a run"));
  EXPECT_EQ(welcome({}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("missing --user-uri"));
  EXPECT_THAT(bench.transport.messages, IsEmpty());
}

TEST_F(WelcomeMany, WhatMeansOnePersonIsRefused) {
  for (const char* option : {"--pin=18723834", "--user-email-address=bob@contoso.com", "--show-pin"}) {
    EXPECT_EQ(welcome({"--csv", csv(Two), option}), 64) << option;
    EXPECT_THAT(bench.error(), HasSubstr("means one person"));
  }
  EXPECT_EQ(welcome({"--csv", csv(Two), "--rate", "fast"}), 64);
  EXPECT_THAT(runs(), IsEmpty());
}

TEST_F(WelcomeMany, WhatIfChangesAndSendsNothing) {
  EXPECT_EQ(welcome({"--pin-not-set", "--what-if"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("everybody without a PIN"), HasSubstr("ready for these mails"),
                                    HasSubstr("Languages:")));
  EXPECT_THAT(bench.transport.probes, SizeIs(1));
  EXPECT_GT(bench.transport.probes.front().message_size, 4096U);
  EXPECT_THAT(bench.transport.messages, IsEmpty());
  EXPECT_THAT(runs(), IsEmpty());
}

TEST_F(WelcomeMany, ABadRowStopsTheRunBeforeItBegins) {
  const std::string file = csv("UserUri\nbob@contoso.com\nnobody@contoso.com\n");
  EXPECT_EQ(welcome({"--csv", file}), 64);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("users.csv:3: UserUri: there is no person"),
                                   HasSubstr("one row cannot be welcomed"), HasSubstr("--skip-invalid")));
  EXPECT_THAT(runs(), IsEmpty());
  EXPECT_EQ(welcome({"--csv", file, "--what-if"}), 64);
}

TEST_F(WelcomeMany, WithoutALinkARunIsRefused) {
  bench.settings.erase("DIALIN_ORGANISATION_SETTINGS_PAGE_URL");
  EXPECT_EQ(welcome({"--pin-not-set"}), 78);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("settings_page_url = "), HasSubstr("--no-link")));
  EXPECT_THAT(runs(), IsEmpty());
  EXPECT_EQ(welcome({"--pin-not-set", "--no-link", "--queue"}), 0) << bench.error();
}

TEST_F(WelcomeMany, AnAnswerOfNoLeavesNothingBehind) {
  bench.prompter.terminal = true;
  bench.prompter.yes_no = {false};
  EXPECT_EQ(welcome({"--pin-not-set"}), 1);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("To welcome:"), HasSubstr("stopped by your answer")));
  EXPECT_THAT(runs(), IsEmpty());
}

TEST_F(WelcomeMany, QueuesAndShowsAndCancels) {
  ASSERT_EQ(welcome({"--pin-not-set", "--run-name", "march", "--queue"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("dialin run show march --follow"));
  EXPECT_THAT(bench.transport.messages, IsEmpty());
  EXPECT_EQ(welcome({"--all", "--run-name", "MARCH"}), 1);
  EXPECT_THAT(bench.error(), HasSubstr("there is a run march already"));
  EXPECT_EQ(bench.run({"run", "list"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("march"));
  EXPECT_EQ(bench.run({"run", "show", "marhc"}), 1);
  EXPECT_THAT(bench.error(), HasSubstr("Did you mean march?"));
  EXPECT_EQ(bench.run({"run", "show", "march"}), 0);
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("State             : ready"), HasSubstr("Sent              : 0")));
  EXPECT_EQ(bench.run({"run", "cancel", "march"}), 64);  // asks, and there is no terminal
  EXPECT_EQ(bench.run({"run", "cancel", "march", "--yes"}), 0) << bench.error();
  EXPECT_EQ(bench.run({"run", "resume", "march"}), 1);
}

TEST_F(WelcomeMany, SendsReportsAndKnowsTheSameFileAgain) {
  const std::string file = csv("UserUri,Language\nbob@contoso.com,fr\nnobody@contoso.com,\n");
  const auto report = bench.directory / "report.csv";
  ASSERT_EQ(welcome({"--csv", file, "--skip-invalid", "--report", report.string()}), 1) << bench.error();
  ASSERT_THAT(bench.transport.messages, SizeIs(1));
  EXPECT_EQ(bench.transport.messages.front().recipient, "bob@contoso.com");
  EXPECT_THAT(bench.transport.messages.front().content, HasSubstr("Content-Language: fr"));
  EXPECT_THAT(content_of(report), AllOf(HasSubstr(",Set,Sent,"), HasSubstr(",Invalid,UserDoesNotExist,")));
  EXPECT_EQ(welcome({"--csv", file, "--skip-invalid"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("nothing left to do"));
  EXPECT_THAT(bench.transport.messages, SizeIs(1));
  EXPECT_THAT(runs(), SizeIs(1));
  // Its own report is an input: who was sent theirs is skipped.
  EXPECT_EQ(welcome({"--csv", report.string(), "--skip-invalid"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("1 were sent theirs before"), HasSubstr("nobody to welcome")));
  EXPECT_EQ(bench.run({"run", "report", runs().front().name}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("Line,Identity,UserEmailAddress"));
}

TEST_F(WelcomeMany, ReplacingNeedsYesWithoutATerminal) {
  ASSERT_EQ(welcome({"bob@contoso.com"}), 0) << bench.error();
  const std::string file = csv("UserUri\nbob@contoso.com\n");
  EXPECT_EQ(welcome({"--csv", file}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("1 have a PIN"));
  EXPECT_EQ(welcome({"--csv", file, "--force"}), 64);
  EXPECT_THAT(bench.error(),
              AllOf(HasSubstr("1 PINs are replaced, 1 of them less than 7 days old"), HasSubstr("--yes")));
  EXPECT_EQ(welcome({"--csv", file, "--force", "--yes"}), 0) << bench.error();
  EXPECT_THAT(bench.transport.messages, SizeIs(2));
}

TEST_F(WelcomeMany, WritesTheFirstMailOfEachLanguage) {
  const auto folder = bench.directory / "mails";
  EXPECT_EQ(welcome({"--pin-not-set", "--what-if", "--preview", folder.string()}), 0) << bench.error();
  EXPECT_THAT(content_of(folder / "en.html"), HasSubstr("00000 SAMPLE"));
  EXPECT_THAT(content_of(folder / "en.eml"), AllOf(HasSubstr("From: "), HasSubstr("multipart/alternative")));
}

TEST_F(WelcomeMany, APlainRetryTakesWhatFailed) {
  bench.transport.answer = {.result = DeliveryResult::Refused,
                            .scope = DeliveryScope::Recipient,
                            .during = "RCPT TO",
                            .reply_code = 550,
                            .enhanced_code = "5.1.1",
                            .text = "no such user"};
  const std::string file = csv("UserUri\nbob@contoso.com\n");
  EXPECT_EQ(welcome({"--csv", file, "--run-name", "march"}), 1);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("Failures by reason"), HasSubstr("550 5.1.1")));
  bench.transport.answer = {
      .result = DeliveryResult::Accepted, .scope = DeliveryScope::None, .reply_code = 250};
  EXPECT_EQ(bench.run({"run", "retry", "march"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("1 that failed"));
  EXPECT_THAT(bench.output(), HasSubstr("Sent              : 1"));
  EXPECT_EQ(bench.run({"run", "retry", "march"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("nothing to retry"));
}

// With what stood in its row: nothing of it was kept but that it was there.
TEST_F(WelcomeMany, TheSameFileTakesARowThatCouldNotBeTakenBefore) {
  const std::string file =
      csv("UserUri,Pin,Language,Subject\nnew@contoso.com,73519,fr,Bonjour\nbob@contoso.com,,,\n");
  ASSERT_EQ(welcome({"--csv", file, "--skip-invalid", "--run-name", "march"}), 1) << bench.error();
  ASSERT_EQ(bench.run({"people", "add", "new@contoso.com", "--mail", "new@contoso.com"}), 0) << bench.error();
  EXPECT_EQ(bench.run({"run", "retry", "march"}), 1) << "its PIN would be another one";
  EXPECT_THAT(bench.error(), HasSubstr("type the first command again"));
  ASSERT_THAT(bench.transport.messages, SizeIs(1));
  EXPECT_EQ(welcome({"--csv", file, "--skip-invalid", "--run-name", "march"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("1 that could not be taken before"));
  ASSERT_THAT(bench.transport.messages, SizeIs(2));
  EXPECT_THAT(bench.transport.messages.back().content,
              AllOf(HasSubstr("Content-Language: fr"), HasSubstr("Subject: Bonjour"), HasSubstr("73519")));
  EXPECT_THAT(runs(), SizeIs(1));
}

constexpr const char* TwoKnown = "UserUri\nbob@contoso.com\nelodie.lefevre@contoso.com\n";

TEST_F(WelcomeMany, ResumingMayChangeTheAccountThatWasRefused) {
  bench.transport.session_problem = Delivery{.result = DeliveryResult::Deferred,
                                             .scope = DeliveryScope::Session,
                                             .problem = SessionProblem::PasswordRefused,
                                             .during = "AUTH",
                                             .reply_code = 535};
  const std::string wrong = bench.file("wrong", "wrong\n").string(),
                    right = bench.file("right", "right\n").string();
  for (const std::string& file : {wrong, right})
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  ASSERT_EQ(welcome({"--csv", csv(TwoKnown), "--run-name", "march", "--credential", "old:@" + wrong}), 77)
      << bench.error();
  bench.transport.session_problem.reset();
  EXPECT_EQ(bench.run({"run", "resume", "march", "--credential", "new:secret"}), 64);
  EXPECT_THAT(bench.transport.messages, IsEmpty());
  EXPECT_EQ(bench.run({"run", "resume", "march", "--credential", "new:@" + right}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("now goes by"));
  ASSERT_THAT(bench.transport.messages, SizeIs(2));
  EXPECT_EQ(bench.transport.messages.front().server.user, "new");
  EXPECT_EQ(bench.transport.messages.front().server.tls, TlsMode::Required);
}

TEST_F(WelcomeMany, ResumingMayChangeTheSenderThatWasRefused) {
  bench.transport.answer = {.result = DeliveryResult::Deferred,
                            .scope = DeliveryScope::Sender,
                            .during = "MAIL FROM",
                            .reply_code = 550,
                            .text = "not owned by you"};
  ASSERT_EQ(welcome({"--csv", csv(TwoKnown), "--run-name", "march"}), 75) << bench.error();
  bench.transport.messages.clear();
  bench.transport.answer = {
      .result = DeliveryResult::Accepted, .scope = DeliveryScope::None, .reply_code = 250};
  EXPECT_EQ(bench.run({"run", "resume", "march", "--from", "no address"}), 64);
  EXPECT_EQ(bench.run({"run", "resume", "march", "--from", "Desk <desk@contoso.com>"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("now come from desk@contoso.com, not from marco@contoso.com"));
  ASSERT_THAT(bench.transport.messages, SizeIs(2));
  for (const auto& message : bench.transport.messages) {
    EXPECT_EQ(message.envelope_sender, "desk@contoso.com");
    EXPECT_THAT(message.content, HasSubstr("From: Desk <desk@contoso.com>"));
  }
}

TEST_F(WelcomeMany, CopiesAreMaskedUnlessSomebodyConfirmsOtherwise) {
  const std::string file = csv("UserUri\nbob@contoso.com\n");
  EXPECT_EQ(welcome({"--csv", file, "--cc", "audit@contoso.com", "--unmasked-copies"}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("audit@contoso.com would read 1 PIN"));
  EXPECT_EQ(welcome({"--csv", file, "--cc", "audit@contoso.com"}), 0) << bench.error();
  EXPECT_THAT(bench.transport.messages, SizeIs(2));
}

TEST_F(WelcomeMany, PolicyAndHistoryHoldForTheRowsOfARun) {
  ASSERT_EQ(bench.run({"New-CsPinPolicy", "-Identity", "site:Redmond", "-MinPasswordLength", "7",
                       "-PINHistoryCount", "3", "-Confirm:false"}),
            0)
      << bench.error();
  const std::string bob = csv("UserUri,Pin\nbob@contoso.com,18723834\n");
  ASSERT_EQ(welcome({"--csv", bob}), 0) << bench.error();
  EXPECT_THAT(bench.transport.messages, SizeIs(1));
  const auto report = bench.directory / "report.csv";
  welcome({"--csv", bob, "--new-run", "--force", "--yes", "--report", report.string()});
  EXPECT_THAT(content_of(report), HasSubstr("PinDoesNotMeetMinimumRequirements"));
  EXPECT_THAT(bench.transport.messages, SizeIs(1));
  // Of Paris, where the global policy holds, the same length is enough.
  EXPECT_EQ(welcome({"--csv", csv("UserUri,Pin\nbob@contoso.com,73519\nelodie.lefevre@contoso.com,73519\n"),
                     "--force", "--yes", "--skip-invalid"}),
            1);
  EXPECT_THAT(bench.error(), HasSubstr("users.csv:2: Pin"));
  EXPECT_THAT(bench.transport.messages, SizeIs(2));
  ASSERT_EQ(welcome({"--csv", csv("UserUri\nbob@contoso.com\n"), "--force", "--yes"}), 0) << bench.error();
  EXPECT_THAT(bench.transport.messages, SizeIs(3));
  EXPECT_EQ(bench.open_store()->pins().last_verifiers(bench.person("sip:bob@contoso.com").id, 3).size(), 2U);
}

TEST_F(WelcomeMany, NumbersAndCommandsAreThoseOfThePersonsSite) {
  for (const char* site : {"Redmond", "Paris"}) {
    const std::string line = site[0] == 'R' ? "tel:+14255550100" : "tel:+33199000100";
    ASSERT_EQ(bench.run({"number", "new", std::string("sip:") + site + "@contoso.com", "--line-uri", line,
                         "--display-number", std::string(site) + " only", "--primary-language", "en",
                         "--regions", "Europe", "--site", site}),
              0)
        << bench.error();
  }
  ASSERT_EQ(bench.run({"dtmf", "set", "site:Paris", "--command-character", "#"}), 0) << bench.error();
  ASSERT_EQ(bench.run({"people", "set", "bob@contoso.com", "elodie.lefevre@contoso.com", "--region", "Europe",
                       "--yes"}),
            0)
      << bench.error();
  ASSERT_EQ(welcome({"--csv", csv("UserUri,Language\nbob@contoso.com,en\nelodie.lefevre@contoso.com,en\n")}),
            0)
      << bench.error();
  ASSERT_THAT(bench.transport.messages, SizeIs(2));
  for (const FakeTransport::Submitted& mail : bench.transport.messages) {
    const bool paris = mail.recipient != "bob@contoso.com";
    EXPECT_THAT(mail.content, AllOf(HasSubstr(paris ? "Paris only" : "Redmond only"),
                                    Not(HasSubstr(paris ? "Redmond only" : "Paris only"))));
    EXPECT_EQ(mail.content.find("*6") == std::string::npos, paris);
  }
}

}  // namespace
}  // namespace dialin::test
