// SPDX-License-Identifier: Apache-2.0
// What needs a process of its own: secrets in its arguments, questions on its terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "support/child_process.h"

namespace dialin {
namespace {

using test::ChildProcess;
using test::Command;
using test::Completed;
using test::Terminal;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Command probe(std::vector<std::string> arguments, Terminal terminal = Terminal::None) {
  arguments.insert(arguments.begin(), SHELL_PROBE);
  Command command;
  command.arguments = std::move(arguments);
  command.terminal = terminal;
  return command;
}

// First line: the process's arguments as others see them; second line: the words as it kept them.
std::pair<std::string, std::string> seen_and_kept(std::vector<std::string> words) {
  words.insert(words.begin(), "arguments");
  const std::string output = test::run_successfully(probe(std::move(words)));
  const std::size_t end = output.find('\n');
  return {output.substr(0, end), output.substr(end + 1)};
}

TEST(CommandLineWords, HidesAPinInEverySpelling) {
  const std::string pin = "383042650";
  const std::vector<std::vector<std::string>> spellings = {{"-Pin", pin},
                                                           {"-pin:" + pin},
                                                           {"-P", pin},
                                                           {"-PI:" + pin},
                                                           {"--pin", pin},
                                                           {"--pin=" + pin},
                                                           {"-Pin=" + pin},
                                                           {"–Pin", pin},
                                                           {"-Pni", pin},
                                                           {"-Pin" + pin},
                                                           {"--pin:" + pin},
                                                           {"—pin", pin},
                                                           {"-Credential", "user:" + pin},
                                                           {"-Cred:user:" + pin}};
  for (const auto& spelling : spellings) {
    std::vector<std::string> words = {"dialin", "welcome", "bob"};
    words.insert(words.end(), spelling.begin(), spelling.end());
    words.push_back("-From");
    words.push_back("marco");
    const auto [seen, kept] = seen_and_kept(words);
    EXPECT_THAT(seen, AllOf(Not(HasSubstr(pin)), HasSubstr("welcome|bob|"), HasSubstr("|-From|marco")))
        << spelling[0];
    EXPECT_THAT(kept, HasSubstr(pin)) << spelling[0];
  }
}

TEST(CommandLineWords, HidesAPinWithoutItsName) {
  const auto [seen, kept] = seen_and_kept({"set-csclientpin", "bob", "383042650", "-Verbose"});
  EXPECT_THAT(seen, AllOf(Not(HasSubstr("383042650")), HasSubstr("-Verbose")));
  EXPECT_EQ(kept, "bob|383042650|-Verbose\n");
}

TEST(CommandLineWords, LeavesTheRest) {
  const auto [seen, kept] = seen_and_kept({"dialin", "welcome", "-Subject", "12345", "-Pin", "-Force"});
  EXPECT_THAT(seen, HasSubstr("dialin|welcome|-Subject|12345|-Pin|-Force|"));
}

TEST(TerminalPrompter, AsksForASecretWithoutEcho) {
  for (Terminal terminal : {Terminal::All, Terminal::InputAndError, Terminal::ControllingOnly}) {
    ChildProcess child(probe({"ask-secret", "s3crët word"}, terminal));
    child.expect("Password of Admin: ");
    child.type("s3crët word\n");
    const Completed done = child.wait();
    EXPECT_EQ(done.exit_code, 0) << done.screen << done.error;
    EXPECT_THAT(done.output + done.screen, HasSubstr("same"));
    EXPECT_THAT(done.screen, Not(HasSubstr("s3cr")));
  }
}

TEST(TerminalPrompter, WithoutATerminalSaysHowElse) {
  const Completed done = run(probe({"ask-secret", "x"}), "x\n");
  EXPECT_EQ(done.exit_code, 78);
  EXPECT_THAT(done.error, AllOf(HasSubstr("no terminal"), HasSubstr("Admin:@file")));
}

// A shell puts a terminal back by itself, another program would not: so a second program on the same terminal
// looks whether it echoes again.
TEST(TerminalPrompter, ASignalPutsTheEchoBack) {
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    Command command;
    command.terminal = Terminal::All;
    // The shell catches the signals and lives on to look at the terminal.
    command.arguments = {"/bin/sh", "-c",
                         "trap : INT TERM HUP QUIT; " SHELL_PROBE
                         " ask-secret x; echo ended $?; stty -a | grep -o ' -*echo '; echo done"};
    ChildProcess child(command);
    child.expect("Password of Admin: ");
    child.signal_group(number);
    const std::string seen = child.expect("done");
    EXPECT_THAT(seen, AllOf(HasSubstr("ended " + std::to_string(128 + number)), HasSubstr(" echo "),
                            Not(HasSubstr("-echo"))));
    child.wait();
  }
}

TEST(TerminalPrompter, RefusesAnEmptySecret) {
  ChildProcess child(probe({"ask-secret", "x"}, Terminal::All));
  child.expect("Password of Admin: ");
  child.type("\n");
  EXPECT_EQ(child.wait().exit_code, 64);
}

TEST(TerminalPrompter, AsksForText) {
  ChildProcess child(probe({"ask-text"}, Terminal::InputAndError));
  child.expect("From: ");
  child.type("  marco@contoso.com \n");
  EXPECT_EQ(child.wait().output, "marco@contoso.com\n");
}

TEST(TerminalPrompter, AsksYesOrNo) {
  for (const auto& [typed, answer] : std::vector<std::pair<std::string, std::string>>{
           {"y\n", "yes\n"}, {"YES\n", "yes\n"}, {"\n", "no\n"}, {"yesterday\n", "no\n"}, {"\x04", "no\n"}}) {
    ChildProcess child(probe({"ask-yes-no"}, Terminal::InputAndError));
    child.expect("Go on? [y/N] ");
    child.type(typed);
    EXPECT_EQ(child.wait().output, answer) << typed;
  }
}

TEST(TerminalPrompter, AsksNothingWithoutATerminal) {
  for (Terminal terminal : {Terminal::None, Terminal::ControllingOnly}) {
    for (const char* question : {"ask-text", "ask-yes-no"}) {
      const Completed done = run(probe({question}, terminal), "y\n");
      EXPECT_EQ(done.exit_code, 64);
      EXPECT_THAT(done.output, Not(HasSubstr("y")));
    }
  }
}

}  // namespace
}  // namespace dialin
