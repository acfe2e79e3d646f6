// SPDX-License-Identifier: Apache-2.0
// What the commands about keys say alike.
#pragma once

#include <string>

#include "store/key_store.h"

namespace dialin {

// "InUse", "Former", ...
std::string words_of(StoredKey::State state);

// "3 PINs, 1 former PIN, 2 PINs of welcomes that wait"; "nothing".
std::string words_of(const SealedRows& rows);

}  // namespace dialin
