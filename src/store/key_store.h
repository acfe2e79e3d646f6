// SPDX-License-Identifier: Apache-2.0
// The store's part of changing its key: which keys it has had, and what is sealed under each. The keys
// themselves lie in the key directory (keys/key_directory.h).
//
// A key's life: made (its file is durable first), perhaps prepared (the store knows it and seals nothing
// under it yet, so that other hosts can get it), in use (exactly one is), former (what it sealed is sealed
// anew in batches), retired (nothing is left under it in this store, and nothing can come), forgotten (its
// file may be removed).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/operator.h"
#include "keys/key.h"

namespace dialin {

// How much is sealed under a key.
struct SealedRows {
  std::int64_t verifiers = 0;  // PINs that people have
  std::int64_t history = 0;    // PINs that people had
  std::int64_t welcomes = 0;   // PINs in welcomes and copies that wait
  std::int64_t run_rows = 0;   // PINs in rows of runs that wait

  std::int64_t total() const { return verifiers + history + welcomes + run_rows; }
};

struct StoredKey {
  enum class State { Prepared, InUse, Former, Retired, Forgotten };
  KeyId id;
  State state = State::InUse;
  Timestamp made_at;
  std::optional<Timestamp> used_since;
  std::optional<Timestamp> replaced_at;
  std::optional<Timestamp> retired_at;
  std::optional<Timestamp> forgotten_at;
  std::optional<Timestamp> exported_at;  // the last time, since it was made
  SealedRows rows;
};

// Where a re-encryption stands; a new one begins at the beginning. It need not be kept: what is done is
// passed over.
struct Reencryption {
  enum class Stage { RunRows, Welcomes, People, Done };
  Stage stage = Stage::RunRows;
  std::string after;            // a run, a welcome or a person
  std::int64_t after_line = 0;  // of the run
  SealedRows done;
  // Whose seals do not open, for somebody altered them: they stay as they are.
  std::vector<std::string> unreadable;
};

class KeyStore {
 public:
  virtual ~KeyStore() = default;
  // All that the store has ever named, the oldest first.
  virtual std::vector<StoredKey> list() = 0;
  virtual KeyId in_use() = 0;
  // When the key in use was last exported; nothing: never since it was made.
  virtual std::optional<Timestamp> exported_since_made() = 0;
  // Hosts besides this one that have written to the store: they need every key too.
  virtual std::vector<std::string> other_hosts() = 0;

  // `id` is a key of this store that `dialin key export` has written. Error(NotFound).
  virtual void note_export(const KeyId& id, const Operator& by) = 0;
  // The store knows the key `id` from now on and seals nothing under it. False: it knows it already.
  virtual bool prepare(const KeyId& id, const Operator& by) = 0;
  // From the commit on, everything is sealed under `id`, by every process. False: the key in use is no longer
  // `expected`, nothing was changed. The key's file is here and durable already.
  virtual bool use(const KeyId& id, const KeyId& expected, const Operator& by) = 0;
  // Seals up to `limit` rows anew under the key in use; false when nothing was left to look at. Several
  // processes may do so at once. Error(Configuration): a key is not here.
  virtual bool reencrypt(Reencryption& at, std::size_t limit) = 0;
  // Retires all former keys. What is left under others than the key in use: if anything is, nothing was
  // changed.
  virtual SealedRows retire(const Operator& by) = 0;

  enum class Forget { Forgotten, AlreadyForgotten, InUse, Needed, Unknown };
  // The store will not ask for the key `id` again: its file may be removed. Needed: something is sealed under
  // it.
  virtual Forget forget(const KeyId& id, const Operator& by) = 0;
};

}  // namespace dialin
