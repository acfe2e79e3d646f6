// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include "base/text.h"

namespace dialin {

std::vector<std::string> split_statements(std::string_view text) {
  std::vector<std::string> statements;
  std::string statement;
  auto finish = [&] {
    if (std::string_view trimmed = trim(statement); !trimmed.empty()) statements.emplace_back(trimmed);
    statement.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '"') {
      // A doubled quote inside looks like the end of one string and the beginning of the next: the same
      // result.
      const std::size_t end = std::min(text.find(c, i + 1), text.size() - 1);
      statement += text.substr(i, end - i + 1);
      i = end;
    } else if (text.substr(i, 2) == "--") {
      i = std::min(text.find('\n', i), text.size());
      statement += '\n';
    } else if (c == ';') {
      finish();
    } else {
      statement += c;
    }
  }
  finish();
  return statements;
}

}  // namespace dialin
