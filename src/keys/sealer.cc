// SPDX-License-Identifier: Apache-2.0
#include "keys/sealer.h"

#include <sodium.h>

#include <cstdint>
#include <cstring>
#include <span>

#include "base/encoding.h"
#include "base/error.h"

namespace dialin {
namespace {

constexpr std::string_view Version = "v1.";
constexpr std::size_t NonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t TagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t PaddingBlock = 32;
static_assert(Key::Size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}

// Every field with its length before it: no text can move from one field into its neighbour.
std::string associated_data(const KeyId& key, const SealContext& context) {
  std::string data;
  for (const std::string_view field :
       {Version, std::string_view(key.text()), context.purpose, context.store_id, context.person_id}) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      data += static_cast<char>((static_cast<std::uint64_t>(field.size()) >> shift) & 0xFF);
    }
    data += field;
  }
  return data;
}

// Where the parts of a sealed text stand; nothing if it is none.
struct SealedParts {
  KeyId key;
  std::string_view base64;
};

std::optional<SealedParts> take_apart(std::string_view sealed) {
  if (sealed.substr(0, Version.size()) != Version) return std::nullopt;
  sealed.remove_prefix(Version.size());
  const std::size_t dot = sealed.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::optional<KeyId> key = KeyId::parse(sealed.substr(0, dot));
  if (!key) return std::nullopt;
  return SealedParts{std::move(*key), sealed.substr(dot + 1)};
}

[[noreturn]] void refuse(const SealContext& context, const std::string& problem) {
  throw Error(ErrorCode::Internal, "opening a sealed " + std::string(context.purpose) + ": " + problem,
              "Somebody or something altered the store. Restore it from a backup, or give the person a new "
              "PIN: dialin people disable, people enable, welcome.");
}

}  // namespace

Sealer::Sealer(Key key, RandomSource& random) : key_(std::move(key)), random_(&random) {}

std::string Sealer::seal(const Secret& clear, const SealContext& context) const {
  // sodium_pad always adds at least one octet.
  const std::size_t padded_size = (clear.size() / PaddingBlock + 1) * PaddingBlock;
  Secret padded = Secret::of_size(padded_size);
  char* const buffer = padded.reveal_mutable(ClearSecretAccess());
  if (!clear.empty()) std::memcpy(buffer, clear.reveal(ClearSecretAccess()).data(), clear.size());
  std::size_t size = 0;
  if (sodium_pad(&size, octets(buffer), clear.size(), PaddingBlock, padded_size) != 0 ||
      size != padded_size) {
    throw Error(ErrorCode::Internal, "padding a text before sealing it failed");
  }

  std::string sealed(NonceSize + padded_size + TagSize, '\0');
  random_->fill(std::as_writable_bytes(std::span(sealed.data(), NonceSize)));
  const std::string bound_to = associated_data(key_.id(), context);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      octets(sealed.data()) + NonceSize, nullptr, octets(buffer), padded_size, octets(bound_to),
      bound_to.size(), nullptr, octets(sealed), octets(key_.octets().reveal(ClearSecretAccess())));
  return std::string(Version) + key_.id().text() + "." + to_base64(sealed);
}

Secret Sealer::open(std::string_view sealed, const SealContext& context) const {
  const std::optional<SealedParts> parts = take_apart(sealed);
  if (!parts) refuse(context, "it is not in the form v1.<key id>.<base64>");
  const std::string& id = parts->key.text();
  if (parts->key != key_.id()) {
    throw Error(ErrorCode::Configuration,
                "opening a sealed " + std::string(context.purpose) + ": it was sealed with key " + id +
                    ", but the key in use is " + key_.id().text(),
                "Bring key " + id + " with 'dialin key import', or finish the change of keys.");
  }
  const std::optional<std::string> content = from_base64(parts->base64);
  if (!content || content->size() < NonceSize + TagSize + PaddingBlock) {
    refuse(context, "what key " + id + " sealed is cut off or no base64");
  }

  const std::size_t padded_size = content->size() - NonceSize - TagSize;
  Secret padded = Secret::of_size(padded_size);
  char* const buffer = padded.reveal_mutable(ClearSecretAccess());
  const std::string bound_to = associated_data(key_.id(), context);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(octets(buffer), nullptr, nullptr,
                                                 octets(*content) + NonceSize, content->size() - NonceSize,
                                                 octets(bound_to), bound_to.size(), octets(*content),
                                                 octets(key_.octets().reveal(ClearSecretAccess()))) != 0) {
    refuse(context, "what key " + id + " sealed was altered, or belongs to another person, store or purpose");
  }
  std::size_t size = 0;
  if (sodium_unpad(&size, octets(buffer), padded_size, PaddingBlock) != 0) {
    refuse(context, "what key " + id + " sealed is not padded as it must be");
  }
  return Secret(std::string_view(buffer, size));
}

std::string Sealer::mac(std::string_view purpose, const Secret& data) const {
  // A key of its own for each purpose, so that neither the sealing nor another purpose meets the same one.
  const std::string label = "dialin mac v1 " + std::string(purpose);
  Secret subkey = Secret::of_size(crypto_generichash_KEYBYTES);
  std::string hash(crypto_generichash_BYTES, '\0');
  if (crypto_generichash(octets(subkey.reveal_mutable(ClearSecretAccess())), subkey.size(), octets(label),
                         label.size(), octets(key_.octets().reveal(ClearSecretAccess())), Key::Size) != 0 ||
      crypto_generichash(octets(hash.data()), hash.size(), octets(data.reveal(ClearSecretAccess())),
                         data.size(), octets(subkey.reveal(ClearSecretAccess())), subkey.size()) != 0) {
    throw Error(ErrorCode::Internal, "computing a keyed hash failed");
  }
  return to_hex(hash);
}

std::optional<KeyId> Sealer::key_of(std::string_view sealed) {
  std::optional<SealedParts> parts = take_apart(sealed);
  if (!parts) return std::nullopt;
  return std::move(parts->key);
}

}  // namespace dialin
