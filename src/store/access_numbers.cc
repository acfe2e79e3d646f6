// SPDX-License-Identifier: Apache-2.0
#include "store/access_numbers.h"

#include <algorithm>
#include <limits>
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
          {"priority", number.priority},
          {"site", number.site}};
}

bool is_same(const AccessNumber& a, const AccessNumber& b) {
  return a.line_uri == b.line_uri && a.primary_uri == b.primary_uri && a.display_number == b.display_number &&
         a.display_name == b.display_name && a.regions == b.regions &&
         a.primary_language == b.primary_language && a.secondary_languages == b.secondary_languages &&
         a.priority == b.priority && a.site == b.site;
}

std::vector<std::string> lines(const std::string& text) {
  return text.empty() ? std::vector<std::string>() : split(text, '\n');
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

std::vector<AccessNumber> read_numbers(SociSession& sql) {
  std::vector<AccessNumber> numbers;
  for (const SqlRow& row :
       sql.rows("SELECT line_uri, primary_uri, display_number, display_name, regions, "
                "primary_language, secondary_languages, priority, site FROM access_numbers ORDER BY "
                "priority, line_uri",
                9)) {
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
    number.site = reader.text();
    numbers.push_back(std::move(number));
  }
  return numbers;
}

void write_number(SociSession& sql, const AccessNumber& number) {
  sql.execute(
      "INSERT INTO access_numbers (line_uri, primary_uri, display_number, display_name, regions, "
      "primary_language, "
      "secondary_languages, priority, site) VALUES (:line_uri, :primary_uri, :display_number, :display_name, "
      ":regions, "
      ":primary_language, :secondary_languages, :priority, :site) ON CONFLICT (line_uri) DO UPDATE SET "
      "primary_uri "
      "= "
      "excluded.primary_uri, display_number = excluded.display_number, display_name = excluded.display_name, "
      "regions = "
      "excluded.regions, primary_language = excluded.primary_language, secondary_languages = "
      "excluded.secondary_languages, priority = excluded.priority, site = excluded.site",
      number_binds(number));
}

void lock_numbers(WriteTransaction& transaction) {
  SociSession& sql = transaction.sql();
  sql.row(std::string("SELECT name FROM table_locks WHERE name = 'access_numbers'") + sql.for_update(), 1);
}

bool has_region(const AccessNumber& number, const std::string& region) {
  return std::any_of(number.regions.begin(), number.regions.end(),
                     [&](const std::string& candidate) { return fold_case(candidate) == fold_case(region); });
}

std::vector<AccessNumber> numbers_of_region(SociSession& sql, const std::string& region) {
  std::vector<AccessNumber> numbers = read_numbers(sql);
  if (region.empty()) return numbers;
  std::erase_if(numbers, [&](const AccessNumber& number) { return !has_region(number, region); });
  std::map<std::string, std::int64_t> places;
  for (const SqlRow& row :
       sql.rows("SELECT line_uri, place FROM access_number_order WHERE region_key = :region", 2,
                {{"region", fold_case(region)}}))
    places[row.text(0)] = row.integer(1);
  // Those without a place follow, in the order that they have.
  const auto place_of = [&](const AccessNumber& number) {
    const auto found = places.find(number.line_uri.uri());
    return found == places.end() ? std::numeric_limits<std::int64_t>::max() : found->second;
  };
  std::stable_sort(numbers.begin(), numbers.end(),
                   [&](const AccessNumber& a, const AccessNumber& b) { return place_of(a) < place_of(b); });
  return numbers;
}

NumberStore::Import SociNumberStore::import(const std::vector<AccessNumber>& numbers, ImportMode mode,
                                            const Operator& by) {
  std::vector<const AccessNumber*> to_write;
  if (mode == ImportMode::WhatIf)
    return read(context_, "planning an import of access numbers",
                [&](SociSession& sql) { return compare(sql, numbers, to_write); });
  return write(context_, {"import-numbers", "importing access numbers"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    lock_numbers(transaction);
    to_write.clear();
    const Import import = compare(sql, numbers, to_write);
    for (const AccessNumber* number : to_write) {
      write_number(sql, *number);
      // The file's priority is the newer decision about its order.
      sql.execute("DELETE FROM access_number_order WHERE line_uri = :line",
                  {{"line", number->line_uri.uri()}});
    }
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
  return read(context_, "reading the access numbers",
              [&](SociSession& sql) { return numbers_of_region(sql, region); });
}

}  // namespace dialin
