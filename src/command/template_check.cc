// SPDX-License-Identifier: Apache-2.0
// template check: everything that is wrong with templates, by line and column.
#include <fmt/format.h>

#include <filesystem>

#include "base/error.h"
#include "command/commands.h"
#include "command/template_parameters.h"
#include "shell/output.h"

namespace dialin {
namespace {

CommandSpec template_check_spec() {
  CommandSpec spec;
  spec.verb = "template check";
  spec.group = "Mail";
  spec.summary = "Checks templates and lists what is wrong with them.";
  spec.description =
      "Reads one template, or all of a folder, as a welcome would, and lists every problem as "
      "file:line:column. A "
      "template with an error is refused by every command that sends; a warning is sent all the same. "
      "Without a path "
      "the templates in use are checked: those of mail.template_directory, else the built-in ones. "
      "CAWelcomeEmailTemplate files are welcomes, CAPinNoticeEmailTemplate files notices of a changed PIN; "
      "of the "
      "latter a folder need not have any.";
  spec.parameters = {
      {.name = "TemplatePath",
       .kind = ParameterKind::Path,
       .value_name = "path",
       .help = "A template, or a folder of templates by language.",
       .operand = 1,
       .aliases = {"Path"},
       .file = FileUse::Template},
      {.name = "Encoding",
       .kind = ParameterKind::Text,
       .value_name = "name",
       .help = "What files are written in that have no byte order mark and are not UTF-8: windows-1252."},
  };
  spec.examples = {
      {"dialin template check CAWelcomeEmailTemplate.fr.html", "Checks one template."},
      {"dialin template check /etc/dialin/templates -Output json", "Checks a folder, for a program."},
  };
  spec.exit_codes = {{0, "no errors"}, {1, "at least one error"}, {64, "the files cannot be read"}};
  return spec;
}

OutputObject object_of(const TemplateProblem& problem) {
  OutputObject object;
  object.text("File", problem.file)
      .number("Line", problem.line)
      .number("Column", problem.column)
      .text("Severity", problem.severity == TemplateProblem::Severity::Error ? "Error" : "Warning")
      .text("Problem", problem.what);
  return object;
}

// One file is what its name says; a folder, and what is built in, has templates of welcomes and of notices.
std::vector<TemplateSource> templates_to_check(CommandContext& context, const BoundParameters& bound) {
  const std::string encoding = bound.text_or("Encoding", "");
  const std::string path = bound.text_or("TemplatePath", context.configuration.mail.template_directory);
  const TemplateFiles files = template_files_of(context, bound);
  if (TemplateLibrary::purpose_of_file(path) == TemplatePurpose::Notice)
    return TemplateLibrary::notices(path, encoding, files).all();
  std::vector<TemplateSource> sources = library_from(context, bound, context.configuration.mail).all();
  if (path.empty() || files.list(path)) {
    const TemplateLibrary notices = TemplateLibrary::notices(path, encoding, files);
    sources.insert(sources.end(), notices.all().begin(), notices.all().end());
  }
  return sources;
}

int run_template_check(CommandContext& context, BoundParameters& bound) {
  const std::vector<TemplateSource> sources = templates_to_check(context, bound);
  std::vector<TemplateProblem> problems;
  std::size_t errors = 0;
  for (const TemplateSource& source : sources) {
    for (TemplateProblem& problem : WelcomeTemplate::check(source)) {
      if (problem.severity == TemplateProblem::Severity::Error) ++errors;
      problems.push_back(std::move(problem));
    }
  }
  if (const auto format = output_format(bound)) {
    std::vector<OutputObject> objects;
    for (const TemplateProblem& problem : problems) objects.push_back(object_of(problem));
    write_objects(context.streams, objects, format, {"File", "Line", "Column", "Severity", "Problem"});
  } else {
    for (const TemplateProblem& problem : problems) context.streams.write_output(describe(problem) + "\n");
  }
  context.streams.flush();
  std::string names;
  for (const TemplateSource& source : sources) {
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", source.name, source.language);
  }
  context.streams.write_error(
      fmt::format("Checked {}: {} errors, {} warnings.\n", names, errors, problems.size() - errors));
  return errors == 0 ? 0 : 1;
}

}  // namespace

Command template_check_command() {
  return {template_check_spec(), run_template_check};
}

}  // namespace dialin
