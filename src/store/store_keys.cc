// SPDX-License-Identifier: Apache-2.0
#include "store/store_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "base/error.h"

namespace dialin {
namespace {

// Of a sealed text "v1.<key id>.<base64>".
constexpr const char* kKeyOf = "substr({}, 4, 16)";

struct SealedColumn {
  const char* table;
  const char* column;
  std::int64_t SealedRows::*count;
};
constexpr SealedColumn kSealedColumns[] = {
    {"pins", "verifier", &SealedRows::verifiers},
    {"pin_history", "verifier", &SealedRows::history},
    {"welcomes", "seal", &SealedRows::welcomes},
    {"run_rows", "seal", &SealedRows::run_rows},
};

std::map<std::string, SealedRows> count_by_key(SociSession& sql) {
  std::map<std::string, SealedRows> counts;
  for (const SealedColumn& sealed : kSealedColumns) {
    const std::string key = fmt::format(fmt::runtime(kKeyOf), sealed.column);
    for (const SqlRow& row :
         sql.rows(fmt::format("SELECT {0}, COUNT(*) FROM {1} WHERE {2} IS NOT NULL GROUP BY {0}", key,
                              sealed.table, sealed.column),
                  2))
      counts[row.text(0)].*sealed.count = row.integer(1);
  }
  return counts;
}

SealedRows not_under(SociSession& sql, const KeyId& id) {
  SealedRows rest;
  for (const auto& [key, rows] : count_by_key(sql)) {
    if (key == id.text()) continue;
    for (const SealedColumn& sealed : kSealedColumns) rest.*sealed.count += rows.*sealed.count;
  }
  return rest;
}

StoredKey::State state_of(const SqlRow& row, bool in_use) {
  if (!row.is_null(5)) return StoredKey::State::Forgotten;
  if (in_use) return StoredKey::State::InUse;
  if (!row.is_null(4)) return StoredKey::State::Retired;
  return row.is_null(2) ? StoredKey::State::Prepared : StoredKey::State::Former;
}

// The key in use; nobody else changes it until the transaction ends.
KeyId lock_key_in_use(SociSession& sql) {
  return key_in_use(sql, sql.for_update());
}

Secret open_stamp_key(SociSession& sql, const Seals& seals) {
  const auto row = sql.row("SELECT stamp_seal FROM store_meta WHERE one = 1", 1);
  return seals.open(SealPurpose::StampKey, {}, row ? row->text(0) : std::string());
}

void save_stamp_key(SociSession& sql, const SealsUnder& seals, const Secret& key) {
  sql.execute("UPDATE store_meta SET stamp_seal = :seal",
              {{"seal", seals.seal(SealPurpose::StampKey, {}, key)}});
}

}  // namespace

void insert_first_key(SociSession& sql, const KeyId& id, Timestamp made_at) {
  sql.execute("INSERT INTO store_keys (id, made_at, used_since) VALUES (:id, :now, :now)",
              {{"id", id.text()}, {"now", made_at}});
}

void write_stamp_key(SociSession& sql, const SealsUnder& seals, RandomSource& random) {
  Secret octets = Secret::of_size(Key::Size);
  random.fill(std::as_writable_bytes(std::span(octets.reveal_mutable(ClearSecretAccess()), Key::Size)));
  save_stamp_key(sql, seals, octets);
}

std::string stamp(StoreContext& context, std::string_view purpose, const Secret& data) {
  if (!context.stamps) {
    context.stamps = read(context, "reading the key of digests", [&](SociSession& sql) {
      std::optional<Key> key = Key::from_octets(open_stamp_key(sql, context.seals));
      if (!key) throw Error(ErrorCode::Internal, "the key of digests in the store holds something else");
      return std::make_unique<const Sealer>(std::move(*key), context.random);
    });
  }
  return context.stamps->mac(purpose, data);
}

std::vector<StoredKey> SociKeyStore::list() {
  return read(context_, "reading the store's keys", [&](SociSession& sql) {
    const KeyId present = key_in_use(sql);
    std::map<std::string, SealedRows> counts = count_by_key(sql);
    std::vector<StoredKey> keys;
    for (const SqlRow& row :
         sql.rows("SELECT id, made_at, used_since, replaced_at, retired_at, forgotten_at, exported_at FROM "
                  "store_keys ORDER BY made_at, id",
                  7)) {
      const std::optional<KeyId> id = KeyId::parse(row.text(0));
      if (!id) throw Error(ErrorCode::Configuration, "the store names a key that cannot be read");
      keys.push_back({.id = *id,
                      .state = state_of(row, *id == present),
                      .made_at = row.time(1),
                      .used_since = row.optional_time(2),
                      .replaced_at = row.optional_time(3),
                      .retired_at = row.optional_time(4),
                      .forgotten_at = row.optional_time(5),
                      .exported_at = row.optional_time(6),
                      .rows = counts[row.text(0)]});
    }
    return keys;
  });
}

KeyId SociKeyStore::in_use() {
  return read(context_, "reading which key is in use", [&](SociSession& sql) { return key_in_use(sql); });
}

std::optional<Timestamp> SociKeyStore::exported_since_made() {
  return read(context_, "reading when the key was exported", [&](SociSession& sql) {
    const auto row = sql.row(
        "SELECT exported_at FROM store_keys WHERE id = (SELECT key_id FROM store_meta WHERE one = 1)", 1);
    return row ? row->optional_time(0) : std::nullopt;
  });
}

std::vector<std::string> SociKeyStore::other_hosts() {
  return read(context_, "reading which hosts use the store", [&](SociSession& sql) {
    std::vector<std::string> hosts;
    for (const SqlRow& row : sql.rows("SELECT host FROM audit_heads WHERE host <> :host ORDER BY host", 1,
                                      {{"host", context_.host}}))
      hosts.push_back(row.text(0));
    return hosts;
  });
}

void SociKeyStore::note_export(const KeyId& id, const Operator& by) {
  run_transaction(
      context_, {"key-exported", "noting that a key was exported"}, [&](WriteTransaction& transaction) {
        if (transaction.sql().execute("UPDATE store_keys SET exported_at = :now WHERE id = :id",
                                      {{"now", transaction.now()}, {"id", id.text()}}) == 0)
          throw Error(ErrorCode::NotFound, fmt::format("the store has never named the key {}", id.text()));
        transaction.audit({by, "key-exported", {}, {{"key", id.text()}}});
      });
}

bool SociKeyStore::prepare(const KeyId& id, const Operator& by) {
  return write(context_, {"key-prepare", "preparing a key"}, [&](WriteTransaction& transaction) {
    const bool made = transaction.sql().execute(
                          "INSERT INTO store_keys (id, made_at) VALUES (:id, :now) ON CONFLICT DO NOTHING",
                          {{"id", id.text()}, {"now", transaction.now()}}) == 1;
    if (made) transaction.audit({by, "key-prepared", {}, {{"key", id.text()}}});
    return made;
  });
}

bool SociKeyStore::use(const KeyId& id, const KeyId& expected, const Operator& by) {
  return write(context_, {"key-use", "changing the key in use"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    // Waits for everybody who seals under the former key, and they for this.
    if (lock_key_in_use(sql) != expected || id == expected) return false;
    const SealsUnder seals = context_.seals.under(id);
    save_stamp_key(sql, seals, open_stamp_key(sql, context_.seals));
    const Timestamp now = transaction.now();
    sql.execute(
        "INSERT INTO store_keys (id, made_at, used_since) VALUES (:id, :now, :now) ON CONFLICT (id) DO "
        "UPDATE "
        "SET used_since = excluded.used_since, replaced_at = NULL, retired_at = NULL, forgotten_at = NULL",
        {{"id", id.text()}, {"now", now}});
    sql.execute("UPDATE store_keys SET replaced_at = :now WHERE id = :id",
                {{"now", now}, {"id", expected.text()}});
    sql.execute("UPDATE store_meta SET key_id = :id", {{"id", id.text()}});
    transaction.audit({by, "key-changed", {}, {{"key", id.text()}, {"former_key", expected.text()}}});
    return true;
  });
}

SealedRows SociKeyStore::retire(const Operator& by) {
  return write(context_, {"key-retire", "retiring former keys"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    const KeyId present = lock_key_in_use(sql);
    const SealedRows rest = not_under(sql, present);
    if (rest.total() > 0) return rest;
    for (const SqlRow& row :
         sql.rows("SELECT id FROM store_keys WHERE replaced_at IS NOT NULL AND retired_at IS NULL AND id <> "
                  ":id ORDER BY id",
                  1, {{"id", present.text()}})) {
      sql.execute("UPDATE store_keys SET retired_at = :now WHERE id = :id",
                  {{"now", transaction.now()}, {"id", row.text(0)}});
      transaction.audit({by, "key-retired", {}, {{"key", row.text(0)}}});
    }
    return rest;
  });
}

KeyStore::Forget SociKeyStore::forget(const KeyId& id, const Operator& by) {
  return write(context_, {"key-forget", "forgetting a key"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    if (lock_key_in_use(sql) == id) return Forget::InUse;
    const auto row = sql.row("SELECT forgotten_at FROM store_keys WHERE id = :id", 1, {{"id", id.text()}});
    if (count_by_key(sql)[id.text()].total() > 0) return Forget::Needed;
    if (!row) return Forget::Unknown;
    if (!row->is_null(0)) return Forget::AlreadyForgotten;
    sql.execute("UPDATE store_keys SET forgotten_at = :now WHERE id = :id",
                {{"now", transaction.now()}, {"id", id.text()}});
    transaction.audit({by, "key-forgotten", {}, {{"key", id.text()}}});
    return Forget::Forgotten;
  });
}

}  // namespace dialin
