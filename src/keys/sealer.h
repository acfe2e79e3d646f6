// SPDX-License-Identifier: Apache-2.0
// Sealing what stands in the store and must be read again: verifiers, and the PINs of welcomes that wait.
//
// A sealed text is "v1.<key id>.<base64>": XChaCha20-Poly1305 (libsodium) with a random nonce. It opens only
// with the same key and in the same context: purpose, store, person. So a row copied to another person, from
// another store or into another column does not open. Clear texts are padded to a multiple of 32 octets, so
// that a sealed PIN does not tell how long it is.
//
// To change keys, open with the sealer of the former key and seal with that of the new one.
// Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random_source.h"
#include "base/secret.h"
#include "keys/key.h"

namespace dialin {

// What a sealed text is bound to. None of the three is secret.
struct SealContext {
  std::string_view purpose;    // a constant of the caller: "pin verifier"
  std::string_view store_id;   // the store's random id
  std::string_view person_id;  // the person's internal id, which never changes
};

class Sealer {
 public:
  // `random` outlives this object.
  Sealer(Key key, RandomSource& random);

  const KeyId& key_id() const { return key_.id(); }

  std::string seal(const Secret& clear, const SealContext& context) const;

  // Throws Error(Configuration) if another key sealed it (it names both), Error(Internal) if it is no sealed
  // text, was altered, or belongs to another context. Messages name the purpose and key ids, never content.
  Secret open(std::string_view sealed, const SealContext& context) const;

  // A keyed hash of `data` for `purpose`, 64 hexadecimal digits: tells whether two are the same, and without
  // the key nothing else.
  std::string mac(std::string_view purpose, const Secret& data) const;

  // The key that sealed it; nothing if this is no sealed text. Does not prove that it opens.
  static std::optional<KeyId> key_of(std::string_view sealed);

 private:
  Key key_;
  RandomSource* random_;
};

}  // namespace dialin
