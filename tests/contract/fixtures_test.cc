// SPDX-License-Identifier: Apache-2.0
// The fixtures themselves: that what the other tests stand on does what its headers say.
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "support/child_process.h"
#include "support/free_port.h"
#include "support/postgresql_server.h"
#include "support/temporary_directory.h"

namespace dialin::test {
namespace {

TEST(ChildProcess, GivesOutputErrorAndExitCode) {
  const Completed completed = run(
      {.arguments = {"sh", "-c", "cat; echo wrong >&2; echo $WORD; exit 7"}, .environment = {{"WORD", "w"}}},
      "given\n");
  EXPECT_EQ(completed.exit_code, 7);
  EXPECT_EQ(completed.output, "given\nw\n");
  EXPECT_EQ(completed.error, "wrong\n");
}

TEST(ChildProcess, SaysThatAProgramIsMissing) {
  EXPECT_THROW(run({.arguments = {"/nowhere/at-all"}}), std::runtime_error);
}

TEST(ChildProcess, HasNoTerminalUnlessOneIsAskedFor) {
  EXPECT_NE(run({.arguments = {"sh", "-c", "exec 3</dev/tty"}}).exit_code, 0);
}

TEST(ChildProcess, PromptsOnATerminalWhileOutputIsAPipe) {
  ChildProcess child({.arguments = {"sh", "-c",
                                    "test -t 0 && test -t 2 && ! test -t 1 && stty -echo && "
                                    "printf 'Password: ' >&2 && read word && echo \"got $word\""},
                      .terminal = Terminal::InputAndError});
  child.expect("Password: ");
  child.type("secret\n");
  const Completed completed = child.wait();
  EXPECT_EQ(completed.exit_code, 0);
  EXPECT_EQ(completed.output, "got secret\n");
  EXPECT_EQ(completed.screen.find("secret"), std::string::npos);
}

TEST(ChildProcess, AnswersAtTheTerminalWhileInputIsAPipe) {
  ChildProcess child({.arguments = {"sh", "-c",
                                    "! test -t 0 && printf 'Name? ' >/dev/tty && read name </dev/tty && "
                                    "read line && echo \"$name $line\""},
                      .terminal = Terminal::ControllingOnly});
  child.write("line\n");
  child.expect("Name? ");
  child.type("bob\n");
  EXPECT_EQ(child.wait().output, "bob line\n");
}

TEST(ChildProcess, IsStoppedResumedAndKilledWithItsGroup) {
  ChildProcess child({.arguments = {"sh", "-c", "sleep 1000 & echo $!; while read x; do echo $x; done"}});
  const pid_t grandchild = std::stoi(child.expect("\n"));
  child.stop();
  EXPECT_TRUE(child.running());
  child.resume();
  child.write("still here\n");
  child.expect("still here\n");
  EXPECT_EQ(child.kill().exit_code, 128 + SIGKILL);
  EXPECT_TRUE(eventually([&] {
    std::error_code ignored;
    if (!std::filesystem::exists("/proc/" + std::to_string(grandchild), ignored)) return true;
    return read_file("/proc/" + std::to_string(grandchild) + "/stat").find(") Z ") != std::string::npos;
  }));
}

TEST(TemporaryDirectory, IsGoneAfterwards) {
  std::filesystem::path path;
  {
    const TemporaryDirectory directory;
    path = directory.path();
    directory.write("a/b.txt", "text");
    EXPECT_EQ(read_file(path / "a/b.txt"), "text");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(FreePort, IsNotGivenTwiceAndNobodyListens) {
  const auto first = free_port();
  EXPECT_NE(first, free_port());
  EXPECT_FALSE(is_listening(first));
}

// Whether the server answers a statement on a connection of its own.
bool answers(const std::string& connection_string) {
  return run({.arguments = {"psql", "-At", "-c", "SELECT 1", connection_string + " connect_timeout=2"}})
             .output == "1\n";
}

TEST(PostgresqlServer, GivesDatabasesOfTheirOwn) {
  PostgresqlServer& server = PostgresqlServer::shared();
  const std::string first = server.create_database();
  const std::string second = server.create_database();
  EXPECT_NE(first, second);
  run_successfully({.arguments = {"psql", "-c", "CREATE TABLE t (x int)", first}});
  EXPECT_NE(run({.arguments = {"psql", "-c", "SELECT * FROM t", second}}).exit_code, 0);
}

TEST(PostgresqlServer, GoesAwayAndComesBack) {
  PostgresqlServer server;
  const std::string database = server.create_database();
  EXPECT_TRUE(answers(database));
  server.stop();
  EXPECT_FALSE(answers(database));
  server.start();
  EXPECT_TRUE(answers(database));
  server.kill();
  EXPECT_FALSE(answers(database));
  server.start();
  EXPECT_TRUE(answers(database));
  server.freeze();
  EXPECT_FALSE(answers(database));
  server.thaw();
  EXPECT_TRUE(answers(database));
}

}  // namespace
}  // namespace dialin::test
