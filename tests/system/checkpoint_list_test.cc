// SPDX-License-Identifier: Apache-2.0
// A checkpoint that no test kills at fails here: every name in the sources is reached by a command that
// killed_command_test.cc or killed_welcome_test.cc kills at each of its checkpoints.
#include "checkpoint_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "killed_command.h"

namespace dialin::test {
namespace {

// Nobody has a store of an older schema here: tests/contract/store/upgrade_test.cc makes one.
const std::set<std::string> not_by_a_command = {"before-commit-upgrade", "after-commit-upgrade"};

std::set<std::string> names_in_sources() {
  static const std::regex reached(R"re(reach\(([^;]*)\);)re");
  static const std::regex literal(R"re("([a-z-]+)")re");
  static const std::regex step(
      R"re((?:(?:write|run_transaction|in_mode)\(\s*context_,\s*(?:mode,\s*)?|Step)\{"([a-z-]+)",)re");
  std::set<std::string> names, prefixes, steps;
  const auto each = [](const std::string& text, const std::regex& pattern, const auto& take) {
    for (std::sregex_iterator found(text.begin(), text.end(), pattern), end; found != end; ++found)
      take((*found)[1]);
  };
  for (const auto& entry : std::filesystem::recursive_directory_iterator(DIALIN_SOURCE_DIR "/src")) {
    if (entry.path().extension() != ".cc") continue;
    const std::string text = read_file(entry.path());
    each(text, reached, [&](const std::string& argument) {
      each(argument, literal,
           [&](const std::string& name) { (name.back() == '-' ? prefixes : names).insert(name); });
    });
    each(text, step, [&](const std::string& name) { steps.insert(name); });
  }
  EXPECT_EQ(prefixes, (std::set<std::string>{"after-commit-", "before-commit-"}));
  EXPECT_GE(steps.size(), 20U);
  for (const std::string& prefix : prefixes) {
    for (const std::string& name : steps) names.insert(prefix + name);
  }
  return names;
}

TEST(Checkpoints, AreAllKilledAt) {
  std::set<std::string> reached = not_by_a_command;
  const auto note = [&](const Completed& traced) {
    for (const std::string& name : checkpoints_in(traced.error)) reached.insert(name);
  };
  for (const KilledCommand& command : killed_commands()) {
    World world;
    command.prepare(world);
    note(world.program.run(command.arguments(world), command.input, tell()));
  }
  World world;
  world.program.import_people({"bob"});
  note(world.program.run(welcome_command("bob", world.receiver.port(), {"-Cc", "boss@contoso.com"}), {},
                         tell()));
  note(world.program.run({"deliver"}, {}, tell()));
  // KilledOn.WhileItRenewsItsLease; only a server that takes its time makes a process renew.
  reached.insert({"before-commit-renew", "after-commit-renew"});
  // Only where the system has a logger; a head that it gets twice does no harm.
  reached.insert({"before-commit-journal", "after-commit-journal"});
  // These wait for seconds of work, and move times forward that nobody depends on
  // (tests/contract/store/relays_test.cc).
  for (const char* name : {"renew-connections", "slow-down", "speed-up"}) {
    for (const char* side : {"before-commit-", "after-commit-"}) reached.insert(side + std::string(name));
  }
  EXPECT_THAT(reached, testing::ContainerEq(names_in_sources()));
}

}  // namespace
}  // namespace dialin::test
