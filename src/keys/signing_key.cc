// SPDX-License-Identifier: Apache-2.0
#include "keys/signing_key.h"

#include <sodium.h>

#include <cstring>

#include "base/encoding.h"
#include "base/error.h"

namespace dialin {
namespace {

static_assert(SigningKey::SeedSize == crypto_sign_SEEDBYTES);

constexpr std::string_view Format = "dialin-signing-key-v1 ";
// Counted with the terminating zero that libsodium writes.
constexpr std::size_t Base64Size =
    sodium_base64_ENCODED_LEN(SigningKey::SeedSize, sodium_base64_VARIANT_ORIGINAL);

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}

// The long form of the key, which libsodium signs with; its second half is the public key.
Secret expand(const Secret& seed, std::string& public_key) {
  Secret key = Secret::of_size(crypto_sign_SECRETKEYBYTES);
  public_key.resize(crypto_sign_PUBLICKEYBYTES);
  crypto_sign_seed_keypair(octets(public_key.data()), octets(key.reveal_mutable(ClearSecretAccess())),
                           octets(seed.reveal(ClearSecretAccess())));
  return key;
}

}  // namespace

std::optional<SigningKey> SigningKey::from_seed(Secret seed) {
  if (seed.size() != SeedSize) return std::nullopt;
  std::string public_key;
  expand(seed, public_key);
  return SigningKey(std::move(seed), to_base64(public_key));
}

std::string SigningKey::sign(std::string_view text) const {
  std::string public_key;
  const Secret key = expand(seed_, public_key);
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(octets(signature.data()), nullptr, octets(text), text.size(),
                       octets(key.reveal(ClearSecretAccess())));
  return to_base64(signature);
}

bool is_signed_by(std::string_view text, std::string_view signature, std::string_view public_key) {
  const std::optional<std::string> key = from_base64(public_key);
  const std::optional<std::string> signed_with = from_base64(signature);
  return key && signed_with && key->size() == crypto_sign_PUBLICKEYBYTES &&
         signed_with->size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(octets(*signed_with), octets(text), text.size(), octets(*key)) == 0;
}

Secret write_signing_key(const SigningKey& key) {
  Secret content = Secret::of_size(Format.size() + Base64Size);
  char* const text = content.reveal_mutable(ClearSecretAccess());
  std::memcpy(text, Format.data(), Format.size());
  // Not to_base64: it returns a string that nobody wipes.
  sodium_bin2base64(text + Format.size(), Base64Size, octets(key.seed().reveal(ClearSecretAccess())),
                    SigningKey::SeedSize, sodium_base64_VARIANT_ORIGINAL);
  text[content.size() - 1] = '\n';
  return content;
}

std::optional<SigningKey> read_signing_key(const Secret& content) {
  std::string_view text = content.reveal(ClearSecretAccess());
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (text.substr(0, Format.size()) != Format) return std::nullopt;
  text.remove_prefix(Format.size());
  Secret seed = Secret::of_size(SigningKey::SeedSize);
  std::size_t size = 0;
  if (sodium_base642bin(octets(seed.reveal_mutable(ClearSecretAccess())), seed.size(), text.data(),
                        text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      size != SigningKey::SeedSize) {
    return std::nullopt;
  }
  return SigningKey::from_seed(std::move(seed));
}

}  // namespace dialin
