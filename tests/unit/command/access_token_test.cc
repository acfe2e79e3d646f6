// SPDX-License-Identifier: Apache-2.0
#include "command/access_token.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "base/error.h"
#include "support/free_port.h"
#include "support/temporary_directory.h"

namespace dialin {
namespace {

using Words = std::vector<std::string>;

std::string token_of(const std::string& script, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  const auto token = token_from_command({"/bin/sh", "-c", script}, limit);
  return std::string(token->reveal(ClearSecretAccess()));
}

std::string problem_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Configuration);
    return error.what();
  }
  return "no error";
}

TEST(AccessToken, CommandIsSplitWithoutAShell) {
  EXPECT_EQ(split_command("/bin/token"), (Words{"/bin/token"}));
  EXPECT_EQ(split_command("  /bin/token \t a  b "), (Words{"/bin/token", "a", "b"}));
  EXPECT_EQ(split_command("/bin/token 'a b' \"c d\" e'f g'h ''"),
            (Words{"/bin/token", "a b", "c d", "ef gh", ""}));
  EXPECT_EQ(split_command("/bin/token $HOME * \\n ;ls | \"it's\""),
            (Words{"/bin/token", "$HOME", "*", "\\n", ";ls", "|", "it's"}));
  for (const char* wrong : {"", "  ", "token", "/bin/token 'hunter2", "/bin/token \"hunter2"}) {
    const std::string problem = problem_of([&] { split_command(wrong); });
    EXPECT_NE(problem, "no error") << wrong;
    EXPECT_EQ(problem.find("hunter2"), std::string::npos) << problem;
  }
}

TEST(AccessToken, OutputIsTheToken) {
  EXPECT_EQ(token_of("echo abc"), "abc");
  EXPECT_EQ(token_of("printf '\\n  abc \\r\\n\\n'"), "abc");
  EXPECT_EQ(token_of("head -c 16000 /dev/zero | tr '\\0' x"), std::string(16000, 'x'));
  // Nothing of ours but these, and nothing to read.
  EXPECT_EQ(token_of("env | grep -v '^_=' | grep -v '^PWD=' | cut -d= -f1 | sort | tr '\\n' ,"),
            "HOME,LC_ALL,PATH,");
  EXPECT_EQ(token_of("cat; echo done"), "done");
  EXPECT_EQ(token_of("ls /proc/self/fd | wc -l"), "4");  // 0, 1, 2 and the directory itself
}

TEST(AccessToken, WhatFailsSaysNeitherOutputNorArguments) {
  for (const char* script : {"echo canary >&2; echo canary; exit 3", "true # canary",
                             "echo canary; kill -9 $$", "head -c 20000 /dev/zero | tr '\\0' x # canary"}) {
    const std::string problem = problem_of([&] { token_of(script); });
    EXPECT_NE(problem.find("/bin/sh"), std::string::npos) << problem;
    EXPECT_EQ(problem.find("canary"), std::string::npos) << problem;
  }
  EXPECT_NE(problem_of([] { token_from_command({"/nowhere/token"}); }).find("cannot be started"),
            std::string::npos);
}

TEST(AccessToken, SlowProgramIsKilledWithWhatItStarted) {
  const test::TemporaryDirectory directory;
  const std::string file = directory / "pid";
  const auto begin = std::chrono::steady_clock::now();
  const std::string problem =
      problem_of([&] { token_of("sleep 60 & echo $! >" + file + "; wait", std::chrono::milliseconds(500)); });
  EXPECT_NE(problem.find("not done in time"), std::string::npos) << problem;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  const pid_t child = std::stoi(test::read_file(file));
  // It is dead, or a zombie that somebody else collects.
  EXPECT_TRUE(test::eventually([&] {
    if (kill(child, 0) != 0) return true;
    return test::read_file("/proc/" + std::to_string(child) + "/stat").find(") Z ") != std::string::npos;
  }));
}

TEST(AccessToken, WhatRunsOnInTheBackgroundIsNotWaitedFor) {
  EXPECT_EQ(token_of("sleep 60 & echo abc"), "abc");
}

TEST(AccessToken, FileIsReadEachTime) {
  const test::TemporaryDirectory directory;
  const std::string file = directory.write("token", "one\n");
  std::filesystem::permissions(file,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  WelcomeWay way;
  way.password_source = "oauth-file:" + file;
  ASSERT_TRUE(is_access_token(way));
  const auto token = access_token_of(way, {});
  EXPECT_EQ(token()->reveal(ClearSecretAccess()), "one");
  directory.write("token", "two\n");
  EXPECT_EQ(token()->reveal(ClearSecretAccess()), "two");
}

TEST(AccessToken, CommandComesFromTheConfigurationAlone) {
  WelcomeWay way;
  way.password_source = "oauth-command";
  ASSERT_TRUE(is_access_token(way));
  SmtpSettings smtp;
  smtp.oauth_token_command = "/bin/echo 'a token'";
  EXPECT_EQ(access_token_of(way, smtp)()->reveal(ClearSecretAccess()), "a token");
  EXPECT_NE(problem_of([&] { access_token_of(way, {})(); }).find("not set any more"), std::string::npos);
  way.password_source = "file:/etc/password";
  EXPECT_FALSE(is_access_token(way));
}

}  // namespace
}  // namespace dialin
