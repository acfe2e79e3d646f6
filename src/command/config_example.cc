// SPDX-License-Identifier: Apache-2.0
// config example: a complete dialin.toml.
#include "config/example.h"

#include "command/commands.h"

namespace dialin {
namespace {

CommandSpec config_example_spec() {
  CommandSpec spec;
  spec.verb = "config example";
  spec.group = "System";
  spec.summary = "Prints a complete configuration file, every setting in it a comment.";
  spec.description =
      "Each setting with one sentence, what is expected, its default, and its name in the environment. "
      "As it is, the file changes nothing: take away the # in front of what you set, and of its [section].";
  spec.examples = {{"dialin config example > dialin.toml", "The file to begin with."},
                   {"dialin config example | less", "What can be set, to be read."}};
  spec.host = CommandHost::OwnProcess;
  return spec;
}

int run_config_example(CommandContext& context, BoundParameters&) {
  context.streams.write_output(example_configuration());
  return 0;
}

}  // namespace

Command config_example_command() {
  return {.spec = config_example_spec(), .run = run_config_example, .despite_problems = true};
}

}  // namespace dialin
