// SPDX-License-Identifier: Apache-2.0
// kill -9 at every checkpoint of every other command that writes, then the same command again.
#include "killed_command.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "checkpoint_list.h"

namespace dialin::test {
namespace {

class Killed : public testing::TestWithParam<std::size_t> {};

TEST_P(Killed, AndTypedAgain) {
  const KilledCommand& command = killed_commands()[GetParam()];
  std::vector<std::string> names;
  int undisturbed = 0;
  {
    World world;
    command.prepare(world);
    const Completed done = world.program.run(command.arguments(world), command.input, tell());
    names = checkpoints_in(done.error);
    undisturbed = done.exit_code;
    command.verify(world);
  }
  ASSERT_GE(names.size(), 2U);
  for (std::size_t number = 1; number <= names.size(); ++number) {
    SCOPED_TRACE(fmt::format("killed at checkpoint {}, {}", number, names[number - 1]));
    World world;
    command.prepare(world);
    const Completed died = world.program.run(command.arguments(world), command.input, kill_at(number));
    // What waits looks at the store as often as there is time for: it may reach a few fewer than the first
    // time.
    if (died.exit_code == undisturbed && 4 * number > 3 * names.size()) {
      command.verify(world);
      break;
    }
    ASSERT_EQ(died.exit_code, killed) << died.error;
    const Completed again = world.program.run(command.arguments(world), command.input);
    EXPECT_TRUE(command.exit_codes.contains(again.exit_code)) << again.exit_code << ": " << again.error;
    command.verify(world);
  }
}

INSTANTIATE_TEST_SUITE_P(System, Killed, testing::Range<std::size_t>(0, killed_commands().size()),
                         [](const auto& info) { return killed_commands()[info.param].name; });

}  // namespace
}  // namespace dialin::test
