// SPDX-License-Identifier: Apache-2.0
// A TOML file taken apart into its leaves, so that only one file knows the TOML library. Used inside config/.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.h"

namespace dialin {

struct FileEntry {
  enum class Type { Table, Text, Integer, Boolean, List, Other };
  std::vector<std::string> path;  // {"smtp", "server"}
  Type type = Type::Other;
  std::string text;               // Text, Integer, Boolean: the value; Other: what it is ("a date")
  std::vector<std::string> list;  // List: all texts
  std::size_t line = 0;
};

struct FileReading {
  std::vector<FileEntry> entries;  // every table and every value, a table before what stands in it
  std::optional<ConfigurationProblem> problem;  // it is not TOML, or larger than 1 MB: no entries
};
FileReading read_entries(const ConfigurationText& file);

}  // namespace dialin
