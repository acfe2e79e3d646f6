// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.h"

#include <sodium.h>

namespace dialin {
namespace {

constexpr int Variant = sodium_base64_VARIANT_ORIGINAL;

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  // The length that libsodium names and writes includes a terminating zero.
  std::string text(sodium_base64_encoded_len(bytes.size(), Variant), '\0');
  sodium_bin2base64(text.data(), text.size(), octets(bytes), bytes.size(), Variant);
  text.pop_back();
  return text;
}

std::string to_base64(std::span<const std::byte> bytes) {
  return to_base64(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  std::size_t length = 0;
  // Without an end pointer libsodium refuses whatever is left over after the last valid character; it also
  // refuses missing padding and stray bits in the last character.
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &length, nullptr, Variant) != 0) {
    return std::nullopt;
  }
  bytes.resize(length);
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), octets(bytes), bytes.size());
  text.pop_back();
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()), octets(bytes), bytes.size());
  return to_hex(digest);
}

Sha256::Sha256() {
  static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(state_) &&
                alignof(crypto_hash_sha256_state) <= alignof(Sha256));
  static_assert(std::is_trivially_copyable_v<crypto_hash_sha256_state>);
  crypto_hash_sha256_init(reinterpret_cast<crypto_hash_sha256_state*>(state_.data()));
}

void Sha256::add(std::string_view bytes) {
  crypto_hash_sha256_update(reinterpret_cast<crypto_hash_sha256_state*>(state_.data()), octets(bytes),
                            bytes.size());
}

std::string Sha256::hex() const {
  auto ending = state_;
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256_final(reinterpret_cast<crypto_hash_sha256_state*>(ending.data()),
                           reinterpret_cast<unsigned char*>(digest.data()));
  return to_hex(digest);
}

}  // namespace dialin
