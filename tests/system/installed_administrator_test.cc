// SPDX-License-Identifier: Apache-2.0
// The installed way as administrators use it: every kind of stream and file, end to end.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/dialin_program.h"
#include "support/free_port.h"
#include "support/temporary_directory.h"
#include "system/installed_host.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* Anna = InstalledHost::Administrator;

class InstalledAdministrator : public testing::Test {
 protected:
  // Of this test alone.
  std::string person(const std::string& name) const {
    return fmt::format("{}.{}@contoso.com", name,
                       testing::UnitTest::GetInstance()->current_test_info()->line());
  }
  void add(const std::string& name) {
    const Completed added = host_.run(Anna, {"people", "add", person(name), "--mail", person(name)});
    ASSERT_EQ(added.exit_code, 0) << added.error;
  }
  bool pin_is(const std::string& name, const std::string& pin) {
    return host_.run(Anna, {"pin", "check", person(name), "--pin", "-"}, pin + "\n").exit_code == 0;
  }
  static bool is_of(const std::string& path, const std::string& user) {
    struct stat status {};
    struct stat home {};
    return lstat(path.c_str(), &status) == 0 &&
           lstat(InstalledHost::shared().home(user).c_str(), &home) == 0 && status.st_uid == home.st_uid &&
           (status.st_mode & 0777) == 0600;
  }

  InstalledHost& host_ = InstalledHost::shared();
};

TEST_F(InstalledAdministrator, WelcomesSetsAndChecks) {
  add("bob");
  const Completed welcomed = host_.run(Anna, {"welcome", person("bob"), "-Output", "json", "--verbose"});
  ASSERT_EQ(welcomed.exit_code, 0) << welcomed.error;
  EXPECT_EQ(object_of(welcomed).at("MailResult"), "Sent");
  EXPECT_THAT(welcomed.error, HasSubstr("/var/lib/dialin/dialin.db"));
  const std::vector<KeptMail> mails = host_.mails().mails_to(person("bob"));
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_TRUE(pin_is("bob", mails.front().pin()));
  const Completed set = host_.run(Anna, {"pin", "set", person("bob"), "--pin", "-"}, "383042650\n");
  ASSERT_EQ(set.exit_code, 0) << set.error;
  EXPECT_TRUE(pin_is("bob", "383042650"));
  EXPECT_GE(host_.audited("pin-set", Anna), 1U);
  EXPECT_THAT(host_.log(), Not(HasSubstr("383042650")));
  EXPECT_THAT(host_.newest_audit_detail("pin-set"), HasSubstr("through the socket"));
}

TEST_F(InstalledAdministrator, ArchivesIntoAFileThatIsNamed) {
  add("gus");
  const Completed unnamed = host_.run(Anna, {"audit", "archive", "--before", "2020-01-01"});
  EXPECT_EQ(unnamed.exit_code, 64) << unnamed.output;
  EXPECT_THAT(unnamed.error, HasSubstr("audit archive FILE"));
  const Completed named = host_.run(Anna, {"audit", "archive", "old.jsonl", "--before", "2020-01-01"});
  EXPECT_EQ(named.exit_code, 0) << named.error;
  EXPECT_THAT(named.error, HasSubstr("nothing to archive"));
}

TEST_F(InstalledAdministrator, RootGoesThroughTheSocketToo) {
  add("fay");
  EXPECT_EQ(host_.run("root", {"status"}).exit_code, 0);
  host_.stop_service();
  const Completed without = host_.run("root", {"status"});
  EXPECT_EQ(without.exit_code, 69) << without.output;
  EXPECT_THAT(without.error, HasSubstr(InstalledHost::Socket));
  host_.start_service();
}

TEST_F(InstalledAdministrator, ARunFromAFileOfTheirOwnWithAReport) {
  add("eva");
  add("kim");
  const std::string file =
      host_.write(Anna, "run.csv", fmt::format("UserUri\n{}\n{}\n", person("eva"), person("kim")));
  const Completed run = host_.run(Anna, {"welcome", "--csv", "run.csv", "--report", "report.csv", "--yes"});
  ASSERT_EQ(run.exit_code, 0) << run.error;
  EXPECT_EQ(host_.mails().mails_to(person("eva")).size(), 1U);
  EXPECT_EQ(host_.mails().mails_to(person("kim")).size(), 1U);
  const std::string report = host_.home(Anna) + "/report.csv";
  EXPECT_TRUE(is_of(report, Anna));
  EXPECT_THAT(read_file(report), AllOf(HasSubstr(person("eva")), HasSubstr("Sent")));
  // Never over a file that is there.
  EXPECT_EQ(host_.run(Anna, {"run", "report", "nothing", "report.csv"}).exit_code, 1);
}

TEST_F(InstalledAdministrator, ARunFromAPipe) {
  add("leo");
  const Completed run =
      host_.run(Anna, {"welcome", "--csv", "-", "--yes"}, fmt::format("UserUri\n{}\n", person("leo")));
  ASSERT_EQ(run.exit_code, 0) << run.error;
  EXPECT_EQ(host_.mails().mails_to(person("leo")).size(), 1U);
}

TEST_F(InstalledAdministrator, FilesAreOpenedWithTheirRightsAndNoOthers) {
  const std::string own =
      host_.write(Anna, "people.csv", fmt::format("SipAddress,Mail\nsip:{0},{0}\n", person("pia")));
  EXPECT_EQ(host_.run(Anna, {"people", "import", "people.csv"}).exit_code, 0);
  const std::string foreign = host_.write(InstalledHost::Nobody, "people.csv", "SipAddress,Mail\n");
  // What the service could open, and what somebody else could.
  for (const std::string& path :
       {std::string("/var/lib/dialin/dialin.db"), std::string("/etc/shadow"), foreign}) {
    const Completed refused = host_.run(Anna, {"people", "import", path});
    EXPECT_EQ(refused.exit_code, 77) << path << refused.error;
    EXPECT_THAT(refused.error, HasSubstr("Permission denied")) << path;
    EXPECT_EQ(host_.run(Anna, {"template", "check", path}).exit_code, 77) << path;
    EXPECT_EQ(host_.run(Anna, {"key", "import", path}).exit_code, 77) << path;
    EXPECT_EQ(host_.run(Anna, {"key", "export", "--passphrase-file", path}).exit_code, 77) << path;
    EXPECT_EQ(host_.run(Anna, {"welcome", person("pia"), "--credential", "pia:@" + path}).exit_code, 77)
        << path;
  }
  EXPECT_EQ(host_.run(Anna, {"template", "check", "/var/lib/dialin"}).exit_code, 77);
  EXPECT_EQ(host_.run(Anna, {"template", "export", "/var/lib/dialin/new"}).exit_code, 77);
  EXPECT_FALSE(std::filesystem::exists("/var/lib/dialin/new"));
}

TEST_F(InstalledAdministrator, NewFilesAreTheirs) {
  add("fay");
  host_.write(Anna, "passphrase", "correct horse battery staple\n");
  const Completed exported = host_.run(Anna, {"key", "export", "key.txt", "--passphrase-file", "passphrase"});
  ASSERT_EQ(exported.exit_code, 0) << exported.error;
  EXPECT_TRUE(is_of(host_.home(Anna) + "/key.txt", Anna));
  const Completed templates = host_.run(Anna, {"template", "export", "templates"});
  ASSERT_EQ(templates.exit_code, 0) << templates.error;
  EXPECT_TRUE(is_of(host_.home(Anna) + "/templates/CAWelcomeEmailTemplate.html", Anna));
  EXPECT_EQ(host_.run(Anna, {"template", "check", "templates"}).exit_code, 0);
  EXPECT_EQ(host_.run(Anna, {"template", "export", "templates"}).exit_code, 1) << "never overwritten";
}

TEST_F(InstalledAdministrator, ThePasswordOfAFileOrOfTheirEnvironment) {
  add("ida");
  MailReceiver other;
  other.require_password("open sesame");
  const std::string server = fmt::format("127.0.0.1:{}", other.port());
  host_.write(Anna, "password", "open sesame\n");
  const Completed by_file =
      host_.run(Anna, {"welcome", person("ida"), "-Credential", "anna:@password", "-SmtpServer", server});
  EXPECT_EQ(by_file.exit_code, 0) << by_file.error;
  Command command =
      host_.command(Anna, {"welcome", person("ida"), "-Force", "-Credential", "anna", "-SmtpServer", server});
  command.environment["DIALIN_SMTP_PASSWORD"] = "open sesame";
  const Completed by_variable = run(command);
  EXPECT_EQ(by_variable.exit_code, 0) << by_variable.error;
  EXPECT_EQ(other.mails_to(person("ida")).size(), 2U);
}

TEST_F(InstalledAdministrator, QuestionsAndSecretsOnATerminal) {
  add("tom");
  Command command = host_.command(Anna, {"pin", "lock", "--confirm"});
  command.terminal = Terminal::All;
  ChildProcess lock(command);
  lock.expect("Identity");
  lock.write(person("tom") + "\n");
  lock.expect("[y/N]");
  lock.write("y\n");
  const Completed locked = lock.wait();
  EXPECT_EQ(locked.exit_code, 0) << locked.screen;
  EXPECT_THAT(locked.screen, HasSubstr("is locked"));

  command = host_.command(Anna, {"key", "export", "typed-key.txt"});
  command.terminal = Terminal::All;
  ChildProcess key(command);
  key.expect("Passphrase for the exported key: ");
  key.write("correct horse battery staple\n");
  key.expect("The same again: ");
  key.write("correct horse battery staple\n");
  const Completed exported = key.wait();
  EXPECT_EQ(exported.exit_code, 0) << exported.screen;
  EXPECT_THAT(exported.screen, Not(HasSubstr("horse")));
}

TEST_F(InstalledAdministrator, ASecretIsAskedForOnTheTerminalOfAPipeline) {
  add("fay");
  Command command = host_.command(Anna, {"key", "export"});
  command.terminal = Terminal::ControllingOnly;
  ChildProcess key(command);
  key.expect("Passphrase for the exported key: ");
  key.type("correct horse battery staple\n");
  key.expect("The same again: ");
  key.type("another\n");
  EXPECT_EQ(key.wait().exit_code, 64);
}

TEST_F(InstalledAdministrator, CtrlCAtAPromptEndsTheCommandAndPutsTheEchoBack) {
  add("fay");
  Command command = host_.command(Anna, {});
  command.arguments = {
      "/bin/sh", "-c",
      fmt::format("trap : INT; {} key export; echo code $?; stty -a; echo end", InstalledHost::Program)};
  command.terminal = Terminal::All;
  ChildProcess shell(command);
  shell.expect("Passphrase for the exported key: ");
  shell.type("\x03");
  shell.expect("code 130");
  EXPECT_THAT(shell.expect("end"), HasSubstr(" echo "));
  EXPECT_EQ(shell.wait().exit_code, 0);
}

TEST_F(InstalledAdministrator, CtrlCFinishesWhatIsInFlight) {
  add("una");
  host_.mails().hold(MailReceiver::At::Dot);
  ChildProcess welcome(host_.command(Anna, {"welcome", person("una")}));
  host_.mails().wait_until_held();
  welcome.signal(SIGINT);
  host_.mails().release();
  const Completed ended = welcome.wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_EQ(host_.mails().mails_to(person("una")).size(), 1U);
}

TEST_F(InstalledAdministrator, ASecondCtrlCEndsAtOnceAndHarmsNobodyElse) {
  add("ben");
  add("zoe");
  host_.mails().hold(MailReceiver::At::Dot);
  ChildProcess first(host_.command(Anna, {"welcome", person("ben")}));
  host_.mails().wait_until_held();
  ChildProcess second(host_.command(Anna, {"welcome", person("zoe")}));
  host_.mails().wait_until_held(2);
  // Two of the same might arrive as one.
  first.signal(SIGINT);
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait().exit_code, 130);
  host_.mails().release();
  const Completed other = second.wait();
  EXPECT_EQ(other.exit_code, 0) << other.error;
}

TEST_F(InstalledAdministrator, AClosedClientPausesItsRun) {
  std::string rows = "UserUri\n";
  for (int i = 0; i < 20; ++i) {
    add(fmt::format("many{}", i));
    rows += person(fmt::format("many{}", i)) + "\n";
  }
  host_.write(Anna, "many.csv", rows);
  host_.mails().hold(MailReceiver::At::Dot);
  ChildProcess run(host_.command(Anna, {"welcome", "--csv", "many.csv", "--run-name", "many", "--yes"}));
  host_.mails().wait_until_held();
  run.kill();
  host_.mails().release();
  const auto state = [&] { return host_.run(Anna, {"run", "show", "many", "-Output", "json"}).output; };
  EXPECT_TRUE(eventually([&] { return state().find("Paused") != std::string::npos; })) << state();
  const Completed resumed = host_.run(Anna, {"run", "resume", "many"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error;
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(host_.mails().accepted_to(person(fmt::format("many{}", i))), 1U) << i;
}

TEST_F(InstalledAdministrator, WhatNeedsNothingOfTheServiceRunsWithTheirOwnRights) {
  Command command = host_.command(Anna, {"catch-mail", "--listen", "127.0.0.1:0", "--directory", "caught"});
  command.terminal = Terminal::All;
  ChildProcess catcher(command);
  catcher.expect("Listening on");
  catcher.signal(SIGINT);
  EXPECT_EQ(catcher.wait().exit_code, 0);
  struct stat status {};
  struct stat home {};
  ASSERT_EQ(stat((host_.home(Anna) + "/caught").c_str(), &status), 0);
  ASSERT_EQ(stat(host_.home(Anna).c_str(), &home), 0);
  EXPECT_EQ(status.st_uid, home.st_uid);
  EXPECT_EQ(host_.run(Anna, {"serve"}).exit_code, 77);
}

}  // namespace
}  // namespace dialin::test
