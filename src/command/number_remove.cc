// SPDX-License-Identifier: Apache-2.0
// Remove-CsDialInConferencingAccessNumber, number remove: numbers that nobody is shown any more.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/number_parameters.h"
#include "shell/binder.h"

namespace dialin {
namespace {

CommandSpec number_remove_spec() {
  CommandSpec spec;
  spec.cmdlet = "Remove-CsDialInConferencingAccessNumber";
  spec.verb = "number remove";
  spec.group = "Numbers";
  spec.summary = "Removes access numbers.";
  spec.description =
      "Mails that are sent from now on do not show the number. Regions that have no number then are named. "
      "Removing "
      "several asks, unless --yes or -Confirm:false is given.";
  spec.parameters = {number_identity_spec(), number_filter_spec()};
  spec.examples = {
      {"Remove-CsDialInConferencingAccessNumber -Identity \"sip:RedmondDialIn@litwareinc.com\"",
       "That number."},
      {"dialin number remove tel:+18005551234", "The same by its line."},
  };
  spec.exit_codes = {{0, "removed"}, {1, "there is no such number"}, {64, "nobody is there to be asked"}};
  return spec;
}

int run_number_remove(CommandContext& context, BoundParameters& bound) {
  if (!bound.given("Filter")) ask_for(bound, {"Identity"}, context.prompter);
  const auto store = existing_store(context);
  const std::vector<AccessNumber> numbers = named_numbers(*store, bound);
  if (bound.what_if()) {
    for (const AccessNumber& number : numbers)
      context.streams.write_output(
          fmt::format("What if: the access number {} would be removed.\n", number.line_uri.uri()));
    return 0;
  }
  if (numbers.empty()) {
    context.streams.write_error("No number is meant: nothing was changed.\n");
    return 0;
  }
  confirm(context, bound,
          numbers.size() == 1 ? fmt::format("Remove the access number {}?", numbers.front().line_uri.uri())
                              : fmt::format("Remove {} access numbers?", numbers.size()),
          numbers.size() > 1 ? Question::Always : Question::IfConfirm);
  for (const AccessNumber& number : numbers) store->numbers().remove(number.line_uri, context.by);
  for (const EmptyRegion& region : store->numbers().empty_regions())
    context.streams.write_error(fmt::format(
        "The region {} has no number: its {} people are shown all numbers.\n", region.region, region.people));
  return 0;
}

}  // namespace

Command number_remove_command() {
  return {number_remove_spec(), run_number_remove};
}

}  // namespace dialin
