// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Doctor : public testing::Test {
 protected:
  void SetUp() override {
    bench.settings["DIALIN_SMTP_SERVER"] = "mail.contoso.com";
    bench.settings["DIALIN_ORGANISATION_SETTINGS_PAGE_URL"] = "https://dialin.contoso.com";
    bench.transport.offer = {.answered = true,
                             .encryption = "TLSv1.3, TLS_AES_256_GCM_SHA384",
                             .certificate_verified = true,
                             .certificate = "It is for mail.contoso.com, valid 2026-01-01 to 2036-01-01.",
                             .pipelining = true,
                             .size_limit = 10485760,
                             .auth = {"PLAIN"}};
  }
  void import() {
    ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0) << bench.error();
    ASSERT_EQ(bench.run({"number", "import", example("contoso-numbers.csv")}), 0) << bench.error();
  }
  // "Subject: finding | remedy" of all lines that have this state.
  std::vector<std::string> lines(const std::string& state, int code) {
    EXPECT_EQ(bench.run({"doctor", "-Output", "json"}), code) << bench.output() << bench.error();
    std::vector<std::string> found;
    for (const nlohmann::json& line : nlohmann::json::parse(bench.output())) {
      if (line["State"] == state)
        found.push_back(line.value("Subject", "") + ": " + line.value("Finding", "") + " | " +
                        line.value("Remedy", ""));
    }
    return found;
  }

  CommandBench bench;
};

TEST_F(Doctor, MakesNoStoreAndSaysWhatIsThere) {
  EXPECT_THAT(lines("problem", 0), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(bench.data_directory()));
  EXPECT_THAT(lines("warning", 0), Contains(HasSubstr("dialin people import")));
  EXPECT_THAT(bench.error(), HasSubstr("0 problems, 1 warning."));
  EXPECT_THAT(bench.transport.messages, IsEmpty());
}

TEST_F(Doctor, FindsNothingWrongWhereNothingIs) {
  import();
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com"}), 0);
  const std::vector<std::string> ok = lines("ok", 0);
  for (const char* words :
       {"Configuration: built-in defaults", "Data directory: ", "Store: SQLite", "opens what was sealed last",
        "Clock: ", "CAWelcomeEmailTemplate.html (en)", "CAWelcomeEmailTemplate.fr.html (fr)",
        "Settings page: https://", "mail.contoso.com:25 connects, TLSv1.3", "AUTH offered: PLAIN",
        "takes mails of 10,485,760 octets; the largest", "PIPELINING offered",
        "no mail of a single command is due", "no listener is configured"})
    EXPECT_THAT(ok, Contains(HasSubstr(words)));
  EXPECT_GT(bench.transport.probes.back().message_size, 5000U);
  EXPECT_THAT(lines("problem", 0), IsEmpty());
}

TEST_F(Doctor, SaysWhetherTheKeyWasExported) {
  import();
  EXPECT_THAT(lines("warning", 0), Contains(HasSubstr("has never been exported")));
  const auto store = bench.open_store();
  store->keys().note_export(store->keys().in_use(), {.name = "marco"});
  EXPECT_THAT(lines("warning", 0), Not(Contains(HasSubstr("exported"))));
  EXPECT_THAT(lines("ok", 0), Contains(HasSubstr("was exported on")));
}

TEST_F(Doctor, ReadsForPeople) {
  EXPECT_EQ(bench.run({"doctor"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("ok       Configuration"), HasSubstr("warning  Store"),
                                    HasSubstr("-> The first people make it")));
}

TEST_F(Doctor, NamesWhatOthersMayReadOrWrite) {
  import();
  std::filesystem::permissions(bench.data_directory() / "keys", std::filesystem::perms(0755));
  EXPECT_THAT(lines("problem", 1),
              Contains(AllOf(HasSubstr("other accounts may use"), HasSubstr("chmod 0700"))));
}

TEST_F(Doctor, ASecretThatOthersMayReadIsRefused) {
  const auto file = bench.file("password", "secret\n");
  bench.settings["DIALIN_SMTP_USER"] = "admin";
  bench.settings["DIALIN_SMTP_PASSWORD_FILE"] = file.string();
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  EXPECT_THAT(lines("problem", 1), Contains(AllOf(HasSubstr("Secrets: smtp.password_file"), HasSubstr("0644"),
                                                  HasSubstr("chmod "))));
  // Root gives it to an account by its group.
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  EXPECT_THAT(lines("problem", 0), IsEmpty());
  EXPECT_THAT(lines("ok", 0), Contains(HasSubstr("the login of admin was accepted")));
}

TEST_F(Doctor, APasswordThatMustBeTypedIsAWarning) {
  bench.settings["DIALIN_SMTP_USER"] = "admin";
  EXPECT_THAT(lines("warning", 0), Contains(HasSubstr("the password of admin can only be typed")));
  EXPECT_THAT(bench.transport.probes.back().server.user, "");
}

TEST_F(Doctor, ServerThatCannotBeReachedOrIsNotTrusted) {
  bench.transport.session_problem =
      Delivery{.problem = SessionProblem::Unreachable, .during = "connecting", .text = "connection refused"};
  bench.transport.offer = {};
  EXPECT_THAT(lines("problem", 1), Contains(AllOf(HasSubstr("connection refused"), HasSubstr("firewall"))));
  bench.transport.session_problem.reset();
  bench.transport.offer = {.answered = true};
  EXPECT_THAT(lines("warning", 0), Contains(HasSubstr("PINs cross the network in clear")));
  bench.settings.erase("DIALIN_SMTP_SERVER");
  EXPECT_THAT(lines("problem", 1), Contains(HasSubstr("no mail server is named")));
}

TEST_F(Doctor, ACertificateThatEndsSoonIsAWarning) {
  bench.transport.offer.certificate_ends = SystemClock().now() + std::chrono::hours(24 * 3);
  EXPECT_THAT(lines("warning", 0), Contains(HasSubstr("Renew the certificate")));
}

TEST_F(Doctor, SendsOneMailWithoutAPinIfAnAddressIsNamed) {
  bench.settings["DIALIN_MAIL_FROM"] = "marco@contoso.com";
  EXPECT_EQ(bench.run({"doctor", "-SendTo", "eva@contoso.com"}), 0) << bench.output();
  ASSERT_EQ(bench.transport.messages.size(), 1U);
  EXPECT_EQ(bench.transport.messages[0].recipient, "eva@contoso.com");
  EXPECT_THAT(bench.transport.messages[0].content,
              AllOf(HasSubstr("It holds no PIN"), HasSubstr("A test of Dialin")));
  EXPECT_THAT(bench.output(), HasSubstr("Test mail"));
  EXPECT_EQ(bench.run({"doctor", "-SendTo", "no address"}), 64);
  bench.transport.answer = {
      .result = DeliveryResult::Refused, .scope = DeliveryScope::Recipient, .reply_code = 550};
  EXPECT_EQ(bench.run({"doctor", "-SendTo", "eva@contoso.com"}), 1);
}

TEST_F(Doctor, WhatWaitsTooLongAndPausesAreProblems) {
  import();
  bench.settings["DIALIN_MAIL_FROM"] = "marco@contoso.com";
  bench.transport.session_problem = Delivery{.problem = SessionProblem::Unreachable, .text = "refused"};
  ASSERT_EQ(bench.run({"welcome", "bob@contoso.com"}), 75);
  bench.transport.session_problem.reset();
  EXPECT_THAT(lines("ok", 0), Contains(AllOf(HasSubstr("Waiting: "))));
  bench.ahead = std::chrono::hours(2);
  EXPECT_THAT(lines("problem", 1), Contains(AllOf(HasSubstr("1 mail is due"), HasSubstr("dialin deliver"))));
  Pause pause;
  pause.server = "mail.contoso.com";
  pause.port = 25;
  pause.words = "535 no";
  bench.open_store()->outbox().pause(pause, {.name = "marco", .origin = "test"});
  EXPECT_THAT(lines("problem", 1), Contains(HasSubstr("535 no")));
}

TEST_F(Doctor, AClockBehindTheStoresNewestLineIsAProblem) {
  import();
  bench.ahead = -std::chrono::hours(2);
  EXPECT_THAT(lines("problem", 1),
              Contains(AllOf(HasSubstr("Clock: "), HasSubstr("the store has a line of"))));
}

TEST_F(Doctor, NumbersAndRegionsThatDoNotMeet) {
  ASSERT_EQ(bench.run({"people", "add", "bob@contoso.com", "--region", "Atlantis"}), 0);
  EXPECT_THAT(lines("warning", 0), Contains(HasSubstr("there are no access numbers")));
  ASSERT_EQ(bench.run({"number", "import", example("contoso-numbers.csv")}), 0);
  ASSERT_EQ(bench.run({"people", "add", "eva@contoso.com"}), 0);
  EXPECT_THAT(lines("warning", 0), AllOf(Contains(HasSubstr("1 person is of the region Atlantis")),
                                         Contains(HasSubstr("1 person has no region"))));
}

TEST_F(Doctor, TemplatesSettingsPageAndListenerAreLookedAt) {
  const auto file =
      bench.file("templates/CAWelcomeEmailTemplate.html",
                 "<html lang=\"en\"><head><title>Hello</title></head><body>{{PNI}}</body></html>\n");
  bench.settings["DIALIN_MAIL_TEMPLATE_DIRECTORY"] = file.parent_path().string();
  bench.settings["DIALIN_ORGANISATION_SETTINGS_PAGE_URL"] = "http://dialin.contoso.com";
  bench.settings["DIALIN_CHECK_LISTEN"] = "127.0.0.1:8467";
  bench.settings["DIALIN_MAIL_LANGUAGE"] = "english please";
  EXPECT_THAT(lines("problem", 1), AllOf(Contains(HasSubstr("Templates: ")),
                                         Contains(HasSubstr("PIN checks: dialin serve does not listen")),
                                         Contains(HasSubstr("mail.language \"english please\""))));
  EXPECT_THAT(lines("warning", 1), Contains(HasSubstr("is not https")));
}

class ConfigCommands : public testing::Test {
 protected:
  CommandBench bench;
};

TEST_F(ConfigCommands, ShowTellsWhereEachValueComesFromAndNoSecret) {
  bench.settings["DIALIN_SMTP_SERVER"] = "mail.contoso.com";
  bench.settings["DIALIN_SMTP_OAUTH_TOKEN_COMMAND"] = "/bin/token --password hunter2";
  ASSERT_EQ(bench.run({"config", "show"}), 0) << bench.error();
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("smtp.server"), HasSubstr("environment DIALIN_SMTP_SERVER"),
                    HasSubstr("queue.lease"), HasSubstr("(hidden)"), Not(HasSubstr("hunter2"))));
  ASSERT_EQ(bench.run({"config", "show", "--changed"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("smtp.server"), Not(HasSubstr("queue.lease"))));
}

TEST_F(ConfigCommands, CheckNamesEveryProblemByLine) {
  const auto file = bench.file(
      "dialin.toml", "[smtp]\nserver = \"a b\"\nprot = 25\n[mail]\nfrom = 7\n[organistion]\nname = \"x\"\n");
  EXPECT_EQ(bench.run({"config", "check", file.string()}), 78);
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("dialin.toml:2: smtp.server \"a b\""),
                    HasSubstr("dialin.toml:3: there is no setting smtp.prot; did you mean port?"),
                    HasSubstr("dialin.toml:5: mail.from: expected a text"),
                    HasSubstr("dialin.toml:6: there is no section")));
  EXPECT_THAT(bench.error(), HasSubstr("4 problems."));
  // What has a good form and is wrong all the same.
  const auto other =
      bench.file("other.toml", "[smtp]\nserver = \"a b\"\n[mail]\nfrom = \"marco\"\nlanguage = \"x\"\n");
  EXPECT_EQ(bench.run({"config", "check", other.string(), "-Output", "json"}), 78);
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("\"Line\": 2"), HasSubstr("\"Line\": 4"), HasSubstr("\"Line\": 5")));
  EXPECT_EQ(bench.run({"config", "check", (bench.directory / "absent").string()}), 64);
  bench.input = "[smtp]\nserver = \"mail.contoso.com\"\n";
  EXPECT_EQ(bench.run({"config", "check", "-"}), 0) << bench.output();
  EXPECT_EQ(bench.run({"config", "check"}), 0);
}

TEST_F(ConfigCommands, TheExampleIsAccepted) {
  ASSERT_EQ(bench.run({"config", "example"}), 0);
  bench.input = bench.output();
  EXPECT_EQ(bench.run({"config", "check", "-"}), 0) << bench.output();
}

}  // namespace
}  // namespace dialin::test
