// SPDX-License-Identifier: Apache-2.0
// Any octets as JSON lines of a run: every line that is not blank becomes a row or a named problem, the same
// in pieces of any size, and no digits of a PIN stand in a problem.
//
// Input: the first octet is the size of the pieces, the rest the file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/text.h"
#include "run/run_input.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string told(std::string_view text, std::size_t piece) {
  static const std::vector<std::string> parameters = {"UserUri", "Identity", "Pin", "From", "Bcc"};
  std::string told;
  std::int64_t line = 0;
  const auto lines = static_cast<std::int64_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  const auto input = dialin::json_run_input(
      [text, piece](char* buffer, std::size_t size) mutable {
        const std::size_t count = std::min({size, piece, text.size()});
        text.copy(buffer, count);
        text.remove_prefix(count);
        return count;
      },
      "fuzz", parameters);
  while (const std::optional<dialin::RunInputRow> row = input->next()) {
    require(row->line > line);
    line = row->line;
    require(!row->identity.empty() || row->problem);
    require(!row->person);
    for (const auto& cell : {row->address, row->language, row->subject}) {
      if (cell) require(!cell->empty() && dialin::is_utf8(*cell) && cell->find('\0') == std::string::npos);
    }
    told += row->identity + "|" + row->address.value_or("") + "|" + row->language.value_or("") + "|" +
            row->subject.value_or("") + (row->pin ? "|pin" : "|") + (row->already_sent ? "|sent" : "|");
    if (row->problem) {
      require(!row->pin);
      require(!row->problem->reason.empty() && row->problem->reason.size() < 512);
      require(!dialin::has_control_characters(row->problem->reason));
      told += row->problem->column + ": " + row->problem->reason;
    }
    told += "\n";
  }
  // UTF-16 has its line feeds elsewhere.
  if (!text.starts_with("\xFF\xFE") && !text.starts_with("\xFE\xFF")) require(line <= lines);
  return told + input->digest();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = told(text, text.size() + 1);
  require(told(text, static_cast<std::size_t>(data[0]) + 1) == whole);
  require(told(text, 1) == whole);
  return 0;
}
