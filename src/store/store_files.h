// SPDX-License-Identifier: Apache-2.0
// Opening and making a store: SQLite in open_sqlite.cc, PostgreSQL in open_postgresql.cc.
//
// A key is made only together with a new, empty store, and the store's first row names it
// (keys/key_directory.h).
//
// SQLite: a new store is built as dialin.db.new under an flock on store.lock and gets its name when it is
// whole and durable; so dialin.db is either absent or complete, whenever a process is killed. PostgreSQL:
// tables, key id and store id come into being in one transaction under an advisory lock.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/schema.h"
#include "store/seals.h"
#include "store/soci_session.h"
#include "store/store.h"
#include "store/store_upgrade.h"

namespace dialin {

// What the store says about itself.
struct StoreMeta {
  int schema_version = 0;
  std::string store_id;
  std::string key_id;
};

struct OpenedStore {
  std::unique_ptr<SociSession> session;
  StoreMeta meta;
};

struct StoreOpening {
  StoreLocation location;
  OpenMode mode;
  Clock& clock;
  RandomSource& random;
  Checkpoints& checkpoints;
  std::function<void(const std::string&)> announce;
  std::vector<SchemaStep> schema;
  Journal* journal = nullptr;

  int newest() const { return schema.back().number; }
  std::string key_directory() const { return location.data_directory + "/keys"; }
};

// Nothing if there is no store and none is to be made. Its schema is the newest.
std::optional<OpenedStore> open_sqlite_store(const StoreOpening& opening);
std::optional<OpenedStore> open_postgresql_store(const StoreOpening& opening);

// What both share: the first row, and the steps above `version`.
StoreMeta read_meta(SociSession& sql);
StoreMeta write_first_row(SociSession& sql, const StoreOpening& opening, const KeyId& key);
Seals seals_of(const StoreOpening& opening, const StoreMeta& meta);
// What a step in SQL cannot do, for a store of `meta` that was brought up by run_steps().
void complete_keys(SociSession& sql, const StoreOpening& opening, const StoreMeta& meta);
void run_steps(SociSession& sql, const StoreOpening& opening, int version);
[[noreturn]] void refuse_newer_schema(const SociSession& sql, const StoreMeta& meta,
                                      const StoreOpening& opening);

// The same for a PostgreSQL store's upgrade (store/store_upgrade.h).
std::optional<StoreUpgrade> plan_upgrade_with(const StoreOpening& opening);
void upgrade_store_with(const StoreOpening& opening);

// open_store() with a schema of the caller's (tests of upgrades).
std::unique_ptr<Store> open_store_with(const StoreOpening& opening);

}  // namespace dialin
