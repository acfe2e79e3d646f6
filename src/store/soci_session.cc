// SPDX-License-Identifier: Apache-2.0
#include "store/soci_session.h"

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <chrono>
#include <deque>
#include <thread>
#include <unordered_map>

#include "base/text.h"
#include "store/schema.h"

namespace dialin {
namespace {

constexpr std::chrono::seconds kReconnectTime{10};
constexpr std::chrono::milliseconds kReconnectPause{250};

// Settings of every connection. WAL is a property of the file and was switched on when it was made.
// secure_delete: what is erased is overwritten. trusted_schema: a doctored file runs no functions.
constexpr const char* kSqliteSettings[] = {"PRAGMA busy_timeout = 10000", "PRAGMA foreign_keys = ON",
                                           "PRAGMA synchronous = FULL", "PRAGMA secure_delete = ON",
                                           "PRAGMA trusted_schema = OFF"};

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
    // There is no backend after a reconnect that failed.
    const bool connected = session_.get_backend() != nullptr && session_.is_connected();
    if (is_postgresql()) return postgresql_failure(connected ? "XXSOC" : "08000", place_);
    const int result = connected ? sqlite_api::sqlite3_errcode(sqlite()) : SQLITE_CANTOPEN;
    return sqlite_failure(result == SQLITE_OK ? SQLITE_ERROR : result, place_);
  }

  // SOCI binds to variables: these live as long as the statement. A deque, because SOCI keeps their
  // addresses.
  struct Holder {
    std::string text;
    std::int64_t integer = 0;
    soci::indicator indicator = soci::i_ok;
  };

  std::size_t run(std::string_view sql, std::size_t columns, const Binds& binds, std::vector<SqlRow>* rows) {
    std::deque<Holder> in, out;
    std::size_t changed = 0;
    // A statement that threw must not be used again (SOCI leaks its buffers then): each is used once.
    guarded([&] {
      soci::statement statement(session_);
      statement.alloc();
      statement.prepare(std::string(sql), soci::details::st_one_time_query);
      check_columns(statement, columns);
      if (is_postgresql()) {
        for (const Bind& bind : binds) bind_to(statement, bind, bind.name, in.emplace_back());
      } else {
        bind_by_position(statement, binds, in);
      }
      for (std::size_t i = 0; i < columns; ++i) {
        Holder& holder = out.emplace_back();
        statement.exchange(soci::into(holder.text, holder.indicator));
      }
      statement.define_and_bind();
      if (columns == 0) {
        statement.execute(true);
        changed = static_cast<std::size_t>(std::max(0LL, statement.get_affected_rows()));
        return;
      }
      statement.execute(false);
      while (statement.fetch()) {
        std::vector<std::optional<std::string>> values;
        values.reserve(columns);
        for (Holder& holder : out) {
          if (holder.indicator == soci::i_null) {
            values.emplace_back();
          } else {
            values.emplace_back(std::move(holder.text));
          }
        }
        rows->emplace_back(std::move(values));
      }
    });
    return changed;
  }

  // SQLite finds a placeholder by its name only by going through all of them, which in a statement for many
  // rows costs more than running it.
  void bind_by_position(soci::statement& statement, const Binds& binds, std::deque<Holder>& in) {
    auto* const prepared = static_cast<soci::sqlite3_statement_backend*>(statement.get_backend())->stmt_;
    std::unordered_map<std::string_view, const Bind*> by_name;
    for (const Bind& bind : binds) by_name.emplace(bind.name, &bind);
    const int placeholders = sqlite_api::sqlite3_bind_parameter_count(prepared);
    for (int i = 1; i <= placeholders; ++i) {
      const auto bind = by_name.find(sqlite_api::sqlite3_bind_parameter_name(prepared, i) + 1);
      if (bind == by_name.end())
        throw Error(ErrorCode::Internal, "a statement has a placeholder without a value");
      bind_to(statement, *bind->second, {}, in.emplace_back());
    }
    if (static_cast<std::size_t>(placeholders) != binds.size())
      throw Error(ErrorCode::Internal, "a statement was given a value that it has no place for");
  }

  // `name` empty: the next position.
  void bind_to(soci::statement& statement, const Bind& bind, const std::string& name, Holder& holder) {
    if (const std::string* text = bind.value.text()) {
      // SQLite would keep either, PostgreSQL would cut the one off and refuse the other.
      if (text->find('\0') != std::string::npos || !is_utf8(*text))
        throw Error(ErrorCode::InvalidInput,
                    fmt::format("the text for {} holds a NUL character or is not UTF-8", bind.name));
      holder.text = *text;
      statement.exchange(soci::use(holder.text, holder.indicator, name));
    } else if (const std::int64_t* integer = bind.value.integer()) {
      holder.integer = *integer;
      statement.exchange(soci::use(holder.integer, holder.indicator, name));
    } else {
      holder.indicator = soci::i_null;
      statement.exchange(soci::use(holder.text, holder.indicator, name));
    }
  }

  // SQLite tells before it runs; a number that is wrong there is wrong on both.
  void check_columns(soci::statement& statement, std::size_t columns) {
    if (is_postgresql()) return;
    auto* backend = static_cast<soci::sqlite3_statement_backend*>(statement.get_backend());
    const auto found = static_cast<std::size_t>(sqlite_api::sqlite3_column_count(backend->stmt_));
    if (found != columns && columns != 0)
      throw Error(ErrorCode::Internal,
                  fmt::format("a statement yields {} columns, {} were expected", found, columns));
  }

  Clock* clock_;  // null on PostgreSQL
  std::string place_;
  soci::session session_;
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
