// SPDX-License-Identifier: Apache-2.0
#include "config/configuration_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;

const char* name_of_type(toml::node_type type) {
  switch (type) {
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return "a date or time";
    default:
      return "a list of something else than texts";
  }
}

void read_list(const toml::array& array, FileEntry& entry) {
  entry.type = FileEntry::Type::List;
  for (const toml::node& element : array) {
    const auto text = element.value_exact<std::string>();
    if (!text) {
      entry.type = FileEntry::Type::Other;
      entry.text = name_of_type(toml::node_type::array);
      return;
    }
    entry.list.push_back(*text);
  }
}

void flatten(const toml::table& table, const std::vector<std::string>& path,
             std::vector<FileEntry>& entries) {
  for (const auto& [key, node] : table) {
    FileEntry entry;
    entry.path = path;
    entry.path.emplace_back(key.str());
    // The key's own line: a table's node begins at its first header, a value may begin lines later.
    entry.line = key.source().begin.line != 0 ? key.source().begin.line : node.source().begin.line;
    if (const toml::table* inner = node.as_table()) {
      entry.type = FileEntry::Type::Table;
      entries.push_back(entry);
      flatten(*inner, entry.path, entries);
      continue;
    }
    if (const auto text = node.value_exact<std::string>()) {
      entry.type = FileEntry::Type::Text;
      entry.text = *text;
    } else if (const auto number = node.value_exact<std::int64_t>()) {
      entry.type = FileEntry::Type::Integer;
      entry.text = fmt::format("{}", *number);
    } else if (const auto flag = node.value_exact<bool>()) {
      entry.type = FileEntry::Type::Boolean;
      entry.text = *flag ? "true" : "false";
    } else if (const toml::array* array = node.as_array()) {
      read_list(*array, entry);
    } else {
      entry.text = name_of_type(node.type());
    }
    entries.push_back(std::move(entry));
  }
}

}  // namespace

FileReading read_entries(const ConfigurationText& file) {
  if (file.text.size() > kLargestFile) return {{}, ConfigurationProblem{1, "the file is larger than 1 MB"}};
  try {
    FileReading reading;
    flatten(toml::parse(std::string_view(file.text), std::string_view(file.file)), {}, reading.entries);
    return reading;
  } catch (const toml::parse_error& error) {
    return {{},
            ConfigurationProblem{error.source().begin.line, sanitize_foreign_text(error.description(), 200)}};
  }
}

}  // namespace dialin
