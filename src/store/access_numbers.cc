// SPDX-License-Identifier: Apache-2.0
#include "store/access_numbers.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/text.h"

namespace dialin {
namespace {

// By the columns' names; also what is compared to see whether a number changed. Lists are one a line.
Binds number_binds(const AccessNumber& number) {
  return {{"line_uri", number.line_uri.uri()},
          {"primary_uri", number.primary_uri},
          {"display_number", number.display_number},
          {"display_name", number.display_name},
          {"regions", join(number.regions, "\n")},
          {"primary_language", number.primary_language},
          {"secondary_languages", join(number.secondary_languages, "\n")},
          {"priority", number.priority}};
}

bool is_same(const AccessNumber& a, const AccessNumber& b) {
  return a.line_uri == b.line_uri && a.primary_uri == b.primary_uri && a.display_number == b.display_number &&
         a.display_name == b.display_name && a.regions == b.regions &&
         a.primary_language == b.primary_language && a.secondary_languages == b.secondary_languages &&
         a.priority == b.priority;
}

std::vector<std::string> lines(const std::string& text) {
  return text.empty() ? std::vector<std::string>() : split(text, '\n');
}

std::vector<AccessNumber> read_numbers(SociSession& sql) {
  std::vector<AccessNumber> numbers;
  for (const SqlRow& row :
       sql.rows("SELECT line_uri, primary_uri, display_number, display_name, regions, "
                "primary_language, secondary_languages, priority FROM access_numbers ORDER BY "
                "priority, line_uri",
                8)) {
    SqlRowReader reader(row);
    const std::optional<PhoneNumber> line = PhoneNumber::parse(reader.text());
    if (!line) throw Error(ErrorCode::Internal, "the store holds an access number that cannot be read");
    const std::string primary_uri = reader.text();
    AccessNumber number{.primary_uri = primary_uri, .line_uri = *line};
    number.display_number = reader.text();
    number.display_name = reader.text();
    number.regions = lines(reader.text());
    number.primary_language = reader.text();
    number.secondary_languages = lines(reader.text());
    number.priority = static_cast<int>(reader.integer());
    numbers.push_back(std::move(number));
  }
  return numbers;
}

void write_number(SociSession& sql, const AccessNumber& number) {
  sql.execute(
      "INSERT INTO access_numbers (line_uri, primary_uri, display_number, display_name, regions, "
      "primary_language, "
      "secondary_languages, priority) VALUES (:line_uri, :primary_uri, :display_number, :display_name, "
      ":regions, "
      ":primary_language, :secondary_languages, :priority) ON CONFLICT (line_uri) DO UPDATE SET primary_uri "
      "= "
      "excluded.primary_uri, display_number = excluded.display_number, display_name = excluded.display_name, "
      "regions = "
      "excluded.regions, primary_language = excluded.primary_language, secondary_languages = "
      "excluded.secondary_languages, priority = excluded.priority",
      number_binds(number));
}

NumberStore::Import compare(SociSession& sql, const std::vector<AccessNumber>& numbers,
                            std::vector<const AccessNumber*>& to_write) {
  std::map<std::string, AccessNumber> known;
  for (AccessNumber& number : read_numbers(sql)) known.emplace(number.line_uri.uri(), std::move(number));
  NumberStore::Import import;
  for (const AccessNumber& number : numbers) {
    const auto [found, is_new] = known.try_emplace(number.line_uri.uri(), number);
    if (!is_new && is_same(found->second, number)) {
      ++import.unchanged;
      continue;
    }
    found->second = number;
    ++(is_new ? import.added : import.updated);
    to_write.push_back(&number);
  }
  return import;
}

}  // namespace

NumberStore::Import SociNumberStore::import(const std::vector<AccessNumber>& numbers, ImportMode mode,
                                            const Operator& by) {
  std::vector<const AccessNumber*> to_write;
  if (mode == ImportMode::WhatIf)
    return read(context_, "planning an import of access numbers",
                [&](SociSession& sql) { return compare(sql, numbers, to_write); });
  return write(context_, {"import-numbers", "importing access numbers"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    sql.row(std::string("SELECT name FROM table_locks WHERE name = 'access_numbers'") + sql.for_update(), 1);
    to_write.clear();
    const Import import = compare(sql, numbers, to_write);
    for (const AccessNumber* number : to_write) write_number(sql, *number);
    if (!to_write.empty())
      transaction.audit(
          {by,
           "access-numbers-imported",
           {},
           {{"added", std::to_string(import.added)}, {"updated", std::to_string(import.updated)}}});
    return import;
  });
}

std::vector<AccessNumber> SociNumberStore::of_region(const std::string& region) {
  return read(context_, "reading the access numbers", [&](SociSession& sql) {
    std::vector<AccessNumber> numbers = read_numbers(sql);
    if (!region.empty()) {
      std::erase_if(numbers, [&](const AccessNumber& number) {
        return std::none_of(number.regions.begin(), number.regions.end(), [&](const std::string& candidate) {
          return fold_case(candidate) == fold_case(region);
        });
      });
    }
    return numbers;
  });
}

}  // namespace dialin
