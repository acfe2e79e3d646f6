// SPDX-License-Identifier: Apache-2.0
// How the store seals what it must not tell: verifiers, and the PINs of welcomes that wait. Every seal is
// bound to what it is for, to this store and to its person. Any thread.
#pragma once

#include <string>

#include "base/random_source.h"
#include "base/secret.h"
#include "keys/sealer.h"
#include "people/person.h"
#include "pin/pin.h"

namespace dialin {

class Seals {
 public:
  Seals(Key key, std::string store_id, RandomSource& random)
      : sealer_(std::move(key), random), store_id_(std::move(store_id)) {}

  std::string seal_verifier(const PersonId& person, const Secret& verifier) const;
  Secret open_verifier(const PersonId& person, const std::string& sealed) const;
  std::string seal_pin(const PersonId& person, const Pin& pin) const;
  Pin open_pin(const PersonId& person, const std::string& sealed) const;
  // Of the Pin column of a run's row that waits.
  std::string seal_row_pin(const PersonId& person, const Pin& pin) const;
  Pin open_row_pin(const PersonId& person, const std::string& sealed) const;

  // Tells whether two passwords are the same, and nothing else without the key.
  std::string credential_stamp(const Secret& password) const;
  // The same for a name that somebody claimed to have.
  std::string name_stamp(const std::string& name) const;

 private:
  std::string seal_digits(const char* purpose, const PersonId& person, const Pin& pin) const;
  Pin open_digits(const char* purpose, const PersonId& person, const std::string& sealed) const;
  SealContext context(const char* purpose, const PersonId& person) const {
    return {purpose, store_id_, person};
  }

  Sealer sealer_;
  std::string store_id_;
};

}  // namespace dialin
