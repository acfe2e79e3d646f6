// SPDX-License-Identifier: Apache-2.0
// people list: everybody, in the order of their SIP addresses.
#include "base/error.h"
#include "command/commands.h"
#include "command/existing_store.h"
#include "command/person_output.h"
#include "shell/output.h"

namespace dialin {
namespace {

constexpr std::size_t PageSize = 500;

CommandSpec people_list_spec() {
  CommandSpec spec;
  spec.verb = "people list";
  spec.group = "People";
  spec.summary = "Lists the people who are known.";
  spec.description =
      "In the order of their SIP addresses, disabled people too. CSV and JSON hold everything that is known "
      "of a "
      "person, and dialin people import reads that CSV again; a table holds what there is room for.";
  spec.examples = {
      {"dialin people list", "A table of everybody."},
      {"dialin people list -Output csv > people.csv", "Everything, to be edited and imported again."},
  };
  return spec;
}

int run_people_list(CommandContext& context, BoundParameters& bound) {
  const auto store = existing_store(context);
  const OutputFormat format = output_format(bound).value_or(OutputFormat::Table);
  ObjectWriter writer(context.streams, format,
                      format == OutputFormat::Table ? person_table_columns() : person_columns());
  std::string after;
  for (;;) {
    const std::vector<Person> page = store->people().list(after, PageSize);
    std::vector<OutputObject> objects;
    for (const Person& person : page) objects.push_back(object_of(person));
    writer.write(objects);
    if (page.size() < PageSize) break;
    after = page.back().sip_address.key();
  }
  writer.finish();
  return 0;
}

}  // namespace

Command people_list_command() {
  return {people_list_spec(), run_people_list};
}

}  // namespace dialin
