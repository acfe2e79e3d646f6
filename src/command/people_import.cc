// SPDX-License-Identifier: Apache-2.0
// people import: people from a CSV file. All of it, or nothing.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/csv_input.h"
#include "shell/output.h"

namespace dialin {
namespace {

// More than a screen or two are listed only if somebody asks for them.
constexpr std::size_t MostChangesListed = 100;

CommandSpec people_import_spec() {
  CommandSpec spec;
  spec.verb = "people import";
  spec.group = "People";
  spec.summary = "Adds and changes people from a CSV file.";
  spec.description =
      "Columns, in any order: SipAddress (mandatory), ExternalId, UserPrincipalName, SamAccountName, "
      "DisplayName, Mail, "
      "LineUri, Language, Region, Site, ConferenceId, Enabled. A column that is not there leaves what is "
      "known as it "
      "is; an empty cell clears it. The file is UTF-8, or UTF-16 with a byte order mark, separated by "
      "commas, semicolons or tabs.\n\n"
      "Rows match people by ExternalId, else by SipAddress: a known external id with another address is a "
      "rename. "
      "-DisableMissing disables everybody who is enabled and not in the file; more than 5 in a hundred at "
      "once are "
      "refused unless -MaxDisable says so. "
      "Nothing is changed unless every row of the file can be taken; what cannot is listed by line and "
      "column. The "
      "first import makes the store, and it is said where.";
  spec.parameters = {
      csv_file_parameter_spec("The CSV file; - is standard input."),
      csv_delimiter_parameter_spec(),
      csv_encoding_parameter_spec(),
      {.name = "ShareNumber",
       .kind = ParameterKind::Switch,
       .help = "Allows telephone numbers that several people hold; their PINs must differ."},
      {.name = "DisableMissing",
       .kind = ParameterKind::Switch,
       .help = "Disables everybody who is not in the file."},
      {.name = "MaxDisable",
       .kind = ParameterKind::Number,
       .value_name = "percent",
       .help = "How many of a hundred enabled people -DisableMissing may disable at once; by default 5.",
       .maximum = 100},
  };
  spec.examples = {
      {"dialin people import examples/contoso.csv",
       "Adds the people of the example, or brings them up to date."},
      {"dialin people import staff.csv --what-if", "Shows what would change."},
      {"dialin people import staff.csv --encoding windows-1252",
       "A file that a German or French Excel saved as plain CSV."},
      {"dialin people import staff.csv --disable-missing", "Also disables those who have left."},
      {"mysql -B -e \"$query\" | dialin people import - --output csv > changes.csv",
       "From another program, keeping what changed."},
  };
  spec.exit_codes = {{0, "the people are as the file says"},
                     {1, "more people would be disabled than -MaxDisable allows; nothing was changed"},
                     {64, "the file cannot be taken; nothing was changed"}};
  return spec;
}

// What became of one person.
struct Change {
  std::string result;
  std::vector<std::string> fields;
};

// One object for each person who is not as before, added ones first.
std::vector<OutputObject> objects_of(const PeopleImport& import) {
  std::map<std::string, Change> changes;
  for (const PeopleImport::Changed& changed : import.updated) {
    changes[changed.sip_address] = {changed.renamed_from.empty() ? "Updated" : "Renamed", changed.fields};
  }
  for (const std::string& address : import.disabled) {
    changes[address].result = "Disabled";
    changes[address].fields.emplace_back("Enabled");
  }
  for (const std::string& address : import.enabled) {
    changes[address].result = "Enabled";
    changes[address].fields.emplace_back("Enabled");
  }
  std::vector<OutputObject> objects;
  for (const std::string& address : import.added) {
    objects.emplace_back().text("SipAddress", address).text("Result", "Added").text("Fields", "");
  }
  for (const auto& [address, change] : changes) {
    objects.emplace_back()
        .text("SipAddress", address)
        .text("Result", change.result)
        .text("Fields", join(change.fields, ", "));
  }
  return objects;
}

std::string summary(const PeopleImport& import) {
  const auto renamed = std::count_if(import.updated.begin(), import.updated.end(),
                                     [](const auto& changed) { return !changed.renamed_from.empty(); });
  std::string text = fmt::format("added {}, updated {}, unchanged {}", import.added.size(),
                                 import.updated.size() - static_cast<std::size_t>(renamed), import.unchanged);
  if (renamed > 0) text += fmt::format(", renamed {}", renamed);
  if (!import.enabled.empty()) text += fmt::format(", enabled {}", import.enabled.size());
  if (!import.disabled.empty()) text += fmt::format(", disabled {}", import.disabled.size());
  return text;
}

void write_changes(CommandContext& context, const BoundParameters& bound, const PeopleImport& import) {
  const std::vector<OutputObject> objects = objects_of(import);
  const auto format = output_format(bound);
  if (format || bound.verbose() || objects.size() <= MostChangesListed) {
    // A table also for one: it is a list of changes, however many.
    write_objects(context.streams, objects, format.value_or(OutputFormat::Table),
                  {"SipAddress", "Result", "Fields"});
  } else {
    context.streams.write_error("Who changed is listed with -Verbose or -Output.\n");
  }
  context.streams.flush();
}

// What a store that does not exist yet would say: everybody is new.
PeopleImport all_added(const std::vector<PersonRow>& rows) {
  PeopleImport import;
  for (const PersonRow& row : rows) import.added.push_back(row.sip_address.uri());
  return import;
}

void refuse_conflicts(CommandContext& context, const std::string& file, const PeopleImport& import) {
  std::vector<CsvProblem> problems;
  for (const PeopleImport::Conflict& conflict : import.conflicts) {
    problems.push_back({conflict.line, "", conflict.reason});
  }
  refuse_bad_rows(context, file, problems);
}

constexpr std::size_t PageSize = 500;
constexpr std::int64_t MostDisabledPercent = 5;

// Rows that disable everybody who is enabled and whom no row of the file is about, by external id or by
// address.
void disable_missing(std::vector<PersonRow>& rows, Store& store, const BoundParameters& bound) {
  std::set<std::string> addresses, external_ids;
  for (const PersonRow& row : rows) {
    addresses.insert(row.sip_address.key());
    if (row.external_id.value) external_ids.insert(*row.external_id.value);
  }
  std::vector<PersonRow> missing;
  std::size_t enabled = 0;
  std::string after;
  for (;;) {
    const std::vector<Person> page = store.people().list(after, PageSize);
    for (const Person& person : page) {
      if (!person.enabled) continue;
      ++enabled;
      const bool in_file = addresses.contains(person.sip_address.key()) ||
                           (!person.external_id.empty() && external_ids.contains(person.external_id));
      if (in_file) continue;
      PersonRow row{.line = 0, .sip_address = person.sip_address};
      row.enabled = false;
      missing.push_back(std::move(row));
    }
    if (page.size() < PageSize) break;
    after = page.back().sip_address.key();
  }
  const auto percent = static_cast<std::size_t>(bound.number("MaxDisable").value_or(MostDisabledPercent));
  if (missing.size() * 100 > enabled * percent)
    throw Error(
        ErrorCode::Precondition,
        fmt::format("{} of {} enabled people are not in the file and would be disabled, which is more than "
                    "{} in a hundred: nothing was changed",
                    missing.size(), enabled, percent),
        fmt::format("If the file is whole, say how many: {} {}.", bound.display_name("MaxDisable"),
                    enabled == 0 ? 100 : (missing.size() * 100 + enabled - 1) / enabled));
  rows.insert(rows.end(), missing.begin(), missing.end());
}

int run_people_import(CommandContext& context, BoundParameters& bound) {
  const std::string path = bound.text_or("File", "");
  CsvReader csv = open_csv(context, path, csv_format_from(bound));
  const std::string file = csv.name();
  PeopleFile people = read_people_file(std::move(csv));
  write_unknown_columns(context, file, people.unknown_columns);
  refuse_bad_rows(context, file, people.bad_rows);

  // Neither -WhatIf nor an answer of no makes a store and a key.
  const bool asks = bound.confirmation() == Confirmation::AlwaysAsk;
  auto store = context.open_store(bound.what_if() || asks ? OpenMode::MustExist : OpenMode::CreateIfAbsent);
  const bool share_number = bound.flag("ShareNumber");
  if (store && bound.flag("DisableMissing")) disable_missing(people.rows, *store, bound);
  const auto apply = [&](ImportMode mode) {
    PeopleImport import =
        store ? store->people().apply(people.rows, mode, share_number, context.by) : all_added(people.rows);
    refuse_conflicts(context, file, import);
    return import;
  };
  if (bound.what_if()) {
    const PeopleImport plan = apply(ImportMode::WhatIf);
    write_changes(context, bound, plan);
    context.streams.write_error(fmt::format("What if: {}. Nothing was changed.\n", summary(plan)));
    return 0;
  }
  if (asks) {
    confirm(context, bound, fmt::format("Import {} ({})?", file, summary(apply(ImportMode::WhatIf))));
    if (!store) store = context.open_store(OpenMode::CreateIfAbsent);
  }
  const PeopleImport import = apply(ImportMode::Apply);
  write_changes(context, bound, import);
  context.streams.write_error(fmt::format("{}: {}.\n", file, summary(import)));
  return 0;
}

}  // namespace

Command people_import_command() {
  return {people_import_spec(), run_people_import};
}

}  // namespace dialin
