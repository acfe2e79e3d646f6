// SPDX-License-Identifier: Apache-2.0
// A head of an audit chain, signed: whoever has one from outside the store can tell whether anything up to it
// was changed since.
//
// As a line, which is what the journal gets (no value holds a space but `chain`, where it is escaped as %20):
//
//   dialin-audit-head v1 store=<store id> chain=<host> number=<n> hash=<hex> at=<microseconds> chains=<n>
//   key=<base64> signature=<base64>
//
// Signed (Ed25519) is everything before " signature=".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "keys/signing_key.h"

namespace dialin {

struct SignedHead {
  std::string store_id;
  std::string chain;        // the host
  std::int64_t number = 0;  // of the chain's last line
  std::string hash;         // of that line
  std::int64_t at = 0;      // microseconds since 1970, UTC
  std::int64_t chains = 0;  // that the store had
  std::string public_key;   // base64
  std::string signature;    // base64

  std::string line() const;
  // By the key that it names, whosever that is.
  bool is_signed() const;
  bool operator==(const SignedHead&) const = default;
};

// `head` without key and signature; fills them in.
void sign_head(SignedHead& head, const SigningKey& key);

// Finds a head in a line, whatever a logger has written before it; nothing if there is none. What looks like
// one and cannot be read is a head without signature: is_signed() is false.
std::optional<SignedHead> parse_head(std::string_view line);

}  // namespace dialin
