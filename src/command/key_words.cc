// SPDX-License-Identifier: Apache-2.0
#include "command/key_words.h"

#include <fmt/format.h>

namespace dialin {

std::string words_of(StoredKey::State state) {
  switch (state) {
    case StoredKey::State::Prepared:
      return "Prepared";
    case StoredKey::State::InUse:
      return "InUse";
    case StoredKey::State::Former:
      return "Former";
    case StoredKey::State::Retired:
      return "Retired";
    case StoredKey::State::Forgotten:
      return "Forgotten";
  }
  return {};
}

std::string words_of(const SealedRows& rows) {
  std::string words;
  const auto add = [&](std::int64_t count, const char* one, const char* many) {
    if (count == 0) return;
    if (!words.empty()) words += ", ";
    words += fmt::format("{} {}", count, count == 1 ? one : many);
  };
  add(rows.verifiers, "PIN", "PINs");
  add(rows.history, "PIN of a history", "PINs of histories");
  add(rows.welcomes, "PIN of a welcome that waits", "PINs of welcomes that wait");
  add(rows.run_rows, "PIN of a run", "PINs of runs");
  return words.empty() ? "nothing" : words;
}

}  // namespace dialin
