// SPDX-License-Identifier: Apache-2.0
// Get-CsDialInConferencingAccessNumber, number show: the numbers that people dial.
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/nullable_value.h"
#include "command/number_parameters.h"

namespace dialin {
namespace {

CommandSpec number_show_spec() {
  CommandSpec spec;
  spec.cmdlet = "Get-CsDialInConferencingAccessNumber";
  spec.verb = "number show";
  spec.group = "Numbers";
  spec.summary = "Shows access numbers.";
  spec.description =
      "All of them, or those that are named. -Region shows those of a region in the order in which mails "
      "show them; null "
      "those that have no region, and site:NAME/REGION or global/REGION those with that scope. -EmptyRegion "
      "shows the "
      "regions that people have and no number has: their people are shown all numbers.";
  spec.parameters = {
      number_identity_spec(),
      number_filter_spec(),
      {.name = "Region",
       .kind = ParameterKind::Text,
       .value_name = "region",
       .help = "Those of the region, in their order; null: those without a region.",
       .original = true,
       .allow_empty = true},
      {.name = "EmptyRegion",
       .kind = ParameterKind::Switch,
       .help = "The regions without a number, and how many people each has.",
       .original = true},
      {.name = "ResultSize",
       .kind = ParameterKind::Number,
       .value_name = "number",
       .help = "At most so many.",
       .original = true,
       .maximum = 2147483647},
  };
  spec.examples = {
      {"Get-CsDialInConferencingAccessNumber", "All numbers."},
      {"Get-CsDialInConferencingAccessNumber -Region \"Redmond\"", "Those of Redmond, in their order."},
      {"Get-CsDialInConferencingAccessNumber -Filter 'LineUri -like \"tel:+1425*\"'", "Those of an area."},
      {"dialin number show --empty-region", "Which regions still need a number."},
  };
  spec.exit_codes = {{1, "there is no such number"}};
  return spec;
}

void keep_region(std::vector<AccessNumber>& numbers, Store& store, const std::string& text) {
  std::string region = text;
  std::optional<std::string> site;
  if (const std::size_t slash = text.find('/'); slash != std::string::npos) {
    const auto scope = ScopeIdentity::parse(std::string_view(text).substr(0, slash));
    if (scope && scope->scope() != ScopeIdentity::Scope::Tag) {
      site = scope->name();
      region = text.substr(slash + 1);
    }
  }
  if (is_null_value(region)) {
    std::erase_if(numbers, [](const AccessNumber& number) { return !number.regions.empty(); });
  } else {
    numbers = store.numbers().of_region(region);
  }
  if (site)
    std::erase_if(numbers,
                  [&](const AccessNumber& number) { return fold_case(number.site) != fold_case(*site); });
}

int run_number_show(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const int ways = (bound.given("Identity") ? 1 : 0) + (bound.given("Region") ? 1 : 0) +
                   (bound.flag("EmptyRegion") ? 1 : 0);
  if (ways > 1 || (bound.flag("EmptyRegion") && bound.given("Filter")) ||
      (bound.given("Region") && bound.given("Filter")))
    throw Error(ErrorCode::InvalidInput,
                "-Identity, -Region and -EmptyRegion ask different questions: use one of them");
  std::vector<OutputObject> objects;
  if (bound.flag("EmptyRegion")) {
    for (const EmptyRegion& region : store->numbers().empty_regions())
      objects.emplace_back().text("Region", region.region).number("People", region.people);
    write_objects(context.streams, objects, output_format(bound), {"Region", "People"});
    return 0;
  }
  std::vector<AccessNumber> numbers = named_numbers(*store, bound);
  if (const auto region = bound.text("Region")) keep_region(numbers, *store, *region);
  const auto limit = static_cast<std::size_t>(bound.number("ResultSize").value_or(2147483647));
  for (const AccessNumber& number : numbers) {
    if (objects.size() == limit) break;
    objects.push_back(object_of(number));
  }
  write_objects(context.streams, objects, output_format(bound), number_columns());
  return 0;
}

}  // namespace

Command number_show_command() {
  return {number_show_spec(), run_number_show};
}

}  // namespace dialin
