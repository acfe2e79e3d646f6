// SPDX-License-Identifier: Apache-2.0
#include "store/soci_session.h"

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <chrono>
#include <thread>
#include <unordered_map>

#include "base/text.h"
#include "store/numbered_sql.h"
#include "store/schema.h"

namespace dialin {
namespace {

constexpr std::chrono::seconds kReconnectTime{10};
constexpr std::chrono::milliseconds kReconnectPause{250};
constexpr std::size_t kMostStatements = 128;  // then all are forgotten

// Settings of every connection. WAL is a property of the file and was switched on when it was made.
// secure_delete: what is erased is overwritten. trusted_schema: a doctored file runs no functions.
// cache_size: in KiB; the pages of a run's people are scattered, and 2 MB, the default, would read them again
// and again. wal_autocheckpoint: in pages; the same page is written to the file once for several changes.
constexpr const char* kSqliteSettings[] = {"PRAGMA busy_timeout = 10000",      "PRAGMA foreign_keys = ON",
                                           "PRAGMA synchronous = FULL",        "PRAGMA secure_delete = ON",
                                           "PRAGMA trusted_schema = OFF",      "PRAGMA cache_size = -16384",
                                           "PRAGMA wal_autocheckpoint = 4000", "PRAGMA temp_store = MEMORY"};

constexpr const char* kPostgresqlSettings =
    "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '15s'; SET synchronous_commit = on; "
    "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET client_min_messages = error";

void ignore_notice(void*, const char*) {}

// SOCI reads "key=value key=value" and knows quotes, but no quote inside quotes.
std::string sqlite_connection(const std::string& file) {
  if (file.find('=') == std::string::npos) return file;
  if (file.find('"') != std::string::npos)
    throw Error(ErrorCode::Configuration,
                fmt::format("the path of the store {} holds both = and a quote", file),
                "Choose another [store] data_directory.");
  return fmt::format("db=\"{}\"", file);
}

}  // namespace

class SociSession::Implementation {
 public:
  Implementation(Clock* clock, std::string place) : clock_(clock), place_(std::move(place)) {}

  bool is_postgresql() const { return clock_ == nullptr; }

  sqlite_api::sqlite3* sqlite() {
    return static_cast<soci::sqlite3_session_backend*>(session_.get_backend())->conn_;
  }
  PGconn* postgresql() {
    return static_cast<soci::postgresql_session_backend*>(session_.get_backend())->conn_;
  }

  void connect_sqlite(const std::string& file) {
    guarded([&] {
      session_.open(soci::sqlite3, sqlite_connection(file));
      for (const char* setting : kSqliteSettings) session_ << setting;
    });
  }

  void connect_postgresql(const std::string& connection) {
    try {
      session_.open(soci::postgresql, connection);
    } catch (const soci::soci_error& error) {
      refuse_connection(error);
    }
    configure_postgresql();
  }

  void configure_postgresql() {
    // Otherwise an error's text carries the row in question, and notices go to standard error.
    PQsetErrorVerbosity(postgresql(), PQERRORS_TERSE);
    PQsetNoticeProcessor(postgresql(), ignore_notice, nullptr);
    guarded([&] { session_ << kPostgresqlSettings; });
  }

  // Nothing is bound yet when connecting, so the library's words hold no values; they are needed, because
  // only they tell a wrong password from a server that is away.
  [[noreturn]] void refuse_connection(const soci::soci_error& error) {
    const std::string words = sanitize_foreign_text(trim(error.get_error_message()));
    if (words.find("authentication failed") != std::string::npos ||
        words.find("no password") != std::string::npos)
      throw postgresql_failure("28P01", place_);
    if (words.find("does not exist") != std::string::npos && words.find("database \"") != std::string::npos)
      throw postgresql_failure("3D000", place_);
    throw DatabaseFailure(ErrorCode::Unavailable, DatabaseFailure::Repeat::Connection,
                          fmt::format("cannot connect to {}: {}", place_, words),
                          "See that the PostgreSQL server runs and can be reached, and try again.");
  }

  // Runs `body` and turns what SOCI throws into a DatabaseFailure. what() is never looked at: it holds bound
  // values.
  template <class Body>
  void guarded(Body body) {
    try {
      body();
    } catch (const soci::postgresql_soci_error& error) {
      throw postgresql_failure(error.sqlstate(), place_);
    } catch (const soci::sqlite3_soci_error& error) {
      throw sqlite_failure(error.result(), place_);
    } catch (const soci::soci_error&) {
      throw unnamed_failure();
    }
  }

  // An error without a code: of SOCI itself, or of one of its few calls that do not say.
  DatabaseFailure unnamed_failure() {
    const bool connected = session_.get_backend() != nullptr && session_.is_connected();
    if (is_postgresql()) return postgresql_failure(connected ? "XXSOC" : "08000", place_);
    const int result = connected ? sqlite_api::sqlite3_errcode(sqlite()) : SQLITE_CANTOPEN;
    return sqlite_failure(result == SQLITE_OK ? SQLITE_ERROR : result, place_);
  }

  std::size_t run(std::string_view sql, std::size_t columns, const Binds& binds, std::vector<SqlRow>* rows) {
    for (const Bind& bind : binds) check_text(bind);
    // There is no backend after a reconnect that failed.
    if (session_.get_backend() == nullptr) throw unnamed_failure();
    const NumberedSql numbered = number_placeholders(
        sql, binds, is_postgresql() ? PlaceholderStyle::Dollar : PlaceholderStyle::Question);
    return is_postgresql() ? run_postgresql(numbered, columns, binds, rows)
                           : run_sqlite(numbered, columns, binds, rows);
  }

  // SQLite would keep either, PostgreSQL would cut the one off and refuse the other.
  static void check_text(const Bind& bind) {
    const std::string* text = bind.value.text();
    if (text != nullptr && (text->find('\0') != std::string::npos || !is_utf8(*text)))
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("the text for {} holds a NUL character or is not UTF-8", bind.name));
  }

  // A number that is wrong on one is wrong on both.
  static void check_columns(int found, std::size_t expected) {
    if (static_cast<std::size_t>(found) != expected && expected != 0)
      throw Error(ErrorCode::Internal,
                  fmt::format("a statement yields {} columns, {} were expected", found, expected));
  }

  // ---- SQLite

  struct Finalize {
    void operator()(sqlite_api::sqlite3_stmt* statement) const { sqlite_api::sqlite3_finalize(statement); }
  };
  using SqliteStatement = std::unique_ptr<sqlite_api::sqlite3_stmt, Finalize>;

  sqlite_api::sqlite3_stmt* prepared(const std::string& text) {
    const auto known = statements_.find(text);
    if (known != statements_.end()) return known->second.get();
    sqlite_api::sqlite3_stmt* statement = nullptr;
    const int result = sqlite_api::sqlite3_prepare_v2(sqlite(), text.data(), static_cast<int>(text.size()),
                                                      &statement, nullptr);
    SqliteStatement owned(statement);
    if (result != SQLITE_OK) throw sqlite_failure(result, place_);
    if (statements_.size() >= kMostStatements) statements_.clear();
    return statements_.emplace(text, std::move(owned)).first->second.get();
  }

  std::size_t run_sqlite(const NumberedSql& sql, std::size_t columns, const Binds& binds,
                         std::vector<SqlRow>* rows) {
    sqlite_api::sqlite3_stmt* const statement = prepared(sql.text);
    // The values are bound where they lie, and belong to the caller.
    struct Reset {
      sqlite_api::sqlite3_stmt* statement;
      ~Reset() {
        sqlite_api::sqlite3_reset(statement);
        sqlite_api::sqlite3_clear_bindings(statement);
      }
    } const reset{statement};
    check_columns(sqlite_api::sqlite3_column_count(statement), columns);
    for (std::size_t i = 0; i < sql.order.size(); ++i) {
      const SqlValue& value = binds[sql.order[i]].value;
      const int place = static_cast<int>(i) + 1;
      int result = SQLITE_OK;
      if (const std::string* text = value.text()) {
        result = sqlite_api::sqlite3_bind_text64(statement, place, text->data(), text->size(), nullptr,
                                                 SQLITE_UTF8);
      } else if (const std::int64_t* integer = value.integer()) {
        result = sqlite_api::sqlite3_bind_int64(statement, place, *integer);
      }
      if (result != SQLITE_OK) throw sqlite_failure(result, place_);
    }
    for (;;) {
      const int result = sqlite_api::sqlite3_step(statement);
      if (result == SQLITE_DONE) break;
      if (result != SQLITE_ROW) throw sqlite_failure(result, place_);
      if (columns != 0) rows->emplace_back(sqlite_row(statement, columns));
    }
    if (columns != 0 || sqlite_api::sqlite3_stmt_readonly(statement) != 0) return 0;
    return static_cast<std::size_t>(sqlite_api::sqlite3_changes(sqlite()));
  }

  static std::vector<std::optional<std::string>> sqlite_row(sqlite_api::sqlite3_stmt* statement,
                                                            std::size_t columns) {
    std::vector<std::optional<std::string>> values(columns);
    for (std::size_t i = 0; i < columns; ++i) {
      const int column = static_cast<int>(i);
      const unsigned char* text = sqlite_api::sqlite3_column_text(statement, column);
      if (text == nullptr) continue;
      values[i].emplace(reinterpret_cast<const char*>(text),
                        static_cast<std::size_t>(sqlite_api::sqlite3_column_bytes(statement, column)));
    }
    return values;
  }

  // ---- PostgreSQL

  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };

  std::size_t run_postgresql(const NumberedSql& sql, std::size_t columns, const Binds& binds,
                             std::vector<SqlRow>* rows) {
    std::vector<std::string> numbers(sql.order.size());
    std::vector<const char*> values(sql.order.size(), nullptr);
    for (std::size_t i = 0; i < sql.order.size(); ++i) {
      const SqlValue& value = binds[sql.order[i]].value;
      if (const std::string* text = value.text()) {
        values[i] = text->c_str();
      } else if (const std::int64_t* integer = value.integer()) {
        numbers[i] = std::to_string(*integer);
        values[i] = numbers[i].c_str();
      }
    }
    const std::unique_ptr<PGresult, Clear> result(PQexecParams(postgresql(), sql.text.c_str(),
                                                               static_cast<int>(values.size()), nullptr,
                                                               values.data(), nullptr, nullptr, 0));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      // Without one there was no answer.
      const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
      throw postgresql_failure(sqlstate == nullptr ? "08000" : sqlstate, place_);
    }
    if (columns == 0) {
      const std::string changed = PQcmdTuples(result.get());
      return changed.empty() ? 0 : std::stoul(changed);
    }
    check_columns(PQnfields(result.get()), columns);
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      std::vector<std::optional<std::string>> row(columns);
      for (std::size_t j = 0; j < columns; ++j) {
        const int column = static_cast<int>(j);
        if (PQgetisnull(result.get(), i, column) != 0) continue;
        row[j].emplace(PQgetvalue(result.get(), i, column),
                       static_cast<std::size_t>(PQgetlength(result.get(), i, column)));
      }
      rows->emplace_back(std::move(row));
    }
    return 0;
  }

  Clock* clock_;  // null on PostgreSQL
  std::string place_;
  soci::session session_;
  std::unordered_map<std::string, SqliteStatement> statements_;  // ended before their session
};

SociSession::SociSession(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
SociSession::~SociSession() = default;

std::unique_ptr<SociSession> SociSession::open_sqlite(const std::string& file, Clock& clock) {
  auto implementation = std::make_unique<Implementation>(&clock, file);
  implementation->connect_sqlite(file);
  return std::unique_ptr<SociSession>(new SociSession(std::move(implementation)));
}

std::unique_ptr<SociSession> SociSession::open_postgresql(const std::string& connection,
                                                          const std::string& place) {
  auto implementation = std::make_unique<Implementation>(nullptr, place);
  implementation->connect_postgresql(connection);
  return std::unique_ptr<SociSession>(new SociSession(std::move(implementation)));
}

bool SociSession::is_postgresql() const {
  return implementation_->is_postgresql();
}
const std::string& SociSession::place() const {
  return implementation_->place_;
}

std::string SociSession::product() {
  if (!is_postgresql()) return fmt::format("SQLite {}", sqlite_api::sqlite3_libversion());
  const std::string version = row("SHOW server_version", 1)->text(0);
  return "PostgreSQL " + version.substr(0, version.find(' '));
}

std::vector<SqlRow> SociSession::rows(std::string_view sql, std::size_t columns, const Binds& binds) {
  std::vector<SqlRow> rows;
  implementation_->run(sql, columns, binds, &rows);
  return rows;
}

std::optional<SqlRow> SociSession::row(std::string_view sql, std::size_t columns, const Binds& binds) {
  std::vector<SqlRow> found = rows(sql, columns, binds);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::size_t SociSession::execute(std::string_view sql, const Binds& binds) {
  return implementation_->run(sql, 0, binds, nullptr);
}

void SociSession::execute_script(std::string_view text) {
  constexpr std::string_view collation = "COLLATE \"C\"";
  for (std::string statement : split_statements(text)) {
    if (!is_postgresql()) {
      for (std::size_t at = 0; (at = statement.find(collation, at)) != std::string::npos;)
        statement.replace(at, collation.size(), "COLLATE BINARY");
    }
    execute(statement);
  }
}

Timestamp SociSession::now() {
  if (!is_postgresql()) return implementation_->clock_->now();
  return row("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)", 1)->time(0);
}

void SociSession::begin() {
  execute(is_postgresql() ? "BEGIN ISOLATION LEVEL READ COMMITTED" : "BEGIN IMMEDIATE");
}
void SociSession::commit() {
  execute("COMMIT");
}
void SociSession::rollback() noexcept {
  try {
    execute("ROLLBACK");
  } catch (const Error&) {
  }
}

void SociSession::reconnect() {
  const auto until = std::chrono::steady_clock::now() + kReconnectTime;
  for (;;) {
    try {
      try {
        implementation_->session_.reconnect();
      } catch (const soci::soci_error& error) {
        implementation_->refuse_connection(error);
      }
      implementation_->configure_postgresql();
      return;
    } catch (const DatabaseFailure& failure) {
      if (failure.repeat() != DatabaseFailure::Repeat::Connection || std::chrono::steady_clock::now() > until)
        throw;
    }
    std::this_thread::sleep_for(kReconnectPause);
  }
}

}  // namespace dialin
