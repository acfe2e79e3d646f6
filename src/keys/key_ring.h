// SPDX-License-Identifier: Apache-2.0
// The keys of one store, as far as this process has needed them: while a store changes its key, two are in
// use, and a process that runs for days meets keys that were made after it had begun.
//
// A key is read from the key directory when it is first asked for, and kept. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "keys/key_directory.h"
#include "keys/sealer.h"

namespace dialin {

class KeyRing {
 public:
  // `random` outlives this object.
  KeyRing(KeyDirectory directory, RandomSource& random);
  KeyRing(KeyRing&&) = default;

  // Errors as KeyDirectory::load(). The sealer lives as long as the ring.
  const Sealer& sealer(const KeyId& id) const;

 private:
  struct Loaded {
    std::mutex access;
    std::map<KeyId, std::unique_ptr<const Sealer>> sealers;
  };

  KeyDirectory directory_;
  RandomSource* random_;
  std::unique_ptr<Loaded> loaded_;
};

}  // namespace dialin
