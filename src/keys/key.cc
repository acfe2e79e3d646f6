// SPDX-License-Identifier: Apache-2.0
#include "keys/key.h"

#include <sodium.h>

#include <algorithm>

#include "base/encoding.h"

namespace dialin {
namespace {

constexpr std::size_t IdLength = 16;

}  // namespace

std::optional<KeyId> KeyId::parse(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() != IdLength || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  return KeyId(std::string(text));
}

std::optional<Key> Key::from_octets(Secret octets) {
  if (octets.size() != Size) return std::nullopt;
  // Hashed together with a word of its own, so that the name equals no other hash of the same octets.
  constexpr std::string_view Word = "dialin key id";
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(Word.data()), Word.size());
  crypto_hash_sha256_update(
      &state, reinterpret_cast<const unsigned char*>(octets.reveal(ClearSecretAccess()).data()), Size);
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256_final(&state, reinterpret_cast<unsigned char*>(digest.data()));
  wipe(&state, sizeof state);
  std::optional<KeyId> id = KeyId::parse(to_hex(digest).substr(0, IdLength));
  return Key(std::move(*id), std::move(octets));
}

}  // namespace dialin
