// SPDX-License-Identifier: Apache-2.0
// run resume: goes on with a run that was stopped, killed or paused.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/run_changes.h"
#include "command/run_output.h"
#include "command/run_parameter.h"
#include "command/run_working.h"

namespace dialin {
namespace {

CommandSpec run_resume_spec() {
  CommandSpec spec;
  spec.verb = "run resume";
  spec.group = "Runs";
  spec.summary = "Goes on with a run that was stopped, killed or paused.";
  spec.description =
      "Nobody gets two PINs, whatever had been done before. A pause ends, that of a refused password or "
      "sender too: "
      "whoever types this has seen to it. -Credential names another account, or asks for the password anew; "
      "-From another sender: a mail that may have arrived keeps the one it has. A password that can only be "
      "typed is asked for again. While another process works on the run, it is only followed.";
  spec.parameters = {run_name_parameter_spec(), run_report_parameter_spec()};
  for (ParameterSpec& parameter : run_change_parameter_specs())
    spec.parameters.push_back(std::move(parameter));
  for (ParameterSpec& parameter : relay_limit_parameter_specs())
    spec.parameters.push_back(std::move(parameter));
  spec.examples = {{"dialin run resume march", "Goes on with it."},
                   {"dialin run resume march --rate 20/m --report march.csv",
                    "More slowly, and writes what became of each row."},
                   {"dialin run resume march --credential dialin:@/etc/dialin/smtp-password",
                    "With another account, whose password stands in a file."}};
  spec.exit_codes = {{0, "nothing is left, and every mail was accepted"},
                     {1, "some failed or are uncertain; no such run"},
                     {75, "paused, or something stays queued"},
                     {77, "the mail server does not accept the password"}};
  return spec;
}

int run_run_resume(CommandContext& context, BoundParameters& bound) {
  const TypedLimits limits = typed_limits(bound);
  const auto store = existing_store(context);
  const RunRecord run = run_from(*store, bound);
  if (run.state == RunState::Finished) {
    context.streams.write_error(
        fmt::format("The run {} is finished: there is nothing left to do.\n", run.name));
    write_object(context.streams, object_of(run, store->runs().counts(run.id)), output_format(bound));
    return 0;
  }
  if (bound.what_if()) {
    const RunCounts counts = store->runs().counts(run.id);
    context.streams.write_output(fmt::format("What if: the run {} would go on; {} are left.\n", run.name,
                                             counts.waiting + counts.queued));
    return 0;
  }
  const auto path = bound.text("Report");
  const std::unique_ptr<NewFile> report = path ? context.files.create(*path) : nullptr;
  Passwords passwords(context, true);
  WelcomeWorkplace workplace(context, *store, &passwords, bound.verbose(), limits);
  context.finish_on_interruption();
  const RunWorkplace work{context, bound, *store, passwords, workplace};
  change_run(work, run);
  return resume_and_work(work, run, report.get());
}

}  // namespace

Command run_resume_command() {
  return {run_resume_spec(), run_run_resume};
}

}  // namespace dialin
