// SPDX-License-Identifier: Apache-2.0
// number import: the access numbers that the mail shows. All of the file, or nothing.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/csv_input.h"
#include "command/number_file.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec number_import_spec() {
  CommandSpec spec;
  spec.verb = "number import";
  spec.group = "Numbers";
  spec.summary = "Adds and changes access numbers from a CSV file.";
  spec.description =
      "Columns, in any order: LineUri and PrimaryLanguage (mandatory), PrimaryUri, DisplayNumber, "
      "DisplayName, Regions, "
      "SecondaryLanguages, Priority, Site. Several regions, and at most four secondary languages, are "
      "separated by "
      "|. "
      "DisplayNumber is what stands in the mail, as typed. Numbers match by LineUri; those that the file "
      "does not "
      "name stay as they are.\n\n"
      "A person's mail shows the numbers of the person's region, the lowest Priority first; all numbers if "
      "the person "
      "has no region, or the region no number.";
  spec.parameters = {csv_file_parameter_spec("The CSV file; - is standard input."),
                     csv_delimiter_parameter_spec(), csv_encoding_parameter_spec()};
  spec.examples = {
      {"dialin number import examples/contoso-numbers.csv", "Adds the numbers of the example."},
      {"dialin number import numbers.csv --what-if", "Shows how many would be added and changed."},
  };
  spec.exit_codes = {{0, "the numbers are as the file says"},
                     {64, "the file cannot be taken; nothing was changed"}};
  return spec;
}

OutputObject object_of(const NumberStore::Import& import) {
  OutputObject object;
  object.number("Added", static_cast<std::int64_t>(import.added))
      .number("Updated", static_cast<std::int64_t>(import.updated))
      .number("Unchanged", static_cast<std::int64_t>(import.unchanged));
  return object;
}

int run_number_import(CommandContext& context, BoundParameters& bound) {
  CsvReader csv = open_csv(context, bound.text_or("File", ""), csv_format_from(bound));
  const std::string file = csv.name();
  const NumberFile numbers = read_number_file(std::move(csv));
  write_unknown_columns(context, file, numbers.unknown_columns);
  refuse_bad_rows(context, file, numbers.problems);

  if (bound.what_if()) {
    const auto store = context.open_store(OpenMode::MustExist);
    const NumberStore::Import plan =
        store ? store->numbers().import(numbers.numbers, ImportMode::WhatIf, context.by)
              : NumberStore::Import{.added = numbers.numbers.size()};
    write_object(context.streams, object_of(plan), output_format(bound));
    context.streams.write_error("What if: nothing was changed.\n");
    return 0;
  }
  confirm(context, bound, fmt::format("Import {} access numbers from {}?", numbers.numbers.size(), file));
  const auto store = context.open_store(OpenMode::CreateIfAbsent);
  write_object(context.streams,
               object_of(store->numbers().import(numbers.numbers, ImportMode::Apply, context.by)),
               output_format(bound));
  return 0;
}

}  // namespace

Command number_import_command() {
  return {number_import_spec(), run_number_import};
}

}  // namespace dialin
