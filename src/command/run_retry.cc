// SPDX-License-Identifier: Apache-2.0
// run retry: takes again what failed, is uncertain, or could not be taken.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/run_output.h"
#include "command/run_parameter.h"
#include "command/run_planner.h"
#include "command/run_working.h"

namespace dialin {
namespace {

CommandSpec run_retry_spec() {
  CommandSpec spec;
  spec.verb = "run retry";
  spec.group = "Runs";
  spec.summary = "Takes again the rows of a run that failed, are uncertain, or could not be taken.";
  spec.description =
      "Who failed gets a new PIN in a new mail. An uncertain mail is sent again with the same PIN and "
      "Message-ID, "
      "because the first one may have arrived. A row that could not be taken, because its person was not "
      "known, is "
      "looked at again. Who was sent their mail, was skipped, or was cancelled is left alone.";
  spec.parameters = {run_name_parameter_spec(), run_report_parameter_spec()};
  for (ParameterSpec& parameter : relay_limit_parameter_specs())
    spec.parameters.push_back(std::move(parameter));
  spec.examples = {{"dialin run retry march", "Sends again what failed."},
                   {"dialin run retry march -WhatIf", "Says how many rows that would be."}};
  spec.exit_codes = {{0, "nothing had failed, or every mail was accepted now"},
                     {1, "some failed again; no such run"},
                     {75, "paused, or something stays queued"}};
  return spec;
}

int run_run_retry(CommandContext& context, BoundParameters& bound) {
  const TypedLimits limits = typed_limits(bound);
  const auto store = existing_store(context);
  const RunRecord run = run_from(*store, bound);
  if (run.state != RunState::Finished && run.state != RunState::Ready) {
    throw Error(ErrorCode::Precondition,
                fmt::format("the run {} cannot be retried: it is {}", run.name, to_text(run.state)));
  }
  const RunCounts counts = store->runs().counts(run.id);
  const std::string what = fmt::format("{} failed, {} uncertain, {} that could not be taken", counts.failed,
                                       counts.uncertain, counts.invalid);
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: the run {} would take again: {}.\n", run.name, what));
    return 0;
  }
  if (counts.failed + counts.uncertain + counts.invalid == 0) {
    context.streams.write_error(
        fmt::format("Nothing of the run {} failed: there is nothing to retry.\n", run.name));
    return 0;
  }
  confirm(context, bound, fmt::format("Take again {} of the run {}?", what, run.name));
  const auto path = bound.text("Report");
  const std::unique_ptr<NewFile> report = path ? context.files.create(*path) : nullptr;
  Passwords passwords(context, true);
  const std::vector<WelcomeWay> ways = ways_of(*store, run.id);
  ask_for_passwords(passwords, ways);
  context.finish_on_interruption();
  WelcomeWorkplace workplace(context, *store, &passwords, bound.verbose(), limits);
  set_stated_limits(context, *store, workplace.settings(), ways);
  const RunWorkplace work{context, bound, *store, passwords, workplace};
  PlansOfRun planner(context.configuration, store->runs(), run.id);
  if (!retry_rows(work, run, look_again(work, run, planner)))
    context.streams.write_error("No row that could not be taken can be taken now.\n");
  return work_on_run(work, run.id, report.get());
}

}  // namespace

Command run_retry_command() {
  return {run_retry_spec(), run_run_retry};
}

}  // namespace dialin
