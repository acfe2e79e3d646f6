// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "store/people_rows.h"
#include "store/run_rows.h"
#include "store/runs.h"

namespace dialin {
namespace {

// The lines that are asked for, of each plan from its own part of the index: so the many rows of a plan whose
// server is away cost the others nothing.
std::string chosen_rows(const std::vector<int>& plans) {
  std::string statement;
  for (const int plan : plans)
    statement += fmt::format(
        "{}SELECT * FROM (SELECT line, person, plan, mail_to, version, seal FROM run_rows WHERE run = :run "
        "AND "
        "state = 'waiting' AND plan = {} AND line > :after ORDER BY line LIMIT :limit) AS plan{}",
        statement.empty() ? "" : " UNION ALL ", plan, plan);
  return fmt::format("SELECT * FROM ({}) AS every ORDER BY line LIMIT :limit", statement);
}

constexpr std::size_t kOwnColumns = 6;
constexpr std::size_t kPinColumns = 7;

}  // namespace

std::vector<WaitingRow> SociRunStore::waiting(const RunId& run, const std::vector<int>& plans,
                                              std::int64_t after_line, std::size_t limit) {
  if (plans.empty()) return {};
  const std::string statement = fmt::format(
      "SELECT chosen.line, chosen.plan, chosen.mail_to, chosen.version, chosen.seal, CASE WHEN EXISTS "
      "(SELECT 1 FROM "
      "people AS other WHERE other.line_uri = people.line_uri AND other.id <> people.id AND other.removed = "
      "0) "
      "THEN 1 ELSE 0 END, pins.version, verifier, changed_at, expires_at, lock_reason, locked_by, "
      "locked_since, CASE WHEN EXISTS "
      "(SELECT 1 FROM welcomes WHERE welcomes.person = chosen.person AND kind = 'welcome' AND state IN "
      "('queued', 'sending', 'uncertain')) THEN 1 ELSE 0 END, {} FROM ({}) AS chosen JOIN people ON "
      "people.id = "
      "chosen.person AND people.removed = 0 JOIN pins ON pins.person = chosen.person ORDER BY chosen.line",
      kPersonColumns, chosen_rows(plans));
  return read(context_, "reading the waiting rows of a run", [&](SociSession& sql) {
    std::vector<WaitingRow> waiting;
    for (const SqlRow& columns : sql.rows(statement, kOwnColumns + kPinColumns + 1 + kPersonColumnCount,
                                          {{"run", run}, {"after", after_line}, {"limit", limit}})) {
      SqlRowReader people(columns, kOwnColumns + kPinColumns + 1);
      WaitingRow row{.person = read_person(people)};
      SqlRowReader reader(columns);
      row.line = reader.integer();
      row.plan = static_cast<int>(reader.integer());
      if (auto to = reader.optional_text()) row.to = mailbox_from_column(*to);
      row.staged_version = reader.integer();
      if (auto seal = reader.optional_text()) row.pin = context_.seals.open_row_pin(row.person.id, *seal);
      row.shares_number = reader.flag();
      PinRecord& record = row.record;
      record.version = reader.integer();
      if (auto verifier = reader.optional_text())
        record.verifier = context_.seals.open_verifier(row.person.id, *verifier);
      record.changed_at = reader.optional_time();
      record.expires_at = reader.optional_time();
      const std::string reason = reader.text_or_empty();
      const std::string by = reader.text_or_empty();
      if (const auto since = reader.optional_time()) record.lock = DeliberateLock{reason, by, *since};
      row.unfinished_welcome = reader.flag();
      waiting.push_back(std::move(row));
    }
    return waiting;
  });
}

}  // namespace dialin
