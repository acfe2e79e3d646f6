// SPDX-License-Identifier: Apache-2.0
// A key that seals what the store must not tell: 32 random octets and their name.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace dialin {

// The name of a key: 16 lower-case hexadecimal digits, the beginning of a hash of the key. So it tells
// nothing about the key, two keys never share one, and a key file with the wrong content is found out when it
// is read. It may be shown, logged and stored.
class KeyId {
 public:
  // Nothing if `text` is not 16 lower-case hexadecimal digits.
  static std::optional<KeyId> parse(std::string_view text);

  const std::string& text() const { return text_; }
  bool operator==(const KeyId&) const = default;
  auto operator<=>(const KeyId&) const = default;

 private:
  explicit KeyId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

class Key {
 public:
  static constexpr std::size_t Size = 32;  // octets

  // Nothing if `octets` are not 32.
  static std::optional<Key> from_octets(Secret octets);

  const KeyId& id() const { return id_; }
  const Secret& octets() const { return octets_; }

 private:
  Key(KeyId id, Secret octets) : id_(std::move(id)), octets_(std::move(octets)) {}
  KeyId id_;
  Secret octets_;
};

}  // namespace dialin
