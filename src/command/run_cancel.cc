// SPDX-License-Identifier: Apache-2.0
// run cancel: nothing of the run is begun any more.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/run_output.h"
#include "command/run_parameter.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec run_cancel_spec() {
  CommandSpec spec;
  spec.verb = "run cancel";
  spec.group = "Runs";
  spec.summary = "Ends a run: nobody of it who is left is welcomed any more.";
  spec.description =
      "Who is left keeps the PIN that they have. Mails that are on their way at this moment still arrive, "
      "and their "
      "PINs become valid.";
  spec.parameters = {run_name_parameter_spec()};
  spec.examples = {{"dialin run cancel march", "Asks, and cancels it."},
                   {"dialin run cancel march --yes", "Cancels it at once."}};
  spec.exit_codes = {{0, "cancelled"}, {1, "no such run, or it had ended"}};
  return spec;
}

int run_run_cancel(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const RunRecord run = run_from(*store, bound);
  if (run.state == RunState::Finished || run.state == RunState::Cancelled) {
    throw Error(ErrorCode::Precondition,
                fmt::format("the run {} cannot be cancelled: it is {}", run.name, to_text(run.state)));
  }
  const RunCounts counts = store->runs().counts(run.id);
  const std::int64_t left = counts.waiting + counts.queued + counts.uncertain;
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: {} people of the run {} would not be welcomed.\n", left, run.name));
    return 0;
  }
  confirm(context, bound, fmt::format("Cancel the run {}, {} of whose people are left?", run.name, left),
          Question::Always);
  const std::int64_t on_their_way = store->runs().cancel(run.id, context.by);
  const auto now = store->runs().get(run.id);
  if (now) {
    write_object(context.streams, object_of(*now, store->runs().counts(run.id)), output_format(bound));
    context.streams.flush();
  } else {
    context.streams.write_error(fmt::format("The run {} was never ready: it is gone.\n", run.name));
  }
  if (on_their_way > 0) {
    context.streams.write_error(
        fmt::format("{} mails are on their way at this moment and may still arrive.\n", on_their_way));
  }
  return 0;
}

}  // namespace

Command run_cancel_command() {
  return {run_cancel_spec(), run_run_cancel};
}

}  // namespace dialin
