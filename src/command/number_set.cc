// SPDX-License-Identifier: Apache-2.0
// Set-CsDialInConferencingAccessNumber, number set: changes numbers, or their order within a region.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/existing_store.h"
#include "command/number_parameters.h"
#include "shell/binder.h"

namespace dialin {
namespace {

CommandSpec number_set_spec() {
  CommandSpec spec;
  spec.cmdlet = "Set-CsDialInConferencingAccessNumber";
  spec.verb = "number set";
  spec.group = "Numbers";
  spec.summary = "Changes access numbers, or their order within a region.";
  spec.description =
      "What is not named stays as it is. The primary URI cannot be changed: remove the number and add "
      "another. "
      "-Priority with -ReorderedRegion puts a number at a place within a region, 0 the first: in that order "
      "mails show "
      "them. `number import` with another Priority ends such a place.";
  spec.parameters = {number_identity_spec(), number_filter_spec()};
  for (ParameterSpec& property : number_property_specs()) spec.parameters.push_back(std::move(property));
  spec.parameters.push_back({.name = "Priority",
                             .kind = ParameterKind::Number,
                             .value_name = "place",
                             .help = "The place within -ReorderedRegion, 0 the first.",
                             .original = true,
                             .maximum = 1000000});
  spec.parameters.push_back({.name = "ReorderedRegion",
                             .kind = ParameterKind::Text,
                             .value_name = "region",
                             .help = "The region whose order -Priority changes.",
                             .original = true});
  spec.parameters.push_back({.name = "ScopeToGlobal",
                             .kind = ParameterKind::Switch,
                             .help = "Shows the number to everybody: the same as -Site null.",
                             .original = true});
  spec.parameters.push_back({.name = "ScopeToSite",
                             .kind = ParameterKind::Switch,
                             .help = "Needs -Site here, because no pool tells which site is meant.",
                             .original = true});
  spec.parameters.push_back(
      {.name = "PassThru", .kind = ParameterKind::Switch, .help = "Shows the numbers.", .original = true});
  spec.examples = {
      {"Set-CsDialInConferencingAccessNumber -Identity \"sip:RedmondDialIn@litwareinc.com\" -DisplayName "
       "\"Redmond "
       "Dial-In Access Number\"",
       "Another name."},
      {"Set-CsDialInConferencingAccessNumber -Identity \"sip:RedmondDialIn@litwareinc.com\" -Regions "
       "\"Redmond\", "
       "\"Seattle\"",
       "Shown to people of two regions."},
      {"Set-CsDialInConferencingAccessNumber -Identity \"sip:RedmondDialIn@litwareinc.com\" -Priority 0 "
       "-ReorderedRegion Redmond",
       "The first of Redmond."},
      {"Set-CsDialInConferencingAccessNumber -Filter 'PrimaryLanguage -eq fr-FR' -SecondaryLanguages fr-CA "
       "-Confirm:false",
       "All that answer in French."},
  };
  spec.exit_codes = {{0, "changed"},
                     {1, "there is no such number, it is not of that region, or another has that line"},
                     {64, "a value cannot be taken"}};
  return spec;
}

void reorder(CommandContext& context, const BoundParameters& bound, Store& store,
             const std::vector<AccessNumber>& numbers) {
  const auto place = bound.number("Priority");
  const auto region = bound.text("ReorderedRegion");
  if (!place || !region)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} and {} belong together", bound.display_name("Priority"),
                            bound.display_name("ReorderedRegion")));
  if (numbers.size() != 1)
    throw Error(ErrorCode::InvalidInput, fmt::format("{} is for one number", bound.display_name("Priority")));
  const std::string line = numbers.front().line_uri.uri();
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: {} would stand at place {} of the region {}.\n", line, *place, *region));
    return;
  }
  confirm(context, bound, fmt::format("Put {} at place {} of the region {}?", line, *place, *region));
  store.numbers().reorder(numbers.front().line_uri, *region, static_cast<std::size_t>(*place), context.by);
}

void change(CommandContext& context, const BoundParameters& bound, Store& store, AccessNumberChanges changes,
            std::vector<AccessNumber>& numbers) {
  if (changes.line_uri && numbers.size() > 1)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} is for one number: no two have the same", bound.display_name("LineUri")));
  for (const AccessNumber& number : numbers) {
    if (bound.what_if())
      context.streams.write_output(
          fmt::format("What if: the access number {} would be changed.\n", number.line_uri.uri()));
  }
  if (bound.what_if()) return;
  confirm(context, bound,
          numbers.size() == 1 ? fmt::format("Change the access number {}?", numbers.front().line_uri.uri())
                              : fmt::format("Change {} access numbers?", numbers.size()),
          numbers.size() > 1 ? Question::Always : Question::IfConfirm);
  for (AccessNumber& number : numbers) {
    store.numbers().change(number.line_uri, changes, context.by);
    if (changes.line_uri) number.line_uri = *changes.line_uri;
  }
}

int run_number_set(CommandContext& context, BoundParameters& bound) {
  if (!bound.given("Filter")) ask_for(bound, {"Identity"}, context.prompter);
  AccessNumberChanges changes = number_changes_from(context, bound);
  if (bound.flag("ScopeToSite") && !changes.site)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} needs {}: there is no pool that tells the site",
                            bound.display_name("ScopeToSite"), bound.display_name("Site")));
  if (bound.flag("ScopeToGlobal")) changes.site = "";
  const bool reorders = bound.given("Priority") || bound.given("ReorderedRegion");
  if (changes.empty() && !reorders)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{}: nothing to change was named", bound.display_command()));
  if (!changes.empty() && reorders)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} changes the order and nothing else: use two commands",
                            bound.display_name("Priority")));
  const auto store = existing_store(context);
  std::vector<AccessNumber> numbers = named_numbers(*store, bound);
  if (numbers.empty()) {
    context.streams.write_error("No number is meant: nothing was changed.\n");
    return 0;
  }
  if (reorders) {
    reorder(context, bound, *store, numbers);
  } else {
    change(context, bound, *store, changes, numbers);
  }
  if (bound.flag("PassThru") && !bound.what_if()) {
    std::vector<OutputObject> objects;
    for (const AccessNumber& known : store->numbers().of_region("")) {
      for (const AccessNumber& number : numbers) {
        if (known.line_uri == number.line_uri) objects.push_back(object_of(known));
      }
    }
    write_objects(context.streams, objects, output_format(bound), number_columns());
  }
  return 0;
}

}  // namespace

Command number_set_command() {
  return {number_set_spec(), run_number_set};
}

}  // namespace dialin
