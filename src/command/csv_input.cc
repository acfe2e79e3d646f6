// SPDX-License-Identifier: Apache-2.0
#include "command/csv_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t LargestFile = std::size_t{256} << 20;
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

CsvReader open_csv(CommandContext& context, const std::string& path) {
  // A file may hold PINs.
  const std::shared_ptr<const std::string> content(new std::string(context.files.read(path, LargestFile)),
                                                   [](std::string* text) {
                                                     wipe(*text);
                                                     delete text;
                                                   });
  const auto read = [content, position = std::size_t{0}](char* buffer, std::size_t size) mutable {
    const std::size_t count = content->copy(buffer, size, position);
    position += count;
    return count;
  };
  return {read, path == "-" ? std::string("standard input") : path};
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
