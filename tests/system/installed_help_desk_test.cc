// SPDX-License-Identifier: Apache-2.0
// The installed way as the help desk, strangers, and those who mean harm find it.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "admin/message_channel.h"
#include "base/text.h"
#include "command/command_table.h"
#include "support/dialin_program.h"
#include "system/installed_host.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* Anna = InstalledHost::Administrator;
constexpr const char* Hannah = InstalledHost::HelpDesk;
constexpr const char* Norman = InstalledHost::Nobody;
constexpr const char* Admins = "RTCUniversalServerAdmins";

class InstalledHelpDesk : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    InstalledHost& host = InstalledHost::shared();
    for (const char* name : {"bob", "bill", "wilma"})
      host.run(Anna, {"people", "add", fmt::format("{}@contoso.com", name), "--mail",
                      fmt::format("{}@contoso.com", name)});
  }
  // Refused, with the group that is needed, and written down.
  void expect_refused(const std::string& user, const std::vector<std::string>& arguments) {
    const std::size_t before = host_.audited("command-refused", user);
    const Completed refused = host_.run(user, arguments);
    const std::string words = testing::PrintToString(arguments);
    EXPECT_EQ(refused.exit_code, 77) << words << refused.output << refused.error;
    EXPECT_THAT(refused.error, HasSubstr(Admins)) << words;
    EXPECT_EQ(refused.output, "") << words;
    EXPECT_EQ(host_.audited("command-refused", user), before + 1) << words;
  }

  InstalledHost& host_ = InstalledHost::shared();
};

TEST_F(InstalledHelpDesk, ShowsLocksUnlocksAndWelcomes) {
  EXPECT_EQ(host_.run(Hannah, {"people", "show", "bob@contoso.com"}).exit_code, 0);
  EXPECT_EQ(host_.run(Hannah, {"people", "list", "bob@contoso.com"}).exit_code, 0);
  const Completed shown =
      host_.run(Hannah, {"pin", "show", "bob@contoso.com", "--detailed", "-Output", "json"});
  EXPECT_EQ(shown.exit_code, 0) << shown.error;
  const Completed welcomed = host_.run(Hannah, {"welcome", "bob@contoso.com", "--force", "--language", "fr",
                                                "--yes", "--verbose", "-Output", "json"});
  ASSERT_EQ(welcomed.exit_code, 0) << welcomed.error;
  EXPECT_THAT(welcomed.output, Not(HasSubstr(host_.mails().mails_to("bob@contoso.com").back().pin())));
  EXPECT_EQ(host_.mails().mails_to("bob@contoso.com").back().sender, "helpdesk@contoso.com");
  EXPECT_EQ(host_.run(Hannah, {"welcome", "bob@contoso.com", "--what-if"}).exit_code, 0);
  EXPECT_EQ(host_.run(Hannah, {"pin", "lock", "bob@contoso.com", "--reason", "lost"}).exit_code, 0);
  EXPECT_EQ(host_.run(Hannah, {"pin", "unlock", "bob@contoso.com"}).exit_code, 0);
  EXPECT_EQ(host_.audited("pin-unlocked", Hannah), 1U);
}

TEST_F(InstalledHelpDesk, AnAdministratorsLockIsNotTheirsToEnd) {
  ASSERT_EQ(host_.run(Anna, {"pin", "lock", "bill@contoso.com", "--reason", "leaving"}).exit_code, 0);
  const std::size_t before = host_.audited("command-refused", Hannah);
  const Completed refused = host_.run(Hannah, {"pin", "unlock", "bill@contoso.com"});
  EXPECT_EQ(refused.exit_code, 77);
  EXPECT_THAT(refused.error, HasSubstr("administrator"));
  EXPECT_EQ(host_.audited("command-refused", Hannah), before + 1);
  EXPECT_EQ(host_.run(Anna, {"pin", "unlock", "bill@contoso.com"}).exit_code, 0);
}

TEST_F(InstalledHelpDesk, OnePersonACommandHoweverTheyAreNamed) {
  expect_refused(Hannah, {"pin", "lock", "bob@contoso.com,bill@contoso.com"});
  expect_refused(Hannah, {"pin", "lock", "bob@contoso.com", "bill@contoso.com"});
  expect_refused(Hannah, {"pin", "show", "*"});
  expect_refused(Hannah, {"people", "list", "*@contoso.com"});
  // Nobody named is everybody, to some commands.
  EXPECT_EQ(host_.run(Hannah, {"people", "list"}).exit_code, 64);
  EXPECT_EQ(host_.run(Hannah, {"pin", "unlock"}).exit_code, 64);
  // Nor by an answer to a question.
  Command command = host_.command(Hannah, {"pin", "lock"});
  command.terminal = Terminal::All;
  ChildProcess lock(command);
  lock.expect("Identity");
  lock.write("bob@contoso.com,bill@contoso.com\n");
  EXPECT_EQ(lock.wait().exit_code, 77);
  command = host_.command(Hannah, {"welcome", "stranger@contoso.com"});
  command.terminal = Terminal::All;
  ChildProcess welcome(command);
  const Completed ended = welcome.wait();
  EXPECT_EQ(ended.exit_code, 1) << "nobody is added: " << ended.screen;
}

TEST_F(InstalledHelpDesk, TheMailServerIsNotTheirsToName) {
  const std::size_t before = host_.mails().mail_count();
  Command command = host_.command(Hannah, {"welcome", "wilma@contoso.com", "--yes"});
  // Whoever ran that server would have the PIN.
  command.environment["PSEmailServer"] = "127.0.0.1:9";
  const Completed welcomed = run(command);
  EXPECT_EQ(welcomed.exit_code, 0) << welcomed.error;
  EXPECT_EQ(host_.mails().mail_count(), before + 1);
}

// Values that the binder takes, so that what refuses is the role.
std::vector<std::string> option(const ParameterSpec& parameter) {
  const std::string name = "--" + native_option_name(parameter.name);
  switch (parameter.kind) {
    case ParameterKind::Switch:
      return {name};
    case ParameterKind::Number:
      return {name, std::to_string(parameter.minimum)};
    case ParameterKind::Choice:
      return {name, parameter.choices.front()};
    case ParameterKind::Secret:
      return {name, "383042650"};
    case ParameterKind::Text:
    case ParameterKind::List:
    case ParameterKind::Path:
      return {name, "x"};
  }
  return {};
}

std::vector<std::string> words_of(const CommandSpec& spec) {
  std::vector<std::string> words = split(spec.verb, ' ');
  for (const ParameterSpec& parameter : spec.parameters) {
    const bool person = spec.help_desk && parameter.names_people;
    if (!parameter.mandatory && !person) continue;
    std::vector<std::string> given = option(parameter);
    if (parameter.names_people) given.back() = "bob@contoso.com";
    words.insert(words.end(), given.begin(), given.end());
  }
  return words;
}

TEST_F(InstalledHelpDesk, NothingElseInTheWholeTable) {
  std::vector<std::string> allowed;
  for (const CommandSpec* spec : command_specs()) {
    if (!spec->help_desk) {
      expect_refused(Hannah, words_of(*spec));
      continue;
    }
    allowed.push_back(spec->verb);
    for (const ParameterSpec& parameter : spec->parameters) {
      if (parameter.help_desk) continue;
      std::vector<std::string> words = words_of(*spec);
      for (const std::string& word : option(parameter)) words.push_back(word);
      expect_refused(Hannah, words);
    }
  }
  EXPECT_THAT(allowed, testing::IsSubsetOf({"welcome", "pin show", "pin lock", "pin unlock", "people list",
                                            "people show", "why"}));
  std::vector<std::string> parameters;
  for (const CommandSpec* spec : command_specs()) {
    if (spec->verb != "welcome") continue;
    for (const ParameterSpec& parameter : spec->parameters) {
      if (parameter.help_desk) parameters.push_back(parameter.name);
    }
  }
  EXPECT_THAT(parameters, testing::UnorderedElementsAre("UserUri", "Force", "Language"));
}

TEST_F(InstalledHelpDesk, NeitherKeyNorStoreCanBeOpened) {
  for (const char* user : {Anna, Hannah, Norman}) {
    for (const char* path : {"/var/lib/dialin", "/var/lib/dialin/dialin.db", "/var/lib/dialin/keys"}) {
      Command command = host_.command(user, {});
      command.arguments = {"/bin/ls", path};
      const bool folder = std::string_view(path) == "/var/lib/dialin";
      EXPECT_NE(run(command).exit_code, 0) << user << path << folder;
    }
  }
}

TEST_F(InstalledHelpDesk, WhoeverIsOfNoGroupMayNothing) {
  expect_refused(Norman, {"pin", "show", "bob@contoso.com"});
  expect_refused(Norman, {"status"});
  EXPECT_THAT(host_.newest_audit_detail("command-refused"), HasSubstr("dialin status"));
  // Help is everybody's.
  EXPECT_EQ(host_.run(Norman, {"help", "welcome"}).exit_code, 0);
  EXPECT_EQ(host_.run(Norman, {"welcome", "--from", "marco@contoso.com", "--frmo", "x"}).exit_code, 64);
}

TEST_F(InstalledHelpDesk, AGroupThatCannotBeResolvedIsNoNo) {
  InstalledHost::system({"groupmod", "--new-name", "SomethingElse", "CsHelpDesk"});
  const Completed unknown = host_.run(Norman, {"pin", "show", "bob@contoso.com"});
  EXPECT_EQ(unknown.exit_code, 69);
  EXPECT_THAT(unknown.error, HasSubstr("CsHelpDesk"));
  EXPECT_EQ(host_.run(Hannah, {"pin", "show", "bob@contoso.com"}).exit_code, 69);
  EXPECT_EQ(host_.run(Anna, {"status"}).exit_code, 0);
  InstalledHost::system({"groupmod", "--new-name", "cshelpdesk@contoso.com", "SomethingElse"});
  EXPECT_EQ(host_.run(Hannah, {"pin", "show", "bob@contoso.com"}).exit_code, 0) << "as a directory spells it";
  InstalledHost::system({"groupmod", "--new-name", "CsHelpDesk", "cshelpdesk@contoso.com"});
}

TEST_F(InstalledHelpDesk, SettingsOfTheirOwnAreRefusedToEverybody) {
  const std::string file = host_.write(Anna, "own.toml", "[mail]\nfrom = \"anna@contoso.com\"\n");
  for (const char* user : {"root", Anna, Hannah, Norman}) {
    for (const char* name : {"DIALIN_DATA", "DIALIN_CONFIG", "DIALIN_SMTP_SERVER", "DIALIN_CHECKPOINT",
                             "XDG_CONFIG_HOME", "XDG_STATE_HOME"}) {
      Command command = host_.command(user, {"status"});
      command.environment[name] = file;
      const Completed refused = run(command);
      EXPECT_EQ(refused.exit_code, 77) << user << name;
      EXPECT_THAT(refused.error, HasSubstr(name));
    }
    EXPECT_EQ(host_.run(user, {"status", "--config", file}).exit_code, 77) << user;
  }
  EXPECT_FALSE(std::filesystem::exists(host_.home(Anna) + "/.local"));
}

int connected() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, InstalledHost::Socket);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return socket;
}

// Sends `words` as a client would that checks nothing itself. The exit code that the service answers.
int crafted(const char* user, const std::vector<std::string>& words) {
  const passwd* account = getpwnam(user);
  const pid_t child = fork();
  if (child == 0) {
    if (setgroups(0, nullptr) != 0 || setgid(account->pw_gid) != 0 || setuid(account->pw_uid) != 0) _exit(1);
    MessageChannel channel{Descriptor(connected())};
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    const std::array<int, 3> streams = {null, null, null};
    CommandRequest request;
    request.program = "dialin";
    request.words = words;
    const MessageOctets body = compose_request(request);
    channel.send(MessageKind::Request, {body.data(), body.size()}, streams);
    const auto answer = channel.receive();
    if (!answer || answer->kind != MessageKind::CommandFinished) _exit(2);
    _exit(parse_finished({answer->body.data(), answer->body.size()}).exit_code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(InstalledHelpDesk, WhatAClientDidNotCheckTheServiceDoes) {
  EXPECT_EQ(crafted(Hannah, {"pin", "show", "bob@contoso.com"}), 0);
  EXPECT_EQ(crafted(Hannah, {"pin", "set", "bob@contoso.com", "--pin", "383042650"}), 77);
  EXPECT_EQ(crafted(Norman, {"pin", "show", "bob@contoso.com"}), 77);
  EXPECT_EQ(crafted(Anna, {"status", "--config", "/etc/shadow"}), 77);
  EXPECT_EQ(crafted(Anna, {"serve"}), 77);
  EXPECT_EQ(crafted(Anna, {"welcome", "--no-such-parameter"}), 64);
  EXPECT_EQ(crafted(Anna, {"help"}), 64);
  EXPECT_EQ(crafted(Anna, {"--admin-connection"}), 64);
  EXPECT_EQ(crafted(Anna, {"pin", "show"}), 64);
}

TEST_F(InstalledHelpDesk, NonsenseOnTheSocketHarmsNobody) {
  const std::vector<std::string> nonsense = {
      "", "GET / HTTP/1.1\r\n\r\n", std::string("DLN1\x01\x03\0\0\xff\xff\xff\xff", 12),
      std::string("DLN1\x01\x03\0\0\0\0\0\x04", 12) + "abcd", std::string(100000, 'x')};
  for (const std::string& octets : nonsense) {
    const int socket = connected();
    if (!octets.empty()) EXPECT_GT(send(socket, octets.data(), octets.size(), MSG_NOSIGNAL), 0);
    shutdown(socket, SHUT_WR);
    std::string answer;
    char buffer[4096];
    for (ssize_t count = 0; (count = recv(socket, buffer, sizeof buffer, 0)) > 0;)
      answer.append(buffer, static_cast<std::size_t>(count));
    EXPECT_LT(answer.size(), 1000U);
    close(socket);
  }
  // One that says nothing keeps nobody waiting.
  const int silent = connected();
  EXPECT_EQ(host_.run(Anna, {"status"}).exit_code, 0);
  close(silent);
}

}  // namespace
}  // namespace dialin::test
