// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "keys/key_directory.h"
#include "store/data_directory.h"
#include "store/postgresql_address.h"
#include "store/store_files.h"

namespace dialin {
namespace {

constexpr std::int64_t kFirstUseLock = 0x6469616c696e;  // "dialin"

// By a scan of the catalogue: to_regclass() answers from a cache that may be older than a lock we waited for.
bool has_tables(SociSession& sql) {
  return sql
      .row(
          "SELECT 1 FROM pg_catalog.pg_tables WHERE tablename = 'store_meta' AND schemaname = ANY "
          "(current_schemas(false))",
          1)
      .has_value();
}

std::unique_ptr<SociSession> connect(const StoreOpening& opening) {
  const PostgresqlAddress address = read_postgresql_address(opening.location.url);
  return SociSession::open_postgresql(address.connection, address.place);
}

void lock_first_use(SociSession& sql) {
  sql.row("SELECT CAST(pg_advisory_xact_lock(:lock) AS TEXT)", 1, {{"lock", kFirstUseLock}});
}

void create(SociSession& sql, const StoreOpening& opening) {
  sql.begin();
  std::optional<KeyId> key;
  KeyDirectory keys(opening.key_directory(), opening.random);
  try {
    lock_first_use(sql);
    if (has_tables(sql)) {  // somebody was faster
      sql.rollback();
      return;
    }
    key = keys.create();
    opening.checkpoints.reach("after-key-create");
    run_steps(sql, opening, 0);
    write_first_row(sql, opening, *key);
    opening.checkpoints.reach("before-commit-create");
  } catch (...) {
    sql.rollback();
    if (key) keys.remove(*key);
    throw;
  }
  // From here on the key stays whatever happens: a COMMIT without an answer may have been done.
  sql.commit();
  opening.checkpoints.reach("after-commit-create");
  if (opening.announce)
    opening.announce(
        fmt::format("made a new store in the {}, and its key {} in {}; keep a copy of the key (dialin key "
                    "export)",
                    sql.place(), key->text(), keys.path().string()));
}

// The comment that its file begins with, after the licence line.
std::string in_words(const SchemaStep& step) {
  std::string words;
  for (const std::string& line : split(step.text, '\n')) {
    const std::string_view text = trim(line);
    if (text.substr(0, 2) != "--" || text.find("SPDX") != std::string_view::npos) {
      if (!words.empty()) break;
      continue;
    }
    words =
        words.empty() ? std::string(trim(text.substr(2))) : words + " " + std::string(trim(text.substr(2)));
    if (words.back() == '.') break;
  }
  return fmt::format("{}: {}", step.number, words);
}

}  // namespace

std::optional<StoreUpgrade> plan_upgrade_with(const StoreOpening& opening) {
  const auto sql = connect(opening);
  if (!has_tables(*sql)) return std::nullopt;
  const StoreMeta meta = read_meta(*sql);
  if (meta.schema_version > opening.newest()) refuse_newer_schema(*sql, meta, opening);
  StoreUpgrade upgrade{sql->place(), meta.schema_version, opening.newest(), {}};
  for (const SchemaStep& step : opening.schema) {
    if (step.number > meta.schema_version) upgrade.steps.push_back(in_words(step));
  }
  return upgrade;
}

void upgrade_store_with(const StoreOpening& opening) {
  const auto sql = connect(opening);
  sql->begin();
  try {
    lock_first_use(*sql);
    const StoreMeta meta = read_meta(*sql);
    if (meta.schema_version > opening.newest()) refuse_newer_schema(*sql, meta, opening);
    run_steps(*sql, opening, meta.schema_version);
    complete_keys(*sql, opening, meta);
    sql->execute("UPDATE store_meta SET schema_version = :version", {{"version", opening.newest()}});
    opening.checkpoints.reach("before-commit-upgrade");
  } catch (...) {
    sql->rollback();
    throw;
  }
  sql->commit();
  opening.checkpoints.reach("after-commit-upgrade");
}

std::optional<OpenedStore> open_postgresql_store(const StoreOpening& opening) {
  OpenedStore opened;
  opened.session = connect(opening);
  SociSession& sql = *opened.session;
  if (!has_tables(sql)) {
    if (opening.mode == OpenMode::MustExist) return std::nullopt;
    check_data_directory(opening.location.data_directory, IfNoDirectory::Make);
    create(sql, opening);
  }
  check_data_directory(opening.location.data_directory, IfNoDirectory::Nothing);
  opened.meta = read_meta(sql);
  if (opened.meta.schema_version > opening.newest()) refuse_newer_schema(sql, opened.meta, opening);
  if (opened.meta.schema_version < opening.newest())
    throw Error(ErrorCode::Configuration,
                fmt::format("the store in the {} has schema {}, and this program needs {}", sql.place(),
                            opened.meta.schema_version, opening.newest()),
                "When no older dialin uses it any more, run: dialin store upgrade");
  return opened;
}

}  // namespace dialin
