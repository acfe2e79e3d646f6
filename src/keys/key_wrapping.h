// SPDX-License-Identifier: Apache-2.0
// A key as text that may lie in a safe, travel by mail or stand in a password manager, for who knows the
// passphrase: Argon2id (256 MiB, 3 passes: about a second) makes a key of the passphrase, XChaCha20-Poly1305
// encrypts with it, and the header lines are authenticated with it.
//
//   -----BEGIN DIALIN KEY-----
//   Version: 1
//   Key: 0123456789abcdef
//   Derivation: argon2id 262144 3
//   Salt: <base64, 16 octets>
//   Nonce: <base64, 24 octets>
//   Data: <base64, 48 octets>
//   -----END DIALIN KEY-----
//
// Lines may end in LF or CR LF; text before the first and after the last line is ignored.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/random_source.h"
#include "base/secret.h"
#include "keys/key.h"

namespace dialin {

// A shorter passphrase is refused when a key is exported.
constexpr std::size_t MinimumPassphraseOctets = 12;

// Throws Error(InvalidInput) if the passphrase is too short, Error(TryAgain) if there is no memory for the
// derivation.
std::string wrap_key(const Key& key, const Secret& passphrase, RandomSource& random);

// Throws Error(InvalidInput) if `text` is not such a block, or the passphrase is wrong, or the block was
// altered (the last two cannot be told apart); Error(TryAgain) as above.
Key unwrap_key(std::string_view text, const Secret& passphrase);

}  // namespace dialin
