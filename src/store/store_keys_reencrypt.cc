// SPDX-License-Identifier: Apache-2.0
// Sealing anew, in batches, what former keys sealed.
//
// Runs' rows come before welcomes and welcomes before people, but any order would do: since the key in use
// was changed nothing is sealed under a former one, and what is copied as it stands (a PIN into the history)
// is copied under its person's lock, which this takes too.
#include <fmt/format.h>

#include "base/error.h"
#include "store/sql_lists.h"
#include "store/store_keys.h"

namespace dialin {
namespace {

// What one batch works with.
struct Batch {
  WriteTransaction& transaction;
  const SealsUnder& seals;
  Reencryption& at;
  std::size_t limit;

  SociSession& sql() { return transaction.sql(); }
  Binds binds(Binds others) const {
    others.push_back({"key", seals.key_id().text()});
    others.push_back({"limit", limit});
    return others;
  }
};

// Nothing if it does not open: somebody altered it, and it stays for whoever looks into that. A key that is
// not here is no reason to pass on: Error(Configuration).
std::optional<std::string> seal_anew(Batch& batch, SealPurpose purpose, const PersonId& person,
                                     const std::string& sealed) {
  try {
    return batch.seals.seal(purpose, person, batch.transaction.context().seals.open(purpose, person, sealed));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Internal) throw;
    batch.at.unreadable.push_back(person);
    return std::nullopt;
  }
}

void next_stage(Reencryption& at, Reencryption::Stage stage) {
  at.stage = stage;
  at.after.clear();
  at.after_line = 0;
}

void reencrypt_run_rows(Batch& batch) {
  const std::vector<SqlRow> rows = batch.sql().rows(
      fmt::format(
          "SELECT run, line, person, seal FROM run_rows WHERE state = 'waiting' AND seal IS NOT NULL "
          "AND substr(seal, 4, 16) <> :key AND (run > :run OR (run = :run AND line > :line)) ORDER BY "
          "run, line LIMIT :limit{}",
          batch.sql().for_update()),
      4, batch.binds({{"run", batch.at.after}, {"line", batch.at.after_line}}));
  SqlValues values({"TEXT", "BIGINT", "TEXT"});
  for (const SqlRow& row : rows) {
    batch.at.after = row.text(0);
    batch.at.after_line = row.integer(1);
    if (const auto seal = seal_anew(batch, SealPurpose::RowPin, row.text(2), row.text(3))) {
      values.add({row.text(0), row.integer(1), *seal});
      ++batch.at.done.run_rows;
    }
  }
  if (!values.empty())
    batch.sql().execute(fmt::format("UPDATE run_rows SET seal = v.column3 FROM (VALUES {}) AS v WHERE "
                                    "run_rows.run = v.column1 AND run_rows.line = v.column2",
                                    values.text()),
                        values.take_binds());
  if (rows.empty()) next_stage(batch.at, Reencryption::Stage::Welcomes);
}

void reencrypt_welcomes(Batch& batch) {
  const std::vector<SqlRow> rows = batch.sql().rows(
      fmt::format(
          "SELECT id, person, seal FROM welcomes WHERE state IN ('queued', 'sending', 'uncertain') AND "
          "seal IS NOT NULL AND substr(seal, 4, 16) <> :key AND id > :after ORDER BY id LIMIT :limit{}",
          batch.sql().for_update()),
      3, batch.binds({{"after", batch.at.after}}));
  SqlValues values({"TEXT", "TEXT"});
  for (const SqlRow& row : rows) {
    batch.at.after = row.text(0);
    if (const auto seal = seal_anew(batch, SealPurpose::WelcomePin, row.text(1), row.text(2))) {
      values.add({row.text(0), *seal});
      ++batch.at.done.welcomes;
    }
  }
  if (!values.empty())
    batch.sql().execute(fmt::format("UPDATE welcomes SET seal = v.column2 FROM (VALUES {}) AS v WHERE "
                                    "welcomes.id = v.column1",
                                    values.text()),
                        values.take_binds());
  if (rows.empty()) next_stage(batch.at, Reencryption::Stage::People);
}

void reencrypt_history(Batch& batch, const std::vector<PersonId>& people) {
  SqlValues values({"TEXT", "BIGINT", "TEXT"});
  in_lists(people, [&](const std::string& list, Binds binds) {
    binds.push_back({"key", batch.seals.key_id().text()});
    for (const SqlRow& row : batch.sql().rows("SELECT person, version, verifier FROM pin_history WHERE "
                                              "substr(verifier, 4, 16) <> :key AND person IN " +
                                                  list,
                                              3, binds)) {
      if (const auto seal = seal_anew(batch, SealPurpose::Verifier, row.text(0), row.text(2))) {
        values.add({row.text(0), row.integer(1), *seal});
        ++batch.at.done.history;
      }
    }
  });
  if (!values.empty())
    batch.sql().execute(fmt::format("UPDATE pin_history SET verifier = v.column3 FROM (VALUES {}) AS v WHERE "
                                    "pin_history.person = v.column1 AND pin_history.version = v.column2",
                                    values.text()),
                        values.take_binds());
}

// PINs and their history, under the locks of their people.
void reencrypt_people(Batch& batch) {
  const std::vector<SqlRow> rows = batch.sql().rows(
      fmt::format(
          "SELECT person, verifier FROM pins WHERE person > :after AND ((verifier IS NOT NULL AND "
          "substr(verifier, 4, 16) <> :key) OR EXISTS (SELECT 1 FROM pin_history WHERE "
          "pin_history.person = pins.person AND substr(pin_history.verifier, 4, 16) <> :key)) ORDER BY "
          "person LIMIT :limit{}",
          batch.sql().for_update()),
      2, batch.binds({{"after", batch.at.after}}));
  std::vector<PersonId> people;
  SqlValues values({"TEXT", "TEXT"});
  for (const SqlRow& row : rows) {
    people.push_back(row.text(0));
    batch.at.after = row.text(0);
    // Waiting for the lock, somebody else may have sealed it anew.
    if (row.is_null(1) || Sealer::key_of(row.text(1)) == batch.seals.key_id()) continue;
    if (const auto seal = seal_anew(batch, SealPurpose::Verifier, row.text(0), row.text(1))) {
      values.add({row.text(0), *seal});
      ++batch.at.done.verifiers;
    }
  }
  if (!values.empty())
    batch.sql().execute(
        fmt::format(
            "UPDATE pins SET verifier = v.column2 FROM (VALUES {}) AS v WHERE pins.person = v.column1",
            values.text()),
        values.take_binds());
  reencrypt_history(batch, people);
  if (rows.empty()) next_stage(batch.at, Reencryption::Stage::Done);
}

}  // namespace

bool SociKeyStore::reencrypt(Reencryption& at, std::size_t limit) {
  if (at.stage == Reencryption::Stage::Done) return false;
  at = write(context_, {"key-reencrypt", "sealing anew under another key"},
             [&](WriteTransaction& transaction) {
               Reencryption next = at;
               Batch batch{transaction, transaction.seals(), next, limit};
               switch (at.stage) {
                 case Reencryption::Stage::RunRows:
                   reencrypt_run_rows(batch);
                   break;
                 case Reencryption::Stage::Welcomes:
                   reencrypt_welcomes(batch);
                   break;
                 case Reencryption::Stage::People:
                   reencrypt_people(batch);
                   break;
                 case Reencryption::Stage::Done:
                   break;
               }
               return next;
             });
  return at.stage != Reencryption::Stage::Done;
}

}  // namespace dialin
