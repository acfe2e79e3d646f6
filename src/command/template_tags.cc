// SPDX-License-Identifier: Apache-2.0
// template tags: what may stand in a template.
#include "command/commands.h"
#include "mail/welcome_template.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec template_tags_spec() {
  CommandSpec spec;
  spec.verb = "template tags";
  spec.group = "Mail";
  spec.summary = "Lists the tags that a template may use.";
  spec.description =
      "{{TAG}} is replaced by a value, escaped for the place where it stands. {{#TAG}} ... {{/TAG}} is a "
      "section: it is "
      "left out, with everything in it, where there is no such value.";
  spec.examples = {
      {"dialin template tags", "All tags with what they mean and an example."},
      {"dialin template tags -Output json", "The same for a program."},
  };
  return spec;
}

int run_template_tags(CommandContext& context, BoundParameters& bound) {
  std::vector<OutputObject> objects;
  for (const TemplateTag& tag : template_tags()) {
    objects.emplace_back()
        .text("Tag", "{{" + tag.name + "}}")
        .text("Meaning", tag.meaning)
        .text("Example", tag.example);
  }
  // A list, because a table would cut the sentences off.
  write_objects(context.streams, objects, output_format(bound).value_or(OutputFormat::List));
  return 0;
}

}  // namespace

Command template_tags_command() {
  return {template_tags_spec(), run_template_tags};
}

}  // namespace dialin
