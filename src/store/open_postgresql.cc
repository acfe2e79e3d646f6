// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

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

void create(SociSession& sql, const StoreOpening& opening) {
  sql.begin();
  std::optional<KeyId> key;
  KeyDirectory keys(opening.key_directory(), opening.random);
  try {
    sql.row("SELECT CAST(pg_advisory_xact_lock(:lock) AS TEXT)", 1, {{"lock", kFirstUseLock}});
    if (has_tables(sql)) {  // somebody was faster
      sql.rollback();
      return;
    }
    key = keys.create();
    opening.checkpoints.reach("after-key-create");
    run_steps(sql, opening, 0);
    write_first_row(sql, opening, key->text());
    opening.checkpoints.reach("before-commit-create");
  } catch (...) {
    sql.rollback();
    if (key) keys.remove_unused(*key);
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

}  // namespace

std::optional<OpenedStore> open_postgresql_store(const StoreOpening& opening) {
  const PostgresqlAddress address = read_postgresql_address(opening.location.url);
  OpenedStore opened;
  opened.session = SociSession::open_postgresql(address.connection, address.place);
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
