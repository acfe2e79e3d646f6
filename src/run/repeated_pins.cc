// SPDX-License-Identifier: Apache-2.0
#include "run/repeated_pins.h"

#include <sodium.h>

#include <cstring>

#include "base/libsodium.h"

namespace dialin {

RepeatedPins::RepeatedPins() {
  require_libsodium();
  static_assert(crypto_shorthash_KEYBYTES == 16);
  randombytes_buf(key_.data(), key_.size());
}

RepeatedPins::~RepeatedPins() {
  sodium_memzero(key_.data(), key_.size());
}

bool RepeatedPins::note(const Pin& pin) {
  const std::string_view digits = pin.reveal(ClearPinAccess());
  unsigned char hash[crypto_shorthash_BYTES];
  crypto_shorthash(hash, reinterpret_cast<const unsigned char*>(digits.data()), digits.size(), key_.data());
  std::uint64_t number = 0;
  static_assert(sizeof number == sizeof hash);
  std::memcpy(&number, hash, sizeof number);
  return !seen_.insert(number).second;
}

}  // namespace dialin
