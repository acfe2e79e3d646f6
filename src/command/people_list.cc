// SPDX-License-Identifier: Apache-2.0
// Get-CsUser, people list: everybody, or those who are named, in the order of their SIP addresses.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/person_output.h"
#include "command/person_selection.h"
#include "shell/filter_expression.h"
#include "shell/output.h"

namespace dialin {
namespace {

constexpr std::size_t PageSize = 500;

CommandSpec people_list_spec() {
  CommandSpec spec;
  spec.cmdlet = "Get-CsUser";
  spec.verb = "people list";
  spec.group = "People";
  spec.summary = "Lists the people who are known.";
  spec.description =
      "Everybody in the order of their SIP addresses, disabled people too; or those who are named, as a list "
      "if it is "
      "one. CSV and JSON hold everything that is known of a person, and dialin people import reads that CSV "
      "again, as "
      "does the -Csv of the commands for several people; a table holds what there is room for.";
  spec.parameters = {
      identities_parameter_spec(
          "The people; several are separated by commas, * in a display name is any characters."),
      {.name = "Filter",
       .kind = ParameterKind::Text,
       .value_name = "comparison",
       .help = "Those of whom it holds: 'Region -eq Redmond', with -eq, -ne, -like, -notlike, -and, -or.",
       .original = true},
      {.name = "ResultSize",
       .kind = ParameterKind::Number,
       .value_name = "number",
       .help = "At most so many.",
       .original = true,
       .maximum = 2147483647},
  };
  spec.examples = {
      {"Get-CsUser", "A table of everybody."},
      {"Get-CsUser -Filter 'PinPolicy -eq $null'", "Those to whom no PIN policy was granted."},
      {"dialin people list -Output csv > people.csv", "Everything, to be edited and imported again."},
  };
  spec.exit_codes = {{1, "there is no such person"}};
  spec.help_desk = true;
  return spec;
}

class People {
 public:
  People(CommandContext& context, const BoundParameters& bound, OutputFormat format)
      : left_(static_cast<std::size_t>(bound.number("ResultSize").value_or(2147483647))),
        writer_(context.streams, format,
                format == OutputFormat::Table ? person_table_columns() : person_columns()) {
    if (const auto text = bound.text("Filter")) {
      std::vector<std::string> fields = person_columns();
      fields.emplace_back("PinPolicy");
      filter_ = FilterExpression::parse(*text, fields);
    }
  }

  // False: no more are wanted.
  bool write(const std::vector<Person>& people) {
    std::vector<OutputObject> objects;
    for (const Person& person : people) {
      if (left_ == 0) break;
      OutputObject object = object_of(person);
      if (filter_ && !filter_->matches(object)) continue;
      objects.push_back(std::move(object));
      --left_;
    }
    writer_.write(objects);
    return left_ > 0;
  }
  void finish() { writer_.finish(); }

 private:
  std::size_t left_;
  std::optional<FilterExpression> filter_;
  ObjectWriter writer_;
};

int run_people_list(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  if (!bound.given("Identity")) {
    People people(context, bound, output_format(bound).value_or(OutputFormat::Table));
    std::string after;
    for (;;) {
      const std::vector<Person> page = store->people().list(after, PageSize);
      if (!people.write(page) || page.size() < PageSize) break;
      after = page.back().sip_address.key();
    }
    people.finish();
    return 0;
  }
  const Selection selection = select_people(context, *store, bound);
  std::vector<Person> named;
  for (const SelectedPerson& selected : selection.people) named.push_back(selected.person);
  People people(context, bound,
                output_format(bound).value_or(selection.single ? OutputFormat::List : OutputFormat::Table));
  people.write(named);
  people.finish();
  return 0;
}

}  // namespace

Command people_list_command() {
  return {people_list_spec(), run_people_list};
}

}  // namespace dialin
