// SPDX-License-Identifier: Apache-2.0
// store upgrade: brings a PostgreSQL store to the schema that this program needs.
#include "store/store_upgrade.h"

#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"

namespace dialin {
namespace {

CommandSpec store_upgrade_spec() {
  CommandSpec spec;
  spec.verb = "store upgrade";
  spec.group = "Store";
  spec.summary = "Brings a store in PostgreSQL to the schema that this program needs.";
  spec.description =
      "Needed once after a newer dialin was installed, when none of the older ones uses the database any "
      "more: "
      "those refuse it from then on. Shows the steps, asks, and does all of them in one transaction: either "
      "the "
      "whole of it is done, or nothing. Make a backup of the database before. A SQLite store needs no such "
      "command: the first command of the newer program brings it up to date, and leaves the former one "
      "beside it.";
  spec.examples = {
      {"dialin store upgrade --what-if", "Shows which steps would be done."},
      {"dialin store upgrade --yes", "In a script."},
  };
  spec.exit_codes = {{0, "done, or nothing to do"},
                     {1, "there is no store yet"},
                     {64, "nobody is there to be asked"},
                     {69, "the database could not be reached, or is in use by somebody who does not let go"},
                     {78, "the store was made by a newer dialin"}};
  return spec;
}

int run_store_upgrade(CommandContext& context, BoundParameters& bound) {
  const StoreLocation location{.url = context.configuration.store.url,
                               .data_directory = context.data_place.directory.string()};
  if (location.url.empty()) {
    // Opening brings it up to date, or refuses one that a newer program made.
    context.open_store(OpenMode::MustExist);
    context.streams.write_error(fmt::format(
        "Nothing to do: the store in {} is a SQLite file, which each command brings up to date by itself.\n",
        location.data_directory));
    return 0;
  }
  const auto upgrade = plan_upgrade(location, context.clock, context.random, context.checkpoints);
  if (!upgrade)
    throw Error(ErrorCode::NotFound, "there is no store yet in the database that [store] url names",
                "The first people make it: dialin people import FILE.csv");
  if (upgrade->steps.empty()) {
    context.streams.write_error(fmt::format("Nothing to do: the store in the {} has schema {} already.\n",
                                            upgrade->place, upgrade->to));
    return 0;
  }
  const std::string what =
      fmt::format("the store in the {} from schema {} to {}", upgrade->place, upgrade->from, upgrade->to);
  for (const std::string& step : upgrade->steps) context.streams.write_error(fmt::format("Step {}\n", step));
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: {} would be brought.\n", what));
    return 0;
  }
  confirm(context, bound, fmt::format("Bring {}? Older programs cannot use it afterwards.", what),
          Question::Always);
  upgrade_store(location, context.clock, context.random, context.checkpoints);
  context.streams.write_error(fmt::format("Brought {}.\n", what));
  return 0;
}

}  // namespace

Command store_upgrade_command() {
  return {store_upgrade_spec(), run_store_upgrade};
}

}  // namespace dialin
