// SPDX-License-Identifier: Apache-2.0
// run show: one run; with -Follow until it ends.
#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/run_output.h"
#include "command/run_parameter.h"
#include "command/run_working.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec run_show_spec() {
  CommandSpec spec;
  spec.verb = "run show";
  spec.group = "Runs";
  spec.summary = "Shows how a run stands.";
  spec.description =
      "How many of its rows were sent, skipped, failed or are left, why it is paused, and the failures by "
      "reason. "
      "With -Follow it goes on showing that while another process works on the run, and changes nothing: "
      "Ctrl-C "
      "ends the looking, not the run.";
  spec.parameters = {run_name_parameter_spec(),
                     {.name = "Follow",
                      .kind = ParameterKind::Switch,
                      .help = "Shows its progress until it ends or pauses, or nobody works on it any more."}};
  spec.examples = {{"dialin run show users.csv-20260301-101407", "Shows that run."},
                   {"dialin run show march --follow", "Watches it from another terminal."}};
  spec.exit_codes = {{0, "shown"}, {1, "no such run"}};
  return spec;
}

int run_run_show(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  RunRecord run = run_from(*store, bound);
  if (bound.flag("Follow") && run.state == RunState::Ready) {
    context.finish_on_interruption();
    WelcomeWorkplace workplace(context, *store, nullptr, bound.verbose());
    run = follow_run(context, workplace, run.id).record;
  }
  OutputObject object = object_of(run, store->runs().counts(run.id));
  object.text("Source", run.source)
      .truth("Force", run.force)
      .text("Operator", run.operator_name)
      .time("Begun", run.created_at)
      .time_or_null("Finished", run.finished_at)
      .text_or_null("Paused", run.pause ? std::optional(describe(*run.pause, run.name)) : std::nullopt);
  write_object(context.streams, object, output_format(bound));
  context.streams.flush();
  context.streams.write_error(failure_table(failures_by_reason(store->runs(), run.id)));
  return 0;
}

}  // namespace

Command run_show_command() {
  return {run_show_spec(), run_run_show};
}

}  // namespace dialin
