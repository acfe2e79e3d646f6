// SPDX-License-Identifier: Apache-2.0
#include "keys/key_file.h"

#include <sodium.h>

#include <cstring>

namespace dialin {
namespace {

constexpr std::string_view Format = "dialin-key-v1 ";
// Counted with the terminating zero that libsodium writes.
constexpr std::size_t Base64Size = sodium_base64_ENCODED_LEN(Key::Size, sodium_base64_VARIANT_ORIGINAL);

}  // namespace

Secret write_key_file(const Key& key) {
  const std::string head = std::string(Format) + key.id().text() + " ";
  Secret content = Secret::of_size(head.size() + Base64Size);
  char* const text = content.reveal_mutable(ClearSecretAccess());
  std::memcpy(text, head.data(), head.size());
  // Not to_base64: it returns a string that nobody wipes.
  sodium_bin2base64(text + head.size(), Base64Size,
                    reinterpret_cast<const unsigned char*>(key.octets().reveal(ClearSecretAccess()).data()),
                    Key::Size, sodium_base64_VARIANT_ORIGINAL);
  text[content.size() - 1] = '\n';
  return content;
}

std::optional<Key> read_key_file(const Secret& content) {
  std::string_view text = content.reveal(ClearSecretAccess());
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (text.substr(0, Format.size()) != Format) return std::nullopt;
  text.remove_prefix(Format.size());
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::optional<KeyId> id = KeyId::parse(text.substr(0, space));
  if (!id) return std::nullopt;
  const std::string_view base64 = text.substr(space + 1);

  Secret octets = Secret::of_size(Key::Size);
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(octets.reveal_mutable(ClearSecretAccess())),
                        Key::Size, base64.data(), base64.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      size != Key::Size) {
    return std::nullopt;
  }
  std::optional<Key> key = Key::from_octets(std::move(octets));
  if (!key || key->id() != *id) return std::nullopt;
  return key;
}

}  // namespace dialin
