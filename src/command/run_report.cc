// SPDX-License-Identifier: Apache-2.0
// run report: what became of each row, as CSV.
#include "run/run_report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/run_output.h"
#include "command/run_parameter.h"

namespace dialin {
namespace {

CommandSpec run_report_spec() {
  CommandSpec spec;
  spec.verb = "run report";
  spec.group = "Runs";
  spec.summary = "Writes what became of each row of a run, as CSV.";
  spec.description =
      "Line, Identity, UserEmailAddress, PinResult, MailResult, Code and Detail, one row for each person or "
      "bad "
      "row, never a PIN. Set-CsPinSendCAWelcomeMail -Csv takes the file again, and skips whom MailResult "
      "calls "
      "Sent.";
  spec.parameters = {run_name_parameter_spec(),
                     {.name = "File",
                      .kind = ParameterKind::Path,
                      .value_name = "file",
                      .help = "The new file; - or nothing is standard output.",
                      .operand = 2,
                      .file = FileUse::Create}};
  spec.examples = {{"dialin run report march march.csv", "Writes it into march.csv."},
                   {"dialin run report march | grep ,Failed,", "Shows who failed."}};
  spec.exit_codes = {{0, "written"}, {1, "no such run, or the file is there already"}};
  return spec;
}

int run_run_report(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const RunRecord run = run_from(*store, bound);
  const std::string path = bound.text_or("File", "-");
  if (path == "-") {
    write_run_report(store->runs(), run.id,
                     [&context](std::string_view piece) { context.streams.write_output(piece); });
    return 0;
  }
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: the report of the run {} would be written into {}.\n",
                                             run.name, sanitize_foreign_text(path)));
    return 0;
  }
  const std::unique_ptr<NewFile> file = context.files.create(path);
  write_report(*store, run.id, *file);
  context.streams.write_error(fmt::format("Report written to {}\n", sanitize_foreign_text(path)));
  return 0;
}

}  // namespace

Command run_report_command() {
  return {run_report_spec(), run_run_report};
}

}  // namespace dialin
