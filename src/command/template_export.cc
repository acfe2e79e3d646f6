// SPDX-License-Identifier: Apache-2.0
// template export: the built-in templates as files, to be edited.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "command/commands.h"
#include "mail/built_in_templates.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec template_export_spec() {
  CommandSpec spec;
  spec.verb = "template export";
  spec.group = "Mail";
  spec.summary = "Writes the built-in templates into a folder, to be edited.";
  spec.description =
      "One HTML file a language, of the welcome and of the notice that tells people of a changed PIN, which "
      "any "
      "editor opens; dialin template tags lists what may stand in it, "
      "dialin "
      "template check tells what is wrong with it, and dialin template preview shows a person's very mail. "
      "Used from "
      "then on with -TemplatePath, or for all mail with mail.template_directory. Nothing is ever "
      "overwritten.";
  spec.parameters = {{.name = "Directory",
                      .kind = ParameterKind::Path,
                      .value_name = "folder",
                      .help = "The folder; it is made if it is not there.",
                      .mandatory = true,
                      .operand = 1,
                      .file = FileUse::CreateFolder}};
  spec.examples = {
      {"dialin template export ./templates", "Writes the templates there."},
      {"dialin template export ./templates && dialin template check ./templates", "And checks them."},
  };
  spec.exit_codes = {{1, "a file of that name is there already; nothing was written"}};
  return spec;
}

int run_template_export(CommandContext& context, BoundParameters& bound) {
  const std::filesystem::path directory = bound.text_or("Directory", "");
  // All or none: a folder with old and new templates side by side would be checked by nobody.
  const std::vector<std::string> there =
      context.files.list(directory.string()).value_or(std::vector<std::string>());
  for (const BuiltInTemplate& file : built_in_templates()) {
    const std::filesystem::path path = directory / file.name;
    if (std::find(there.begin(), there.end(), file.name) != there.end()) {
      throw Error(ErrorCode::AlreadyExists,
                  fmt::format("{} is there already; nothing was written", path.string()),
                  "Name another folder, or move that file away.");
    }
  }
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: {} templates would be written into {}.\n",
                                             built_in_templates().size(), directory.string()));
    return 0;
  }
  context.files.make_folder(directory.string());
  std::vector<OutputObject> objects;
  for (const BuiltInTemplate& file : built_in_templates()) {
    const std::filesystem::path path = directory / file.name;
    context.files.write_new(path.string(), file.html);
    objects.emplace_back().text("File", path.string());
  }
  write_objects(context.streams, objects, output_format(bound).value_or(OutputFormat::Table));
  return 0;
}

}  // namespace

Command template_export_command() {
  return {template_export_spec(), run_template_export};
}

}  // namespace dialin
