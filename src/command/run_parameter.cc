// SPDX-License-Identifier: Apache-2.0
#include "command/run_parameter.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace dialin {

ParameterSpec run_name_parameter_spec() {
  return {.name = "Name",
          .kind = ParameterKind::Text,
          .value_name = "run",
          .help = "The run's name, as dialin run list shows it.",
          .mandatory = true,
          .operand = 1,
          .aliases = {"RunName"}};
}

ParameterSpec run_report_parameter_spec() {
  return {.name = "Report",
          .kind = ParameterKind::Path,
          .value_name = "file",
          .help = "Writes what became of each row into this new CSV file.",
          .file = FileUse::Create};
}

RunRecord run_from(Store& store, const BoundParameters& bound) {
  const std::string name = bound.text_or("Name", "");
  if (auto found = store.runs().find(name)) return *found;
  std::vector<std::string> names;
  for (const RunRecord& run : store.runs().list()) names.push_back(run.name);
  const auto meant = did_you_mean(name, names);
  throw Error(
      ErrorCode::NotFound, fmt::format("there is no run \"{}\"", sanitize_foreign_text(name, 100)),
      meant ? fmt::format("Did you mean {}?", *meant) : std::string("`dialin run list` shows all of them."));
}

}  // namespace dialin
