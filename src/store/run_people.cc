// SPDX-License-Identifier: Apache-2.0
#include "store/run_people.h"

#include <set>

#include "store/run_rows.h"

namespace dialin {

LockedPeople::LockedPeople(WriteTransaction& transaction, const std::vector<PersonId>& people) {
  SociSession& sql = transaction.sql();
  Binds binds;
  const std::string list = list_of("p", people, binds);
  std::set<std::string> locked_lines;
  // On SQLite this transaction has the whole file.
  if (sql.is_postgresql()) {
    for (const SqlRow& row :
         sql.rows("SELECT line FROM phone_lines WHERE line IN (SELECT line_uri FROM people WHERE id IN " +
                      list + ") ORDER BY line" + sql.for_update(),
                  1, binds))
      locked_lines.insert(row.text(0));
  }
  const std::string find =
      "SELECT person, version, (SELECT line_uri FROM people WHERE id = person) FROM pins WHERE person IN "
      "(SELECT "
      "id FROM people WHERE id IN " +
      list +
      " UNION SELECT other.id FROM people AS self JOIN people AS other ON other.line_uri = self.line_uri "
      "WHERE "
      "self.id IN " +
      list + ") ORDER BY person" + sql.for_update();
  std::vector<SqlRow> rows = sql.rows(find, 3, binds);
  // What was read while waiting for a lock may be older than the lock.
  if (sql.is_postgresql()) rows = sql.rows(find, 3, binds);
  for (const SqlRow& row : rows) {
    One& one = people_[row.text(0)];
    one.version = row.integer(1);
    one.line = row.optional_text(2);
    if (!one.line) continue;
    by_line_.emplace(*one.line, row.text(0));
    if (sql.is_postgresql() && !locked_lines.contains(*one.line)) lines_unchanged_ = false;
  }
}

bool LockedPeople::as_expected(const PersonId& person, std::int64_t version,
                               const std::vector<SharerVersion>& sharers) const {
  const auto found = people_.find(person);
  if (found == people_.end() || found->second.version != version || !lines_unchanged_) return false;
  std::map<PersonId, std::int64_t> expected;
  for (const SharerVersion& sharer : sharers) expected[sharer.person] = sharer.version;
  if (!found->second.line) return expected.empty();
  std::size_t others = 0;
  const auto [begin, end] = by_line_.equal_range(*found->second.line);
  for (auto other = begin; other != end; ++other) {
    if (other->second == person) continue;
    ++others;
    const auto known = expected.find(other->second);
    if (known == expected.end() || known->second != people_.at(other->second).version) return false;
  }
  return others == expected.size();
}

}  // namespace dialin
