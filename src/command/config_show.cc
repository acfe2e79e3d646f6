// SPDX-License-Identifier: Apache-2.0
// config show: every setting with the value in force and where that comes from.
#include "command/commands.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec config_show_spec() {
  CommandSpec spec;
  spec.verb = "config show";
  spec.group = "System";
  spec.summary = "Shows every setting with the value in force and where that comes from.";
  spec.description =
      "From: a line of the configuration file, a variable of the environment, or the default. What a site "
      "overrides "
      "stands at the end. A value that may hold a secret is not shown; the path of a file that holds one "
      "is.\n\n"
      "The command line beats all of them: -SmtpServer, -From and the like stand in no configuration, and "
      "neither does "
      "PSEmailServer, which comes before smtp.server.";
  spec.parameters = {{.name = "Changed",
                      .kind = ParameterKind::Switch,
                      .help = "Only what does not come from the default."}};
  spec.examples = {{"dialin config show", "All settings, as a table."},
                   {"dialin config show --changed", "What somebody has set."},
                   {"dialin config show --config ./dialin.toml -Output json",
                    "What another file would come to, for a program."}};
  spec.exit_codes = {{0, "shown"}, {78, "the configuration is not valid; dialin config check says why"}};
  return spec;
}

int run_config_show(CommandContext& context, BoundParameters& bound) {
  std::vector<OutputObject> objects;
  for (const SettingInUse& setting : context.configuration.settings) {
    if (bound.flag("Changed") && setting.origin.kind == SettingOrigin::Kind::Default) continue;
    objects.emplace_back()
        .text("Setting", setting.name)
        .text("Value", setting.value)
        .text("From", setting.origin.describe());
  }
  write_objects(context.streams, objects, output_format(bound).value_or(OutputFormat::Table),
                {"Setting", "Value", "From"});
  if (objects.empty()) context.streams.write_error("Nothing is set: every setting has its default.\n");
  return 0;
}

}  // namespace

Command config_show_command() {
  return {config_show_spec(), run_config_show};
}

}  // namespace dialin
