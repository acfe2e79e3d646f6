// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/process_identity.h"
#include "keys/key_directory.h"
#include "store/access_numbers.h"
#include "store/lockout_rows.h"
#include "store/outbox.h"
#include "store/people_store.h"
#include "store/pin_store.h"
#include "store/policies.h"
#include "store/relays.h"
#include "store/runs.h"
#include "store/status.h"
#include "store/store.h"
#include "store/store_context.h"
#include "store/store_files.h"

namespace dialin {
namespace {

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
        lockouts_(context_) {}

  PeopleStore& people() override { return people_; }
  PinStore& pins() override { return pins_; }
  Outbox& outbox() override { return outbox_; }
  NumberStore& numbers() override { return numbers_; }
  RunStore& runs() override { return runs_; }
  RelayStore& relays() override { return relays_; }
  PolicyStore& policies() override { return policies_; }
  LockoutStore& lockouts() override { return lockouts_; }
  StoreStatus status() override { return read_status(context_); }
  std::string credential_stamp(const Secret& password) override {
    return context_.seals.credential_stamp(password);
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

StoreMeta write_first_row(SociSession& sql, const StoreOpening& opening, const std::string& key_id) {
  StoreMeta meta{opening.newest(), new_identifier(opening.random), key_id};
  sql.execute(
      "INSERT INTO store_meta (one, schema_version, store_id, key_id, created_at) VALUES (1, :version, "
      ":store_id, "
      ":key_id, :now)",
      {{"version", meta.schema_version},
       {"store_id", meta.store_id},
       {"key_id", meta.key_id},
       {"now", sql.now()}});
  return meta;
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

std::unique_ptr<Store> open_store_with(const StoreOpening& opening) {
  if (opening.location.data_directory.empty())
    throw Error(ErrorCode::Internal, "a store was opened without a data directory");
  std::optional<OpenedStore> opened =
      opening.location.url.empty() ? open_sqlite_store(opening) : open_postgresql_store(opening);
  if (!opened) return nullptr;
  const std::optional<KeyId> key_id = KeyId::parse(opened->meta.key_id);
  if (!key_id)
    throw Error(ErrorCode::Configuration, "the store names no key that can be read",
                "Bring it back from a backup.");
  Key key = KeyDirectory(opening.key_directory(), opening.random).load(*key_id);
  const std::string store_id = opened->meta.store_id;
  return std::make_unique<SociStore>(StoreContext{.session = std::move(opened->session),
                                                  .random = opening.random,
                                                  .clock = opening.clock,
                                                  .checkpoints = opening.checkpoints,
                                                  .seals = Seals(std::move(key), store_id, opening.random),
                                                  .store_id = store_id,
                                                  .key_id = opened->meta.key_id,
                                                  .schema_version = opened->meta.schema_version,
                                                  .host = this_process().host});
}

std::unique_ptr<Store> open_store(const StoreLocation& location, OpenMode mode, Clock& clock,
                                  RandomSource& random, Checkpoints& checkpoints,
                                  const std::function<void(const std::string&)>& announce) {
  return open_store_with({location, mode, clock, random, checkpoints, announce, built_in_schema()});
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
