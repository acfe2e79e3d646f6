// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <span>

#include "base/process_identity.h"
#include "keys/key_directory.h"
#include "store/access_numbers.h"
#include "store/audit_reading.h"
#include "store/lockout_rows.h"
#include "store/outbox.h"
#include "store/people_store.h"
#include "store/pin_store.h"
#include "store/policies.h"
#include "store/refused_command.h"
#include "store/relays.h"
#include "store/runs.h"
#include "store/status.h"
#include "store/store.h"
#include "store/store_context.h"
#include "store/store_files.h"
#include "store/store_keys.h"

namespace dialin {
namespace {

constexpr int kSchemaWithKeys = 6;

class SociStore final : public Store {
 public:
  explicit SociStore(StoreContext context)
      : context_(std::move(context)),
        people_(context_),
        pins_(context_),
        outbox_(context_),
        numbers_(context_),
        runs_(context_),
        relays_(context_),
        policies_(context_),
        lockouts_(context_),
        keys_(context_),
        audit_(context_) {}

  PeopleStore& people() override { return people_; }
  PinStore& pins() override { return pins_; }
  Outbox& outbox() override { return outbox_; }
  NumberStore& numbers() override { return numbers_; }
  RunStore& runs() override { return runs_; }
  RelayStore& relays() override { return relays_; }
  PolicyStore& policies() override { return policies_; }
  LockoutStore& lockouts() override { return lockouts_; }
  KeyStore& keys() override { return keys_; }
  AuditTrail& audit() override { return audit_; }
  StoreStatus status() override { return read_status(context_); }
  std::string credential_stamp(const Secret& password) override {
    return stamp(context_, "credential", password);
  }

 private:
  StoreContext context_;
  SociPeopleStore people_;
  SociPinStore pins_;
  SociOutbox outbox_;
  SociNumberStore numbers_;
  SociRunStore runs_;
  SociRelayStore relays_;
  SociPolicyStore policies_;
  SociLockoutStore lockouts_;
  SociKeyStore keys_;
  SociAuditTrail audit_;
};

}  // namespace

StoreMeta read_meta(SociSession& sql) {
  const auto row = sql.row("SELECT schema_version, store_id, key_id FROM store_meta WHERE one = 1", 3);
  if (!row)
    throw Error(ErrorCode::Configuration,
                fmt::format("the store {} has lost the row that names its key", sql.place()),
                "Bring it back from a backup.");
  return {static_cast<int>(row->integer(0)), row->text(1), row->text(2)};
}

StoreMeta write_first_row(SociSession& sql, const StoreOpening& opening, const KeyId& key) {
  StoreMeta meta{opening.newest(), new_identifier(opening.random), key.text()};
  const Timestamp now = sql.now();
  sql.execute(
      "INSERT INTO store_meta (one, schema_version, store_id, key_id, created_at) VALUES (1, :version, "
      ":store_id, "
      ":key_id, :now)",
      {{"version", meta.schema_version}, {"store_id", meta.store_id}, {"key_id", meta.key_id}, {"now", now}});
  if (opening.newest() >= kSchemaWithKeys) {
    insert_first_key(sql, key, now);
    write_stamp_key(sql, seals_of(opening, meta).under(key), opening.random);
  }
  return meta;
}

Seals seals_of(const StoreOpening& opening, const StoreMeta& meta) {
  return {KeyRing(KeyDirectory(opening.key_directory(), opening.random), opening.random), meta.store_id};
}

void complete_keys(SociSession& sql, const StoreOpening& opening, const StoreMeta& meta) {
  if (opening.newest() < kSchemaWithKeys || meta.schema_version >= kSchemaWithKeys) return;
  write_stamp_key(sql, seals_of(opening, meta).under(key_in_use(sql)), opening.random);
}

void run_steps(SociSession& sql, const StoreOpening& opening, int version) {
  for (const SchemaStep& step : opening.schema) {
    if (step.number > version) sql.execute_script(step.text);
  }
}

void refuse_newer_schema(const SociSession& sql, const StoreMeta& meta, const StoreOpening& opening) {
  throw Error(ErrorCode::Configuration,
              fmt::format("the store {} was made by a newer dialin: it has schema {}, this program knows {}",
                          sql.place(), meta.schema_version, opening.newest()),
              "Use the newer program.");
}

namespace {

// Nothing if there is no store, and none is to be made.
std::optional<StoreContext> open_context(const StoreOpening& opening) {
  if (opening.location.data_directory.empty())
    throw Error(ErrorCode::Internal, "a store was opened without a data directory");
  std::optional<OpenedStore> opened =
      opening.location.url.empty() ? open_sqlite_store(opening) : open_postgresql_store(opening);
  if (!opened) return std::nullopt;
  const std::optional<KeyId> key_id = KeyId::parse(opened->meta.key_id);
  if (!key_id)
    throw Error(ErrorCode::Configuration, "the store names no key that can be read",
                "Bring it back from a backup.");
  Seals seals = seals_of(opening, opened->meta);
  seals.under(*key_id);  // whoever lacks it finds out now
  const std::string store_id = opened->meta.store_id;
  std::byte slot_octet{};
  opening.random.fill(std::span(&slot_octet, 1));
  const auto slot = std::to_integer<std::int64_t>(slot_octet) % kCheckCountSlots;
  return StoreContext{.session = std::move(opened->session),
                      .random = opening.random,
                      .clock = opening.clock,
                      .checkpoints = opening.checkpoints,
                      .seals = std::move(seals),
                      .store_id = store_id,
                      .schema_version = opened->meta.schema_version,
                      .host = this_process().host,
                      .key_directory = KeyDirectory(opening.key_directory(), opening.random),
                      .journal = opening.journal,
                      .slot = slot};
}

}  // namespace

std::unique_ptr<Store> open_store_with(const StoreOpening& opening) {
  std::optional<StoreContext> context = open_context(opening);
  return context ? std::make_unique<SociStore>(std::move(*context)) : nullptr;
}

std::unique_ptr<Store> open_store(const StoreLocation& location, OpenMode mode, Clock& clock,
                                  RandomSource& random, Checkpoints& checkpoints,
                                  const std::function<void(const std::string&)>& announce, Journal* journal) {
  return open_store_with({location, mode, clock, random, checkpoints, announce, built_in_schema(), journal});
}

void record_refused_command(const StoreLocation& location, Clock& clock, RandomSource& random,
                            Checkpoints& checkpoints, const Operator& by, const std::string& command,
                            const std::string& why) {
  std::optional<StoreContext> context =
      open_context({location, OpenMode::MustExist, clock, random, checkpoints, [](const std::string&) {},
                    built_in_schema()});
  if (!context) return;
  run_transaction(*context, {"refuse", "recording a refused command"}, [&](WriteTransaction& transaction) {
    transaction.audit({by, "command-refused", {}, {{"command", command}, {"why", why}}});
  });
}

std::optional<StoreUpgrade> plan_upgrade(const StoreLocation& location, Clock& clock, RandomSource& random,
                                         Checkpoints& checkpoints) {
  return plan_upgrade_with(
      {location, OpenMode::MustExist, clock, random, checkpoints, nullptr, built_in_schema()});
}

void upgrade_store(const StoreLocation& location, Clock& clock, RandomSource& random,
                   Checkpoints& checkpoints) {
  upgrade_store_with({location, OpenMode::MustExist, clock, random, checkpoints, nullptr, built_in_schema()});
}

}  // namespace dialin
