// SPDX-License-Identifier: Apache-2.0
// doctor, why and config as an administrator uses them, with a real mail server.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/free_port.h"
#include "support/mail_servers.h"
#include "user_view.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class Tools : public testing::Test {
 protected:
  // "state Subject: finding" of each line.
  std::vector<std::string> doctor(int code, const DialinProgram::Arguments& more = {},
                                  const DialinProgram::Environment& environment = {}) const {
    DialinProgram::Arguments words = {"doctor", "-Output", "json"};
    words.insert(words.end(), more.begin(), more.end());
    const Completed done = program_.run(words, {}, environment);
    EXPECT_EQ(done.exit_code, code) << all_of(done);
    std::vector<std::string> lines;
    for (const nlohmann::json& line : nlohmann::json::parse(done.output))
      lines.push_back(fmt::format("{} {}: {}", line.value("State", ""), line.value("Subject", ""),
                                  line.value("Finding", "")));
    return lines;
  }

  DialinProgram program_;
};

TEST_F(Tools, DoctorLooksAtARealMailServerAndSendsOnlyWhenItIsTold) {
  const SmtpSink sink;
  const PostfixServer server({.relay_for_everybody = false, .relay_port = sink.port()});
  program_.set("smtp", "server", fmt::format("\"127.0.0.1:{}\"", server.port()));
  program_.set("smtp", "tls", "\"required\"");
  program_.set("smtp", "ca_file", fmt::format("\"{}\"", server.ca_file().string()));
  program_.set("smtp", "user", "\"user\"");
  program_.set("smtp", "password_file",
               fmt::format("\"{}\"", write_private(program_, "password", "secret\n").string()));
  program_.set("organisation", "settings_page_url", "\"https://dialin.contoso.com\"");
  EXPECT_THAT(
      doctor(0),
      AllOf(Contains(ContainsRegex("ok Mail server: .* connects, TLSv1.[23].*mx.example.org.*valid")),
            Contains(HasSubstr("the login of user was accepted")), Contains(HasSubstr("SCRAM-SHA-256")),
            Contains(ContainsRegex("takes mails of [0-9,]+")), Contains(HasSubstr("PIPELINING offered"))));
  EXPECT_TRUE(sink.mails().empty());
  EXPECT_FALSE(std::filesystem::exists(program_.data_directory() / "dialin.db"));
  EXPECT_FALSE(std::filesystem::exists(program_.data_directory() / "keys"));

  EXPECT_THAT(doctor(0, {"-SendTo", "eva@contoso.com", "-From", "marco@contoso.com"}),
              Contains(HasSubstr("ok Test mail: ")));
  EXPECT_THAT(sink.wait_for(1).front().message, HasSubstr("It holds no PIN"));

  write_private(program_, "password", "wrong\n");
  EXPECT_THAT(doctor(1), Contains(ContainsRegex("problem Mail server: .*535")));
  // Without the authority the server's certificate does not verify: nothing is said to it.
  program_.set("smtp", "ca_file", "\"\"");
  EXPECT_THAT(doctor(1), Contains(ContainsRegex("problem Mail server: .*does not verify")));
}

TEST_F(Tools, ABrokenConfigurationIsFoundOutAndStopsOtherCommands) {
  program_.set("smtp", "prot", "25");
  EXPECT_EQ(program_.run({"status"}).exit_code, 78);
  EXPECT_THAT(doctor(1),
              Contains(AllOf(HasSubstr("problem Configuration"), HasSubstr("did you mean port?"))));
  const Completed checked = program_.run({"config", "check"});
  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_THAT(checked.output, ContainsRegex("dialin.toml:[0-9]+: there is no setting smtp.prot"));
  EXPECT_EQ(program_.run({"config", "example"}).exit_code, 0);
  EXPECT_EQ(program_.run({"config", "show"}).exit_code, 78);
}

TEST_F(Tools, TheExampleFileIsAcceptedByTheProgram) {
  const Completed example = program_.run({"config", "example"});
  ASSERT_EQ(example.exit_code, 0);
  const auto file = program_.directory().write("example.toml", example.output);
  EXPECT_EQ(program_.run({"config", "check", file.string()}).exit_code, 0);
  EXPECT_EQ(program_.run({"config", "show", "--config", file.string()}).exit_code, 0);
}

TEST_F(Tools, WhyTellsTheWholeStoryAndNoPin) {
  program_.import_people({"bob"});
  const Completed queued = program_.run(welcome_command("bob", free_port()));
  EXPECT_EQ(queued.exit_code, 75) << all_of(queued);
  EXPECT_THAT(program_.run({"why", "bob@contoso.com"}).output,
              AllOf(HasSubstr("not sent yet"), HasSubstr("Next")));
  MailReceiver receiver;
  EXPECT_EQ(program_.run(welcome_command("bob", receiver.port())).exit_code, 0);
  const std::string pin = receiver.mails().front().pin();
  EXPECT_EQ(program_.check_pin("bob", "000000"), "IncorrectPin");
  const Completed told = program_.run({"why", "bob@contoso.com"}, {}, {{"TZ", "Asia/Kolkata"}});
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_THAT(told.output, AllOf(HasSubstr("IST"), HasSubstr("Accepted on"), HasSubstr("1 wrong PIN since"),
                                 Not(HasSubstr(pin))));
  const nlohmann::json object = object_of(program_.run({"why", "bob@contoso.com", "-Output", "json"}));
  EXPECT_EQ(object.at("MailSentTo"), "bob@contoso.com");
  EXPECT_EQ(object.at("FailedTries"), 1);
  EXPECT_EQ(program_.run({"why", "nobody@contoso.com"}).exit_code, 1);
}

TEST(ToolsOnPostgresql, DoctorAndWhyReadThatStoreToo) {
  const DialinProgram program(StoreKind::Postgresql);
  program.import_people({"bob"});
  ASSERT_EQ(program.run({"pin", "set", "bob@contoso.com", "-Pin", "-"}, "739205186\n").exit_code, 0);
  EXPECT_EQ(program.check_pin("bob", "000000"), "IncorrectPin");
  const Completed why = program.run({"why", "bob@contoso.com"});
  EXPECT_THAT(why.output, AllOf(HasSubstr("without a mail"), HasSubstr("1 wrong PIN since")));
  const Completed doctor = program.run({"doctor", "-SmtpServer", fmt::format("127.0.0.1:{}", free_port())});
  EXPECT_EQ(doctor.exit_code, 1);
  EXPECT_THAT(doctor.output, AllOf(HasSubstr("PostgreSQL"), HasSubstr("opens what was sealed"),
                                   HasSubstr("problem  Mail server")));
}

TEST_F(Tools, ACredentialFileThatOthersMayReadIsRefusedBeforeAnythingIsSent) {
  program_.import_people({"bob"});
  MailReceiver receiver;
  const auto file = write_private(program_, "password", "secret\n");
  ASSERT_EQ(chmod(file.c_str(), 0644), 0);
  const Completed done =
      program_.run(welcome_command("bob", receiver.port(), {"-Credential", "admin:@" + file.string()}));
  EXPECT_EQ(done.exit_code, 78) << all_of(done);
  EXPECT_THAT(done.error, AllOf(HasSubstr("has mode 0644"), HasSubstr("chmod ")));
  EXPECT_EQ(receiver.sign_ins(), 0U);
}

}  // namespace
}  // namespace dialin::test
