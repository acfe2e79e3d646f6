// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "store/access_numbers.h"

namespace dialin {
namespace {

AccessNumber find_number(SociSession& sql, const PhoneNumber& line) {
  for (AccessNumber& number : read_numbers(sql)) {
    if (number.line_uri == line) return std::move(number);
  }
  throw Error(ErrorCode::NotFound, fmt::format("there is no access number {}", line.uri()),
              "Get-CsDialInConferencingAccessNumber lists those that there are.");
}

void refuse_taken(SociSession& sql, const PhoneNumber* line, const std::string& primary_uri) {
  for (const AccessNumber& other : read_numbers(sql)) {
    if (line != nullptr && other.line_uri == *line)
      throw Error(ErrorCode::AlreadyExists, fmt::format("there is an access number {} already", line->uri()),
                  "Set-CsDialInConferencingAccessNumber changes it.");
    if (!primary_uri.empty() && fold_case(other.primary_uri) == fold_case(primary_uri))
      throw Error(ErrorCode::AlreadyExists,
                  fmt::format("{} is the primary URI of the access number {} already", primary_uri,
                              other.line_uri.uri()),
                  "Choose another one, or Set-CsDialInConferencingAccessNumber changes that number.");
  }
}

void erase_places(SociSession& sql, const std::string& line) {
  sql.execute("DELETE FROM access_number_order WHERE line_uri = :line", {{"line", line}});
}

}  // namespace

std::vector<EmptyRegion> SociNumberStore::empty_regions() {
  return read(context_, "looking for regions without a number", [&](SociSession& sql) {
    const std::vector<AccessNumber> numbers = read_numbers(sql);
    std::map<std::string, EmptyRegion> empty;  // by the folded name
    for (const SqlRow& row :
         sql.rows("SELECT region, COUNT(*) FROM people WHERE removed = 0 AND region <> '' "
                  "GROUP BY region ORDER BY region",
                  2)) {
      const std::string region = row.text(0);
      if (std::any_of(numbers.begin(), numbers.end(),
                      [&](const AccessNumber& number) { return has_region(number, region); }))
        continue;
      EmptyRegion& found = empty[fold_case(region)];
      if (found.region.empty()) found.region = region;
      found.people += row.integer(1);
    }
    std::vector<EmptyRegion> regions;
    for (auto& [key, region] : empty) regions.push_back(std::move(region));
    return regions;
  });
}

void SociNumberStore::create(const AccessNumber& number, const Operator& by) {
  run_transaction(
      context_, {"number-create", "creating an access number"}, [&](WriteTransaction& transaction) {
        lock_numbers(transaction);
        refuse_taken(transaction.sql(), &number.line_uri, number.primary_uri);
        write_number(transaction.sql(), number);
        transaction.audit({by, "access-number-created", {}, {{"line_uri", number.line_uri.uri()}}});
      });
}

void SociNumberStore::change(const PhoneNumber& line, const AccessNumberChanges& changes,
                             const Operator& by) {
  run_transaction(
      context_, {"number-change", "changing an access number"}, [&](WriteTransaction& transaction) {
        SociSession& sql = transaction.sql();
        lock_numbers(transaction);
        AccessNumber number = find_number(sql, line);
        const bool moves = changes.line_uri && *changes.line_uri != line;
        if (moves) refuse_taken(sql, &*changes.line_uri, {});
        if (changes.line_uri) number.line_uri = *changes.line_uri;
        number.display_number = changes.display_number.value_or(number.display_number);
        number.display_name = changes.display_name.value_or(number.display_name);
        number.regions = changes.regions.value_or(number.regions);
        number.primary_language = changes.primary_language.value_or(number.primary_language);
        number.secondary_languages = changes.secondary_languages.value_or(number.secondary_languages);
        number.site = changes.site.value_or(number.site);
        if (moves) {
          const Binds lines = {{"before", line.uri()}, {"now", number.line_uri.uri()}};
          sql.execute("UPDATE access_number_order SET line_uri = :now WHERE line_uri = :before", lines);
          sql.execute("DELETE FROM access_numbers WHERE line_uri = :before", {{"before", line.uri()}});
        }
        write_number(sql, number);
        AuditEntry entry{by, "access-number-changed", {}, {{"line_uri", number.line_uri.uri()}}};
        if (moves) entry.detail.emplace_back("before", line.uri());
        transaction.audit(std::move(entry));
      });
}

bool SociNumberStore::remove(const PhoneNumber& line, const Operator& by) {
  return write(context_, {"number-remove", "removing an access number"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    lock_numbers(transaction);
    erase_places(sql, line.uri());
    if (sql.execute("DELETE FROM access_numbers WHERE line_uri = :line", {{"line", line.uri()}}) == 0)
      return false;
    transaction.audit({by, "access-number-removed", {}, {{"line_uri", line.uri()}}});
    return true;
  });
}

void SociNumberStore::reorder(const PhoneNumber& line, const std::string& region, std::size_t place,
                              const Operator& by) {
  run_transaction(
      context_, {"number-reorder", "ordering access numbers"}, [&](WriteTransaction& transaction) {
        SociSession& sql = transaction.sql();
        lock_numbers(transaction);
        const AccessNumber moved = find_number(sql, line);
        if (!has_region(moved, region))
          throw Error(ErrorCode::Precondition,
                      fmt::format("the access number {} is not of the region {}", line.uri(), region),
                      "Set-CsDialInConferencingAccessNumber -Regions says of which regions it is.");
        std::vector<AccessNumber> numbers = numbers_of_region(sql, region);
        std::erase_if(numbers, [&](const AccessNumber& number) { return number.line_uri == line; });
        const std::size_t at = std::min(place, numbers.size());
        numbers.insert(numbers.begin() + static_cast<std::ptrdiff_t>(at), moved);
        const std::string key = fold_case(region);
        sql.execute("DELETE FROM access_number_order WHERE region_key = :region", {{"region", key}});
        for (std::size_t i = 0; i < numbers.size(); ++i)
          sql.execute(
              "INSERT INTO access_number_order (region_key, line_uri, place) VALUES (:region, :line, :place)",
              {{"region", key}, {"line", numbers[i].line_uri.uri()}, {"place", i}});
        transaction.audit({by,
                           "access-numbers-reordered",
                           {},
                           {{"region", region}, {"line_uri", line.uri()}, {"place", std::to_string(at)}}});
      });
}

}  // namespace dialin
