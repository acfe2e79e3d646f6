// SPDX-License-Identifier: Apache-2.0
// The two examples of the original, typed as they are printed there, against a real mail server; and the
// cmdlets that its page sends people to.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <thread>

#include "support/free_port.h"
#include "support/mail_servers.h"
#include "user_view.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr const char* first_example =
    R"(Set-CsPinSendCAWelcomeMail -UserUri "bob@contoso.com" -From "marco@contoso.com")";
constexpr const char* second_example =
    R"(Set-CsPinSendCAWelcomeMail -UserUri "bob@contoso.com" -From "marco@contoso.com" )"
    R"(-Subject "Your new dial-in conferencing PIN" -Pin "383042650" -Force -Credential Admin@contoso.com -UseSsl)";
// The same with the part that a test changes.
std::string second_example_with(const std::string& credential) {
  std::string line = second_example;
  const std::string original = "Admin@contoso.com";
  line.replace(line.find(original), original.size(), credential);
  return line;
}

constexpr const char* password = "Kanarienvogel 7";
constexpr const char* former_pin = "48213";

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// An organisation's mail server, and an operator who has told the shell of it.
class TheOriginalsExamples : public testing::Test {
 protected:
  TheOriginalsExamples()
      : server_({.users = {{"Admin@contoso.com", password}},
                 .sender_owners = {},
                 .relay_port = mailbox_.port()}) {
    import_csv(program_, "SipAddress,DisplayName,Mail\nsip:bob@contoso.com,Bob Kelly,bob@contoso.com\n");
  }

  // The port and the authority are the tests' own: what is typed stays as it is printed.
  DialinProgram::Environment environment() const {
    return {{"PSEmailServer", "localhost"},
            {"DIALIN_SMTP_PORT", std::to_string(server_.port())},
            {"DIALIN_SMTP_CA_FILE", server_.ca_file().string()}};
  }
  std::string prompt() const {
    return fmt::format("Password of Admin@contoso.com for localhost:{}: ", server_.port());
  }
  nlohmann::json received(std::size_t number = 1) { return parsed(mailbox_.wait_for(number).back().message); }

  DialinProgram program_;
  SmtpSink mailbox_;  // what the server accepts goes there
  PostfixServer server_;
};

TEST_F(TheOriginalsExamples, TheFirst) {
  const Completed done = run_typed(program_, first_example, environment());
  ASSERT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_THAT(done.output, MatchesRegex("Identity          : sip:bob@contoso\\.com\n"
                                        "PinResult         : Set\n"
                                        "MailResult        : Sent\n"
                                        "SentTo            : bob@contoso\\.com\n"
                                        "MessageId         : [^\n]+@contoso\\.com\n"
                                        "Detail            : [^\n]+\n"));
  const nlohmann::json mail = received();
  EXPECT_EQ(mail["headers"]["subject"][0], "Welcome to Dial In Conferencing");
  EXPECT_EQ(mail["addresses"]["to"], nlohmann::json::parse(R"([["Bob Kelly", "bob@contoso.com"]])"));
  EXPECT_EQ(mail["addresses"]["from"], nlohmann::json::parse(R"([["", "marco@contoso.com"]])"));
  const std::string pin = KeptMail{.content = mailbox_.mails().front().message}.pin();
  EXPECT_TRUE(program_.pin_is("bob", pin));
  EXPECT_EQ(count_of(done.output + done.error, pin), 0U) << all_of(done);

  // Typed again, it leaves Bob and his mailbox alone.
  const Completed again = run_typed(program_, first_example, environment());
  EXPECT_EQ(again.exit_code, 0) << all_of(again);
  EXPECT_THAT(again.output, AllOf(HasSubstr("PinResult         : AlreadySet\n"), HasSubstr("NotSent")));
  EXPECT_TRUE(program_.pin_is("bob", pin));
  EXPECT_EQ(server_.connections(), 1U);
}

TEST_F(TheOriginalsExamples, TheFirstWithoutAServerNamed) {
  const Completed done = run_typed(program_, first_example);
  EXPECT_EQ(done.exit_code, 78) << all_of(done);
  EXPECT_THAT(done.error, AllOf(HasSubstr("-SmtpServer"), HasSubstr("export PSEmailServer="),
                                HasSubstr("smtp.server"), HasSubstr("sudo")));
  EXPECT_FALSE(program_.has_pin("bob"));
  EXPECT_EQ(program_.outbox("Queued"), 0U);
}

TEST_F(TheOriginalsExamples, TheSecondAsksOnceForThePassword) {
  ChildProcess child(typed(program_, second_example, environment(), Terminal::All));
  child.expect(prompt());
  child.write(std::string(password) + "\n");
  const Completed done = child.wait();
  ASSERT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_EQ(count_of(done.screen, "assword of"), 1U) << done.screen;
  EXPECT_EQ(count_of(done.screen, ": :"), 0U) << done.screen;
  EXPECT_EQ(count_of(done.screen, password), 0U) << "the terminal echoed the password";
  EXPECT_THAT(done.screen, AllOf(HasSubstr("PinResult         : Set"), HasSubstr("Sent"),
                                 HasSubstr("The shell's history keeps the PIN")));
  EXPECT_TRUE(program_.pin_is("bob", "383042650"));
  const nlohmann::json mail = received();
  EXPECT_EQ(mail["headers"]["subject"][0], "Your new dial-in conferencing PIN");
  EXPECT_THAT(mail["text"], HasSubstr("\n383042650\n"));
  // Over TLS, and signed in.
  // Postfix writes its log behind the reply.
  EXPECT_TRUE(eventually([&] {
    return server_.log().find("sasl_username=Admin@contoso.com") != std::string::npos;
  })) << server_.log();
  EXPECT_THAT(mail["headers"]["received"][0].get<std::string>(), HasSubstr("ESMTPSA"));
}

TEST_F(TheOriginalsExamples, APinThatIsAskedForStandsInNoHistory) {
  ASSERT_EQ(program_.run({"pin", "set", "bob@contoso.com", "-Pin", "-"}, former_pin).exit_code, 0);
  ChildProcess child(typed(program_, "Test-CsClientPin bob@contoso.com", environment(), Terminal::All));
  child.expect("asks for it): ");
  child.write(std::string(former_pin) + "\n");
  const Completed done = child.wait();
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_THAT(done.screen, AllOf(HasSubstr("Success"), Not(HasSubstr("history")), Not(HasSubstr(": :"))));
}

TEST_F(TheOriginalsExamples, TheSecondInAPipelineStillAsksOnTheTerminal) {
  ChildProcess child(typed(program_,
                           std::string(second_example) + " -Output json | cat > result.json; "
                                                         "exit ${PIPESTATUS[0]}",
                           environment(), Terminal::InputAndError));
  // Standard output is captured apart: the prompt must not land in it.
  ASSERT_TRUE(eventually([&] { return child.screen().find(prompt()) != std::string::npos; }))
      << child.error();
  child.type(std::string(password) + "\n");
  const Completed done = child.wait();
  ASSERT_EQ(done.exit_code, 0) << all_of(done);
  const auto result = nlohmann::json::parse(read_file(program_.directory() / "result.json"));
  EXPECT_EQ(result["MailResult"], "Sent");
  EXPECT_TRUE(program_.pin_is("bob", "383042650"));
}

TEST_F(TheOriginalsExamples, TheSecondWithAWrongPassword) {
  ASSERT_EQ(program_.run({"pin", "set", "bob@contoso.com", "-Pin", "-"}, former_pin).exit_code, 0);
  {
    ChildProcess child(typed(program_, second_example, environment(), Terminal::All));
    child.expect(prompt());
    child.write("not the password\n");
    const Completed done = child.wait();
    EXPECT_EQ(done.exit_code, 77) << all_of(done);
    EXPECT_EQ(count_of(done.screen, "assword of Admin@contoso.com for"), 1U)
        << "asked again: " << done.screen;
    EXPECT_EQ(count_of(done.screen, "not the password"), 0U) << done.screen;
    EXPECT_THAT(done.screen, AllOf(HasSubstr("Kept"), HasSubstr("Queued"), HasSubstr("535")));
  }
  EXPECT_TRUE(program_.pin_is("bob", former_pin));
  EXPECT_EQ(program_.outbox("Queued"), 1U);

  // The same line again, with the right one, goes on.
  ChildProcess child(typed(program_, second_example, environment(), Terminal::All));
  child.expect(prompt());
  child.write(std::string(password) + "\n");
  const Completed done = child.wait();
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_THAT(done.screen, HasSubstr("PinResult         : Replaced"));
  EXPECT_TRUE(program_.pin_is("bob", "383042650"));
  EXPECT_FALSE(program_.pin_is("bob", former_pin));
  EXPECT_EQ(mailbox_.wait_for(1).size(), 1U);
  EXPECT_EQ(program_.outbox("Queued"), 0U);
}

TEST_F(TheOriginalsExamples, TheSecondInterruptedAtThePromptLeavesNothingBehind) {
  ChildProcess child(typed(program_, second_example, environment(), Terminal::All));
  child.expect(prompt());
  child.write("half a passw\x03");  // Ctrl-C
  const Completed done = child.wait();
  EXPECT_EQ(done.exit_code, 130) << all_of(done);
  EXPECT_EQ(count_of(done.screen, "half"), 0U);
  EXPECT_FALSE(program_.has_pin("bob"));
  EXPECT_EQ(program_.outbox("Queued"), 0U);
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(TheOriginalsExamples, TheSecondWithoutATerminalNamesTheOtherWays) {
  const Completed done = run_typed(program_, second_example, environment());
  EXPECT_EQ(done.exit_code, 78) << all_of(done);
  EXPECT_THAT(done.error, AllOf(HasSubstr("Admin@contoso.com:@FILE"), HasSubstr("DIALIN_SMTP_PASSWORD")));
  EXPECT_FALSE(program_.has_pin("bob"));
  EXPECT_EQ(program_.outbox("Queued"), 0U);
}

TEST_F(TheOriginalsExamples, TheSecondWithThePasswordInAFile) {
  write_private(program_, "password", std::string(password) + "\n");
  const Completed done =
      run_typed(program_, second_example_with("Admin@contoso.com:@password"), environment());
  ASSERT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_TRUE(program_.pin_is("bob", "383042650"));
}

TEST_F(TheOriginalsExamples, TheSecondWithThePasswordInTheEnvironment) {
  auto environment = this->environment();
  environment["DIALIN_SMTP_PASSWORD"] = password;
  const Completed done = run_typed(program_, second_example, environment);
  ASSERT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_TRUE(program_.pin_is("bob", "383042650"));
}

TEST_F(TheOriginalsExamples, TheSecondWithAPasswordOnTheCommandLineIsRefusedWithoutShowingIt) {
  const Completed done =
      run_typed(program_, second_example_with("Admin@contoso.com:Rosenstock"), environment());
  EXPECT_EQ(done.exit_code, 64) << all_of(done);
  EXPECT_THAT(done.error, AllOf(HasSubstr("takes no password"), HasSubstr(":@FILE")));
  EXPECT_EQ(count_of(done.output + done.error, "Rosenstock"), 0U) << all_of(done);
  EXPECT_FALSE(program_.has_pin("bob"));
}

TEST_F(TheOriginalsExamples, AsAWebPageShowsThem) {
  // En and em dashes, and the cmdlet's name in any case.
  Completed done = run_typed(
      program_, "set-cspinsendcawelcomemail –UserUri \"bob@contoso.com\" —From \"marco@contoso.com\"",
      environment());
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  done = run_typed(
      program_, "dialin Set-CsPinSendCAWelcomeMail -useruri bob@contoso.com -FROM marco@contoso.com -force",
      environment());
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  done =
      run_typed(program_, "dialin welcome bob@contoso.com --from marco@contoso.com --force", environment());
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  const std::vector<ReceivedMail> mails = mailbox_.wait_for(3);
  EXPECT_EQ(mails.size(), 3U);
}

class OtherCmdlets : public testing::Test {
 protected:
  OtherCmdlets() {
    import_csv(program_,
               "SipAddress,SamAccountName,DisplayName\n"
               "sip:bob@contoso.com,CONTOSO\\bob,Bob Kelly\nsip:kim@contoso.com,,Kim Akers\n");
  }
  Completed run_typed(const std::string& line, std::string_view input = {}) {
    return test::run_typed(program_, line, {}, input);
  }
  DialinProgram program_;
};

TEST_F(OtherCmdlets, GetCsClientPinInfo) {
  const Completed before = run_typed("Get-CsClientPinInfo -Identity \"bob@contoso.com\"");
  EXPECT_EQ(before.exit_code, 0);
  EXPECT_EQ(before.output,
            "Identity          : sip:bob@contoso.com\n"
            "IsPinSet          : False\n"
            "IsLockedOut       : False\n"
            "LastPinChangeTime :\n"
            "PinExpirationTime :\n");
  ASSERT_EQ(run_typed("Set-CsClientPin -Identity \"bob@contoso.com\" -Pin 18723834").exit_code, 0);
  const Completed after = run_typed("get-csclientpininfo 'CONTOSO\\bob'");
  EXPECT_THAT(after.output, MatchesRegex("Identity          : sip:bob@contoso\\.com\n"
                                         "IsPinSet          : True\n"
                                         "IsLockedOut       : False\n"
                                         "LastPinChangeTime : 20[0-9-]+T[0-9:]+Z\n"
                                         "PinExpirationTime :\n"));
  const Completed json = run_typed("dialin pin show bob@contoso.com --output json");
  const auto object = nlohmann::json::parse(json.output);
  EXPECT_EQ(object.size(), 5U);
  EXPECT_EQ(object["IsPinSet"], true);
  EXPECT_EQ(object["PinExpirationTime"], nullptr);
  const Completed nobody = run_typed("Get-CsClientPinInfo -Identity nobody@contoso.com");
  EXPECT_EQ(nobody.exit_code, 1);
  EXPECT_THAT(nobody.error, HasSubstr("nobody@contoso.com"));
}

TEST_F(OtherCmdlets, SetCsClientPin) {
  // As the original's documents write it; given, it is not shown.
  Completed done = run_typed("Set-CsClientPin -Identity \"bob@contoso.com\" -Pin 18723834");
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_EQ(done.output,
            "Identity          : sip:bob@contoso.com\n"
            "Pin               :\n"
            "PinReset          : True\n");
  EXPECT_TRUE(program_.pin_is("bob", "18723834"));
  // Random, and shown this once.
  done = run_typed("Set-CsClientPin -Identity \"bob@contoso.com\" -Output json");
  const std::string pin = nlohmann::json::parse(done.output).at("Pin");
  EXPECT_THAT(pin, MatchesRegex("[0-9]{5}"));
  EXPECT_TRUE(program_.pin_is("bob", pin));
  EXPECT_FALSE(program_.pin_is("bob", "18723834"));
  // Refused by name, and everything stays as it is.
  for (const char* bad : {"12345", "11111", "1234", "98765"}) {
    done = run_typed(fmt::format("Set-CsClientPin -Identity bob@contoso.com -Pin {}", bad));
    EXPECT_EQ(done.exit_code, 1) << bad << all_of(done);
    EXPECT_THAT(done.error, HasSubstr("PinDoesNotMeetMinimumRequirements")) << bad;
    EXPECT_EQ(count_of(done.output + done.error, bad), 0U) << all_of(done);
  }
  EXPECT_TRUE(program_.pin_is("bob", pin));
}

TEST_F(OtherCmdlets, TestCsClientPin) {
  const std::string line = "Test-CsClientPin -Identity bob@contoso.com -Pin -";
  Completed done = run_typed(line, "48213\n");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.output, "PinNotSet\n");
  ASSERT_EQ(run_typed("Set-CsClientPin bob@contoso.com 48213").exit_code, 0);
  done = run_typed(line, "48213\n");
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_EQ(done.output, "Success\n");
  done = run_typed(line, "48214\n");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.output, "IncorrectPin\n");
  done = run_typed("Test-CsClientPin -Identity nobody@contoso.com -Pin -", "48213\n");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.output, "UserDoesNotExist\n");
  // Asked for on a terminal, unseen.
  ChildProcess child(typed(program_, line, {}, Terminal::All));
  child.expect("PIN: ");
  child.write("48213\n");
  done = child.wait();
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_EQ(count_of(done.screen, "48213"), 0U) << done.screen;
  // Not known is not "no".
  std::filesystem::rename(program_.data_directory() / "dialin.db", program_.directory() / "away");
  done = run_typed(line, "48213\n");
  EXPECT_EQ(done.exit_code, 69) << all_of(done);
  EXPECT_EQ(done.output, "");
}

TEST_F(OtherCmdlets, LockAndUnlockCsClientPin) {
  ASSERT_EQ(run_typed("Set-CsClientPin bob@contoso.com 48213").exit_code, 0);
  Completed done = run_typed("Lock-CsClientPin -Identity bob@contoso.com -Reason \"telephone lost\"");
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_EQ(program_.check_pin("bob", "48213"), "UserPinAccountLocked");
  EXPECT_THAT(run_typed("Get-CsClientPinInfo bob@contoso.com").output,
              AllOf(HasSubstr("IsPinSet          : True\n"), HasSubstr("IsLockedOut       : True\n")));
  // Neither a welcome nor a new PIN opens what was locked on purpose.
  MailReceiver receiver;
  done = run_typed(fmt::format(
      "Set-CsPinSendCAWelcomeMail -UserUri bob@contoso.com -UserEmailAddress bob@contoso.com -From "
      "marco@contoso.com -Force 127.0.0.1:{}",
      receiver.port()));
  EXPECT_EQ(done.exit_code, 1) << all_of(done);
  EXPECT_THAT(done.error, AllOf(HasSubstr("UserPinAccountLocked"), HasSubstr("telephone lost")));
  EXPECT_EQ(receiver.connections(), 0U);
  done = run_typed("Set-CsClientPin bob@contoso.com 71946");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.error, HasSubstr("UserPinAccountLocked"));
  done = run_typed("unlock-csclientpin bob@contoso.com");
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  EXPECT_EQ(program_.check_pin("bob", "48213"), "Success");
}

TEST_F(OtherCmdlets, AMisspeltParameterIsNamedWithWhatMayBeMeant) {
  Completed done = run_typed("Set-CsPinSendCAWelcomeMail -UserUri bob@contoso.com -Form marco@contoso.com");
  EXPECT_EQ(done.exit_code, 64);
  EXPECT_THAT(done.error, AllOf(HasSubstr("\"-Form\""), HasSubstr("Did you mean -From?")));
  done = run_typed("dialin welcome bob@contoso.com --form marco@contoso.com");
  EXPECT_EQ(done.exit_code, 64);
  EXPECT_THAT(done.error, AllOf(HasSubstr("\"--form\""), HasSubstr("Did you mean --from?")));
  done = run_typed("Get-CsClientPinInfo -Idnetity bob@contoso.com");
  EXPECT_EQ(done.exit_code, 64);
  EXPECT_THAT(done.error, HasSubstr("Did you mean -Identity?"));
  done = run_typed("dialin welcom bob@contoso.com");
  EXPECT_EQ(done.exit_code, 64);
  EXPECT_THAT(done.error, HasSubstr("welcome"));
  EXPECT_THAT(done.error, Not(HasSubstr("internal error")));
}

}  // namespace
}  // namespace dialin::test
