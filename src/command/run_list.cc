// SPDX-License-Identifier: Apache-2.0
// run list: every run, the newest first.
#include "command/commands.h"
#include "command/run_output.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec run_list_spec() {
  CommandSpec spec;
  spec.verb = "run list";
  spec.group = "Runs";
  spec.summary = "Lists the runs, the newest first.";
  spec.description =
      "A run is many people welcomed by one command (Set-CsPinSendCAWelcomeMail -Csv, -Json, -PinNotSet, "
      "-All, "
      "-Region, -Site).";
  spec.examples = {{"dialin run list", "Shows each run with what became of its rows."},
                   {"dialin run list -Output json", "The same, for a program."}};
  return spec;
}

int run_run_list(CommandContext& context, BoundParameters& bound) {
  const auto store = context.open_store(OpenMode::MustExist);
  std::vector<OutputObject> objects;
  if (store) {
    for (const RunRecord& run : store->runs().list()) {
      OutputObject object = object_of(run, store->runs().counts(run.id));
      object.time("Begun", run.created_at);
      objects.push_back(std::move(object));
    }
  }
  write_objects(context.streams, objects, output_format(bound).value_or(OutputFormat::Table),
                {"Run", "State", "Rows", "Sent", "Skipped", "Failed", "Uncertain", "Invalid", "NotSent",
                 "Left", "CopiesFailed", "Begun"});
  return 0;
}

}  // namespace

Command run_list_command() {
  return {run_list_spec(), run_run_list};
}

}  // namespace dialin
