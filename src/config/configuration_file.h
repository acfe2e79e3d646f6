// SPDX-License-Identifier: Apache-2.0
// A TOML file taken apart into its leaves, so that only one file knows the TOML library. Used inside config/.
#pragma once

#include <cstddef>
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

// Every table and every value, a table before what stands in it. Throws Error(Configuration) with the line if
// `file` is not TOML, or is larger than 1 MB.
std::vector<FileEntry> read_entries(const ConfigurationText& file);

}  // namespace dialin
