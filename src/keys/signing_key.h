// SPDX-License-Identifier: Apache-2.0
// The key with which a host signs the heads of its audit chain (Ed25519, RFC 8032). It seals nothing: who has
// it can write heads in the host's name, and no more; who loses it loses nothing but that.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace dialin {

class SigningKey {
 public:
  static constexpr std::size_t SeedSize = 32;  // octets

  // Nothing if `seed` is not 32 octets.
  static std::optional<SigningKey> from_seed(Secret seed);

  // Base64 of 32 octets. It may be shown, and kept elsewhere to verify with.
  const std::string& public_key() const { return public_key_; }
  const Secret& seed() const { return seed_; }
  // Base64 of 64 octets.
  std::string sign(std::string_view text) const;

 private:
  SigningKey(Secret seed, std::string public_key)
      : seed_(std::move(seed)), public_key_(std::move(public_key)) {}
  Secret seed_;
  std::string public_key_;
};

// False too for what is no public key or no signature.
bool is_signed_by(std::string_view text, std::string_view signature, std::string_view public_key);

// The content of its file, one line ended by LF: dialin-signing-key-v1 <base64 of the seed>
Secret write_signing_key(const SigningKey& key);
std::optional<SigningKey> read_signing_key(const Secret& content);

}  // namespace dialin
