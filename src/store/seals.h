// SPDX-License-Identifier: Apache-2.0
// How the store seals what it must not tell: verifiers, and the PINs of welcomes that wait. Every seal is
// bound to what it is for, to this store and to its person. Any thread.
//
// What is read may be sealed under any key of the store; what is written is sealed under the key that the
// store names at that moment: WriteTransaction::seals() finds out which.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random_source.h"
#include "base/secret.h"
#include "keys/key_ring.h"
#include "people/person.h"
#include "pin/pin.h"

namespace dialin {

// What a sealed text is for.
enum class SealPurpose {
  Verifier,
  WelcomePin,  // of a row of the outbox
  RowPin,      // of the Pin column of a run's row that waits
  StampKey,    // of the store itself, see store/store_keys.h
};

// Seals under one key.
class SealsUnder {
 public:
  SealsUnder(const Sealer& sealer, std::string store_id) : sealer_(&sealer), store_id_(std::move(store_id)) {}

  const KeyId& key_id() const { return sealer_->key_id(); }
  std::string seal(SealPurpose purpose, const PersonId& person, const Secret& clear) const;
  std::string seal_verifier(const PersonId& person, const Secret& verifier) const;
  std::string seal_pin(const PersonId& person, const Pin& pin) const;
  std::string seal_row_pin(const PersonId& person, const Pin& pin) const;

 private:
  const Sealer* sealer_;
  std::string store_id_;
};

class Seals {
 public:
  Seals(KeyRing ring, std::string store_id) : ring_(std::move(ring)), store_id_(std::move(store_id)) {}

  // Error(Configuration) if the key is not here.
  SealsUnder under(const KeyId& key) const { return {ring_.sealer(key), store_id_}; }

  // Errors of Sealer::open(); Error(Configuration) if the key that sealed it is not here.
  Secret open(SealPurpose purpose, const PersonId& person, std::string_view sealed) const;
  Secret open_verifier(const PersonId& person, const std::string& sealed) const;
  Pin open_pin(const PersonId& person, const std::string& sealed) const;
  Pin open_row_pin(const PersonId& person, const std::string& sealed) const;

 private:
  KeyRing ring_;
  std::string store_id_;
};

}  // namespace dialin
