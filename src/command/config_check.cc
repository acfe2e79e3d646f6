// SPDX-License-Identifier: Apache-2.0
// config check: everything that is wrong in a configuration file, by line.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/configuration_check.h"
#include "shell/output.h"

namespace dialin {
namespace {

constexpr std::size_t LargestFile = 1024 * 1024;

CommandSpec config_check_spec() {
  CommandSpec spec;
  spec.verb = "config check";
  spec.group = "System";
  spec.summary = "Says everything that is wrong in a configuration file, by line.";
  spec.description =
      "Unknown sections and keys, with what may have been meant; values of another kind or out of range; "
      "passwords, "
      "which never stand there; addresses, languages and servers that are none; settings that exclude each "
      "other. "
      "Without a file: the configuration in use, the variables of the environment included. Whether the "
      "mail server answers and the files are there, dialin doctor says.";
  spec.parameters = {{.name = "File",
                      .kind = ParameterKind::Path,
                      .value_name = "file",
                      .help = "The file; - is standard input. Without it: what is in use.",
                      .position = 1,
                      .operand = 1}};
  spec.examples = {{"dialin config check ./dialin.toml", "Before it is put in its place."},
                   {"dialin config check", "The one in use, with the environment."}};
  spec.exit_codes = {{0, "nothing is wrong"}, {64, "the file cannot be read"}, {78, "something is wrong"}};
  return spec;
}

struct Finding {
  std::string place;  // the file, or "environment"
  std::int64_t line = 0;
  std::string problem;
};

void add(std::vector<Finding>& findings, const std::string& file,
         const std::vector<ConfigurationProblem>& problems) {
  for (const ConfigurationProblem& problem : problems) {
    findings.push_back({problem.line == 0 ? std::string("environment") : file,
                        static_cast<std::int64_t>(problem.line), problem.text});
  }
}

void add(std::vector<Finding>& findings, const Configuration& configuration) {
  for (const SettingFinding& found : check_settings(configuration)) {
    const bool in_file = found.origin.kind == SettingOrigin::Kind::File;
    findings.push_back({in_file ? found.origin.file : std::string("environment"),
                        static_cast<std::int64_t>(found.origin.line), found.problem});
  }
}

std::vector<Finding> findings_of_file(CommandContext& context, const std::string& path) {
  const ConfigurationText text{path == "-" ? std::string("standard input") : path,
                               context.files.read(path, LargestFile)};
  std::vector<Finding> findings;
  const ConfigurationReading reading = read_configuration(text, {});
  add(findings, text.file, reading.problems);
  add(findings, reading.configuration);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.line < b.line; });
  return findings;
}

std::vector<Finding> findings_in_use(const CommandContext& context) {
  const Hindrances& hindrances = context.hindrances;
  std::vector<Finding> findings;
  // One that cannot be found or read has no lines.
  if (hindrances.configuration && hindrances.problems.empty()) throw *hindrances.configuration;
  const auto& file = context.configuration_place.file;
  add(findings, file ? file->string() : std::string(), hindrances.problems);
  if (findings.empty()) add(findings, context.configuration);
  return findings;
}

int run_config_check(CommandContext& context, BoundParameters& bound) {
  const auto path = bound.text("File");
  const std::vector<Finding> findings = path ? findings_of_file(context, *path) : findings_in_use(context);
  if (const auto format = output_format(bound)) {
    std::vector<OutputObject> objects;
    for (const Finding& finding : findings) {
      objects.emplace_back()
          .text("Place", finding.place)
          .number_or_null("Line", finding.line > 0 ? std::optional(finding.line) : std::nullopt)
          .text("Problem", finding.problem);
    }
    write_objects(context.streams, objects, format, {"Place", "Line", "Problem"});
  } else {
    for (const Finding& finding : findings) {
      const std::string text = sanitize_foreign_text(finding.problem, 1024);
      context.streams.write_output(finding.line > 0
                                       ? fmt::format("{}:{}: {}\n", finding.place, finding.line, text)
                                       : fmt::format("{}: {}\n", finding.place, text));
    }
  }
  context.streams.flush();
  if (findings.empty()) {
    context.streams.write_error(
        path ? fmt::format("{}: nothing is wrong.\n", sanitize_foreign_text(*path))
             : fmt::format("Nothing is wrong: {}.\n", context.configuration_place.file
                                                          ? context.configuration_place.file->string()
                                                          : context.configuration_place.reason));
    return 0;
  }
  context.streams.write_error(
      fmt::format("{} problem{}.\n", findings.size(), findings.size() == 1 ? "" : "s"));
  return exit_code(ErrorCode::Configuration);
}

}  // namespace

Command config_check_command() {
  return {.spec = config_check_spec(), .run = run_config_check, .despite_problems = true};
}

}  // namespace dialin
