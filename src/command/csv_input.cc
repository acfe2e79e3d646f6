// SPDX-License-Identifier: Apache-2.0
#include "command/csv_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

// More than fit on a screen tell nothing more: most have one cause.
constexpr std::size_t MostProblemsShown = 25;

}  // namespace

ParameterSpec csv_file_parameter_spec(const std::string& help) {
  return {.name = "File",
          .kind = ParameterKind::Path,
          .value_name = "file",
          .help = help,
          .mandatory = true,
          .operand = 1,
          .aliases = {"Csv", "Path"}};
}

ParameterSpec csv_delimiter_parameter_spec() {
  return {.name = "Delimiter",
          .kind = ParameterKind::Text,
          .value_name = "character",
          .help =
              "What separates the columns: , or ; or tab, or another character; else it is found from the "
              "header."};
}

ParameterSpec csv_encoding_parameter_spec() {
  return {.name = "Encoding",
          .kind = ParameterKind::Text,
          .value_name = "name",
          .help = "What a file is written in that has no byte order mark and is not UTF-8: windows-1252."};
}

CsvFormat csv_format_from(const BoundParameters& bound) {
  CsvFormat format{.encoding = bound.text_or("Encoding", "")};
  const std::optional<std::string> typed = bound.text("Delimiter");
  if (!typed) return format;
  // `t is how PowerShell writes a tab, \t how everybody else does.
  for (const std::string_view tab : {"tab", "`t", "\\t"}) {
    if (equal_ignoring_case(*typed, tab)) format.separator = '\t';
  }
  if (typed->size() == 1) format.separator = typed->front();
  const char c = format.separator;
  const bool printable = c > ' ' && c < 0x7F;
  const bool stands_in_values = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '"';
  if (c != '\t' && (!printable || stands_in_values)) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{}: \"{}\" cannot separate columns", bound.display_name("Delimiter"),
                            sanitize_foreign_text(*typed, 20)),
                "Write one character: ',' or ';' or '|', or the word tab.");
  }
  return format;
}

CsvReader open_csv(CommandContext& context, const std::string& path, const CsvFormat& format) {
  return {context.files.open(path), path == "-" ? std::string("standard input") : path, format};
}

void write_unknown_columns(CommandContext& context, const std::string& file,
                           const std::vector<UnknownColumn>& columns) {
  for (const UnknownColumn& column : columns) {
    context.streams.write_error(fmt::format(
        "{}: the column {} is not known and is ignored.{}\n", file, sanitize_foreign_text(column.name, 60),
        column.meant ? fmt::format(" Did you mean {}?", *column.meant) : ""));
  }
}

void refuse_bad_rows(CommandContext& context, const std::string& file,
                     const std::vector<CsvProblem>& problems) {
  if (problems.empty()) return;
  std::set<std::size_t> lines;
  for (const CsvProblem& problem : problems) lines.insert(problem.line);
  std::string text;
  for (std::size_t i = 0; i < std::min(problems.size(), MostProblemsShown); ++i) {
    const CsvProblem& problem = problems[i];
    text += fmt::format("{}:{}: {}{}{}\n", file, problem.line, sanitize_foreign_text(problem.column, 60),
                        problem.column.empty() ? "" : ": ", problem.reason);
  }
  if (problems.size() > MostProblemsShown) {
    text += fmt::format("... and {} more.\n", problems.size() - MostProblemsShown);
  }
  context.streams.write_error(text);
  throw Error(ErrorCode::InvalidInput,
              lines.size() == 1
                  ? fmt::format("{}: one row cannot be taken, and nothing was changed", file)
                  : fmt::format("{}: {} rows cannot be taken, and nothing was changed", file, lines.size()),
              "Correct them and import the file again.");
}

}  // namespace dialin
