// SPDX-License-Identifier: Apache-2.0
// The keys that the store names (store/key_store.h), and keyed digests.
//
// Order of locks: the row of store_meta may be waited for under any other but the audit head. Who changes the
// key in use locks that row first, and after it the audit head only.
#pragma once

#include "store/key_store.h"
#include "store/store_context.h"

namespace dialin {

// The row of a new store's first key, and the stamp key, sealed under `seals`.
void insert_first_key(SociSession& sql, const KeyId& id, Timestamp made_at);
void write_stamp_key(SociSession& sql, const SealsUnder& seals, RandomSource& random);

// A keyed digest, 64 hexadecimal digits: tells whether two are the same, and without the key nothing else.
// The key for it (the stamp key) stands sealed in the store and stays when the store changes its key, because
// what was digested is not there to be digested again.
std::string stamp(StoreContext& context, std::string_view purpose, const Secret& data);

class SociKeyStore final : public KeyStore {
 public:
  explicit SociKeyStore(StoreContext& context) : context_(context) {}

  std::vector<StoredKey> list() override;
  KeyId in_use() override;
  std::optional<Timestamp> exported_since_made() override;
  std::vector<std::string> other_hosts() override;
  void note_export(const KeyId& id, const Operator& by) override;
  bool prepare(const KeyId& id, const Operator& by) override;
  bool use(const KeyId& id, const KeyId& expected, const Operator& by) override;
  bool reencrypt(Reencryption& at, std::size_t limit) override;
  SealedRows retire(const Operator& by) override;
  Forget forget(const KeyId& id, const Operator& by) override;

 private:
  StoreContext& context_;
};

}  // namespace dialin
