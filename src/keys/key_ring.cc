// SPDX-License-Identifier: Apache-2.0
#include "keys/key_ring.h"

namespace dialin {

KeyRing::KeyRing(KeyDirectory directory, RandomSource& random)
    : directory_(std::move(directory)), random_(&random), loaded_(std::make_unique<Loaded>()) {}

const Sealer& KeyRing::sealer(const KeyId& id) const {
  const std::lock_guard guard(loaded_->access);
  auto found = loaded_->sealers.find(id);
  if (found == loaded_->sealers.end()) {
    found = loaded_->sealers.emplace(id, std::make_unique<const Sealer>(directory_.load(id), *random_)).first;
  }
  return *found->second;
}

}  // namespace dialin
