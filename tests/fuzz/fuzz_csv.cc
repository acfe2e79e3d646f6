// SPDX-License-Identifier: Apache-2.0
// Any octets as a CSV file of people: reading ends with rows, named problems or Error(InvalidInput), says the
// same in pieces of any size and in each encoding, and what it accepts is what the types promise. The cells
// of a column that is kept secret stand nowhere else.
//
// Input: the first octet is the size of the pieces, the rest the file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "people/csv.h"
#include "people/people_file.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

dialin::CsvReader reader(std::string_view text, std::size_t piece, const dialin::CsvFormat& format = {}) {
  return dialin::CsvReader(
      [text, piece](char* buffer, std::size_t size) mutable {
        const std::size_t count = std::min({size, piece, text.size()});
        text.copy(buffer, count);
        text.remove_prefix(count);
        return count;
      },
      "people.csv", format);
}

// Everything that reading told, in one text.
std::string read_all(std::string_view text, std::size_t piece, const dialin::CsvFormat& format) {
  std::string told;
  // As UTF-16 has its line ends elsewhere.
  const std::size_t lines = text.size() + 1;
  try {
    dialin::CsvReader csv = reader(text, piece, format);
    const std::size_t secret = csv.header().size() / 2;
    csv.keep_secret(secret);
    std::size_t line = 0;
    while (const std::optional<dialin::CsvRecord> record = csv.next()) {
      require(record->line > line && record->line <= lines);
      line = record->line;
      if (record->problem) {
        require(record->problem->line >= record->line && record->problem->line <= lines);
        require(!record->problem->reason.empty());
        require(!dialin::has_control_characters(record->problem->reason));
        require(record->fields.empty() && !record->secret);
        told += "\nproblem " + record->problem->column + ": " + record->problem->reason;
        continue;
      }
      require(record->fields.size() == csv.header().size());
      require(record->fields[secret].empty());
      told += record->secret ? "\nsecret " + std::to_string(record->secret->size()) : "\nnone";
      for (const std::string& field : record->fields) {
        require(field.size() <= dialin::CsvReader::kLongestField);
        require(dialin::is_utf8(field) && field.find('\0') == std::string::npos);
        told += "\nfield " + field;
      }
    }
    told += csv.digest();
  } catch (const dialin::Error& error) {
    require(error.code() == dialin::ErrorCode::InvalidInput);
    told += std::string("\nrefused ") + error.what();
  }
  return told;
}

void read_people(std::string_view text) {
  try {
    const dialin::PeopleFile file = dialin::read_people_file(reader(text, 4096));
    for (const dialin::PersonRow& row : file.rows) {
      for (const auto* cell :
           {&row.external_id, &row.display_name, &row.region, &row.site, &row.conference_id, &row.language,
            &row.sam_account_name, &row.user_principal_name}) {
        if (cell->value) require(!cell->value->empty() && !dialin::has_control_characters(*cell->value));
      }
      dialin::Person person{.sip_address = row.sip_address};
      dialin::apply_row(row, person);
      require(dialin::apply_row(row, person).empty());
    }
    for (const dialin::BadRow& bad : file.bad_rows) {
      require(bad.line > 0 && !bad.reason.empty() && bad.reason.size() < 1024);
      require(!dialin::has_control_characters(bad.reason));
    }
  } catch (const dialin::Error& error) {
    require(error.code() == dialin::ErrorCode::InvalidInput);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const dialin::CsvFormat& format : {dialin::CsvFormat{}, dialin::CsvFormat{.encoding = "windows-1252"},
                                          dialin::CsvFormat{.encoding = "UTF-16LE", .separator = '|'},
                                          dialin::CsvFormat{.encoding = "SHIFT_JIS"}}) {
    const std::string whole = read_all(text, text.size() + 1, format);
    require(read_all(text, static_cast<std::size_t>(data[0]) + 1, format) == whole);
    require(read_all(text, 1, format) == whole);
  }
  read_people(text);
  return 0;
}
