// SPDX-License-Identifier: Apache-2.0
// What `dialin status` shows of a store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/records.h"
#include "store/relay_store.h"
#include "store/run_records.h"

namespace dialin {

struct StoreStatus {
  std::string backend;   // "SQLite 3.40.1", "PostgreSQL 15.8"
  std::string location;  // path, or connection without password
  int schema_version = 0;
  std::string store_id;
  std::string key_id;
  std::optional<bool> key_opens_seals;  // what was sealed last; nothing: nothing is sealed yet
  std::int64_t people = 0;
  std::int64_t people_disabled = 0;
  std::int64_t pins_set = 0;
  std::int64_t pins_locked = 0;
  std::vector<std::pair<WelcomeState, std::int64_t>> welcomes;  // every state, in order
  std::vector<std::pair<WelcomeState, std::int64_t>> copies;
  std::vector<std::pair<WelcomeState, std::int64_t>> notices;
  std::vector<std::pair<RunState, std::int64_t>> runs;  // every state, in order
  std::int64_t runs_paused = 0;                         // of those that are ready
  std::vector<Pause> pauses;
  // Those that have a limit, that complained, or that somebody is connected to.
  std::vector<std::pair<Relay, RelayState>> relays;
  std::int64_t people_without_region = 0;  // enabled ones
  std::int64_t access_numbers = 0;
  std::int64_t audit_lines = 0;
  std::optional<Timestamp> newest_audit_line;
};

}  // namespace dialin
