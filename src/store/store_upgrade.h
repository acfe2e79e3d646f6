// SPDX-License-Identifier: Apache-2.0
// Bringing a PostgreSQL store to the newest schema. A SQLite store is brought up by open_store() itself,
// because nobody else can be using it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace dialin {

struct StoreUpgrade {
  std::string place;  // database and server, without a password
  int from = 0;
  int to = 0;
  std::vector<std::string> steps;  // in words, each with its number; empty: nothing to do
};

// Changes nothing. Nothing if there is no store. `location` has an url. Error(Configuration): a newer schema.
std::optional<StoreUpgrade> plan_upgrade(const StoreLocation& location, Clock& clock, RandomSource& random,
                                         Checkpoints& checkpoints);

// One transaction under the lock that also guards the first use; what another process has done meanwhile is
// not done again. Checkpoints before-commit-upgrade and after-commit-upgrade.
void upgrade_store(const StoreLocation& location, Clock& clock, RandomSource& random,
                   Checkpoints& checkpoints);

}  // namespace dialin
