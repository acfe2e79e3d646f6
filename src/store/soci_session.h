// SPDX-License-Identifier: Apache-2.0
// One connection to the database, SQLite or PostgreSQL. SOCI makes it; the statements run on the drivers
// below it, because SOCI's binding costs more than the statements (doc/performance.md). The only file that
// includes either.
//
// SQL is one text for both: placeholders are :name, row locks are written with for_update(). Only what the
// schema uses is known: text, 64-bit integers and NULL (store/sql_value.h).
//
// Every function throws DatabaseFailure; its message names the file, or server and database, and nothing
// else. A text that holds NUL or is not UTF-8 throws Error(InvalidInput) before it is bound.
// One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/database_failure.h"
#include "store/sql_value.h"

namespace dialin {

class SociSession {
 public:
  // `file` exists already: SOCI would make it with the umask's permissions. `clock` gives the time (now()).
  static std::unique_ptr<SociSession> open_sqlite(const std::string& file, Clock& clock);
  // `connection` as libpq reads it; `place` names it in messages, without a password.
  static std::unique_ptr<SociSession> open_postgresql(const std::string& connection,
                                                      const std::string& place);
  ~SociSession();
  SociSession(const SociSession&) = delete;
  SociSession& operator=(const SociSession&) = delete;

  bool is_postgresql() const;
  const std::string& place() const;
  // "SQLite 3.40.1", "PostgreSQL 15.8".
  std::string product();

  // `columns`: how many `sql` yields.
  std::vector<SqlRow> rows(std::string_view sql, std::size_t columns, const Binds& binds = {});
  // The first row, or nothing.
  std::optional<SqlRow> row(std::string_view sql, std::size_t columns, const Binds& binds = {});
  // Returns how many rows were changed.
  std::size_t execute(std::string_view sql, const Binds& binds = {});
  // Runs the statements of `text` one after the other (schema files).
  void execute_script(std::string_view text);

  // " FOR UPDATE" on PostgreSQL. On SQLite nothing: a transaction that writes holds the whole file.
  const char* for_update() const { return is_postgresql() ? " FOR UPDATE" : ""; }
  // " FOR SHARE": nobody may change the row until the transaction ends, others may hold it so too.
  const char* for_share() const { return is_postgresql() ? " FOR SHARE" : ""; }
  // As for_update(), for rows that may be left to whoever holds them.
  const char* for_update_skip_locked() const { return is_postgresql() ? " FOR UPDATE SKIP LOCKED" : ""; }

  // The database's time on PostgreSQL, so that all hosts have one; the clock's on SQLite.
  Timestamp now();

  // A transaction that writes.
  void begin();
  void commit();
  // Never throws: whatever stands in its way has ended the transaction too.
  void rollback() noexcept;

  // PostgreSQL, after Repeat::Connection: connects again, trying for 10 s.
  void reconnect();

 private:
  class Implementation;
  explicit SociSession(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace dialin
