// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "keys/key_directory.h"
#include "store/data_directory.h"
#include "store/store_files.h"

namespace dialin {
namespace {

namespace fs = std::filesystem;

void remove_database(const fs::path& file) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(file.string() + suffix, ignored);
}

void switch_to_wal(SociSession& sql) {
  const auto mode = sql.row("PRAGMA journal_mode = WAL", 1);
  if (!mode || mode->text(0) != "wal")
    throw Error(ErrorCode::Unavailable, fmt::format("the store {} cannot use a write-ahead log", sql.place()),
                "The data directory must be on a local disk.");
}

// Builds the database at `file`. When its only connection is closed, everything stands in the file itself.
void build(const fs::path& file, const StoreOpening& opening, const KeyId& key) {
  make_private_file(file);
  {
    const auto session = SociSession::open_sqlite(file, opening.clock);
    switch_to_wal(*session);
    session->begin();
    run_steps(*session, opening, 0);
    write_first_row(*session, opening, key);
    session->commit();
  }
  if (fs::exists(file.string() + "-wal"))
    throw Error(ErrorCode::Unavailable,
                fmt::format("the new store {} could not be completed", file.string()));
  sync_path(file);
}

// Gives `built` its name, unless something has that name.
void publish(const fs::path& built, const fs::path& file) {
  if (renameat2(AT_FDCWD, built.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) != 0)
    throw Error(ErrorCode::Unavailable,
                fmt::format("giving the new store its name {}: {}", file.string(), std::strerror(errno)));
  sync_path(file.parent_path());
}

void create(const fs::path& file, const StoreOpening& opening) {
  const fs::path built = file.string() + ".new";
  remove_database(built);  // of a process that was killed
  KeyDirectory keys(opening.key_directory(), opening.random);
  const KeyId key = keys.create();
  try {
    opening.checkpoints.reach("after-key-create");
    build(built, opening, key);
    opening.checkpoints.reach("before-commit-create");
    publish(built, file);
  } catch (...) {
    remove_database(built);
    keys.remove(key);
    throw;
  }
  opening.checkpoints.reach("after-commit-create");
  if (opening.announce)
    opening.announce(
        fmt::format("made a new store, {}, and its key {} in {}; keep a copy of the key (dialin key export)",
                    file.string(), key.text(), keys.path().string()));
}

OpenedStore open_existing(const fs::path& file, const StoreOpening& opening) {
  if (fs::file_size(file) == 0)
    throw Error(ErrorCode::Configuration,
                fmt::format("the store {} is empty: it has lost its content", file.string()),
                "Bring it back from a backup, or, if there never was anything in it, remove the file.");
  OpenedStore opened;
  opened.session = SociSession::open_sqlite(file, opening.clock);
  if (!opened.session->row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'store_meta'", 1))
    throw Error(ErrorCode::Configuration,
                fmt::format("{} is a SQLite database, but no store of dialin", file.string()),
                "Choose another data directory.");
  opened.meta = read_meta(*opened.session);
  return opened;
}

void upgrade(OpenedStore& opened, const fs::path& file, const StoreOpening& opening) {
  SociSession& sql = *opened.session;
  const std::string copy = fmt::format("{}.before-{}", file.string(), opening.newest());
  remove_database(copy);  // of an upgrade that failed
  make_private_file(copy);
  sql.execute("VACUUM INTO :copy", {{"copy", copy}});
  sync_path(copy);
  sync_path(file.parent_path());
  sql.begin();
  try {
    run_steps(sql, opening, opened.meta.schema_version);
    complete_keys(sql, opening, opened.meta);
    sql.execute("UPDATE store_meta SET schema_version = :version", {{"version", opening.newest()}});
    opening.checkpoints.reach("before-commit-upgrade");
    sql.commit();
  } catch (...) {
    sql.rollback();
    throw;
  }
  if (opening.announce)
    opening.announce(fmt::format("brought the store {} from schema {} to {}; the former one is {}",
                                 file.string(), opened.meta.schema_version, opening.newest(), copy));
  opened.meta.schema_version = opening.newest();
}

}  // namespace

std::optional<OpenedStore> open_sqlite_store(const StoreOpening& opening) {
  const fs::path directory = opening.location.data_directory;
  const bool may_make = opening.mode == OpenMode::CreateIfAbsent;
  if (!check_data_directory(directory, may_make ? IfNoDirectory::Make : IfNoDirectory::Nothing))
    return std::nullopt;
  const fs::path file = directory / "dialin.db";
  const fs::path lock = directory / "store.lock";
  if (!check_private_file(file)) {
    if (!may_make) return std::nullopt;
    const FileLock only_one(lock);
    if (!check_private_file(file)) create(file, opening);
  }
  OpenedStore opened = open_existing(file, opening);
  if (opened.meta.schema_version < opening.newest()) {
    const FileLock only_one(lock);
    opened.meta = read_meta(*opened.session);
    if (opened.meta.schema_version < opening.newest()) upgrade(opened, file, opening);
  }
  if (opened.meta.schema_version > opening.newest())
    refuse_newer_schema(*opened.session, opened.meta, opening);
  return opened;
}

}  // namespace dialin
