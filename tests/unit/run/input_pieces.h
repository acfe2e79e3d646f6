// SPDX-License-Identifier: Apache-2.0
// A text as the file of a run's input, and all rows of an input.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "run/run_input.h"

namespace dialin::test {

inline CsvReader::Read pieces_of(std::string text, std::size_t piece = 4096) {
  return [text = std::move(text), piece, position = std::size_t{0}](char* buffer, std::size_t size) mutable {
    const std::size_t count = text.copy(buffer, std::min(size, piece), position);
    position += count;
    return count;
  };
}

inline std::vector<RunInputRow> all_rows(RunInput& input) {
  std::vector<RunInputRow> rows;
  while (std::optional<RunInputRow> row = input.next()) rows.push_back(std::move(*row));
  return rows;
}

// As the names of the welcome's parameters.
inline const std::vector<std::string>& parameter_names() {
  static const std::vector<std::string> names = {
      "UserUri", "Identity", "UserEmailAddress", "Pin",        "Subject",      "Language", "From",
      "Bcc",     "Force",    "Replace",          "SmtpServer", "TemplatePath", "Site",     "Csv"};
  return names;
}

inline bool holds(const std::optional<Secret>& secret, const char* text) {
  return secret && secret->same_as(Secret(text));
}

}  // namespace dialin::test
