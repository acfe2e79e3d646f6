// SPDX-License-Identifier: Apache-2.0
#include "keys/key_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/error.h"
#include "keys/key_file.h"
#include "keys/key_wrapping.h"
#include "keys/private_directory.h"

namespace dialin {
namespace {

constexpr std::string_view Suffix = ".key";
constexpr std::string_view SigningFile = "audit-signing.key";
constexpr std::size_t FileLimit = 4096;  // octets; a key file has 76

std::string file_name(const KeyId& id) {
  return id.text() + std::string(Suffix);
}

}  // namespace

KeyDirectory::KeyDirectory(std::filesystem::path directory, RandomSource& random)
    : path_(std::move(directory)), random_(&random) {
  // "keys/" has no file name, and its parent would be itself.
  if (!path_.has_filename()) path_ = path_.parent_path();
}

void KeyDirectory::add(const Key& key) {
  const auto directory = PrivateDirectory::open(path_, PrivateDirectory::IfMissing::Make);
  const std::string temporary = "." + new_identifier(*random_) + ".new";
  if (directory->add(file_name(key.id()), temporary, write_key_file(key))) return;
  // The id is a hash of the key, so this is the same key, unless its file is damaged: loading finds that out.
  load(key.id());
}

KeyId KeyDirectory::create() {
  Secret octets = Secret::of_size(Key::Size);
  random_->fill(std::as_writable_bytes(std::span(octets.reveal_mutable(ClearSecretAccess()), Key::Size)));
  const std::optional<Key> key = Key::from_octets(std::move(octets));
  add(*key);
  return key->id();
}

Key KeyDirectory::load(const KeyId& id) const {
  const auto directory = PrivateDirectory::open(path_, PrivateDirectory::IfMissing::Nothing);
  const auto content = directory ? directory->read(file_name(id), FileLimit) : std::nullopt;
  if (!content) {
    throw Error(ErrorCode::Configuration, fmt::format("key {} is not in {}", id.text(), path_.string()),
                "Where it is: 'dialin key export FILE'; here: 'dialin key import FILE'. Without it nobody's "
                "PIN can be checked; a new key does not help.");
  }
  std::optional<Key> key = read_key_file(*content);
  if (!key || key->id() != id) {
    throw Error(ErrorCode::Configuration,
                fmt::format("the key file {} is damaged: it does not hold key {}",
                            (path_ / file_name(id)).string(), id.text()),
                fmt::format("Move the file away and bring key {} with 'dialin key import'.", id.text()));
  }
  return std::move(*key);
}

std::vector<KeyId> KeyDirectory::list() const {
  std::vector<KeyId> ids;
  const auto directory = PrivateDirectory::open(path_, PrivateDirectory::IfMissing::Nothing);
  if (!directory) return ids;
  for (const std::string& name : directory->names()) {
    const std::string_view text(name);
    if (text.size() <= Suffix.size() || text.substr(text.size() - Suffix.size()) != Suffix) continue;
    if (auto id = KeyId::parse(text.substr(0, text.size() - Suffix.size()))) ids.push_back(std::move(*id));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

void KeyDirectory::remove(const KeyId& id) {
  const auto directory = PrivateDirectory::open(path_, PrivateDirectory::IfMissing::Nothing);
  if (directory) directory->remove(file_name(id));
}

SigningKey KeyDirectory::signing_key() {
  const auto read = [&](const PrivateDirectory& directory) -> std::optional<SigningKey> {
    const auto content = directory.read(std::string(SigningFile), FileLimit);
    if (!content) return std::nullopt;
    std::optional<SigningKey> key = read_signing_key(*content);
    if (!key) {
      throw Error(ErrorCode::Configuration,
                  fmt::format("the key file {} is damaged", (path_ / SigningFile).string()),
                  "Move it away: another one is made, and what was signed before can still be verified.");
    }
    return key;
  };
  const auto directory = PrivateDirectory::open(path_, PrivateDirectory::IfMissing::Make);
  if (auto key = read(*directory)) return std::move(*key);
  Secret seed = Secret::of_size(SigningKey::SeedSize);
  random_->fill(
      std::as_writable_bytes(std::span(seed.reveal_mutable(ClearSecretAccess()), SigningKey::SeedSize)));
  std::optional<SigningKey> key = SigningKey::from_seed(std::move(seed));
  const std::string temporary = "." + new_identifier(*random_) + ".new";
  if (directory->add(std::string(SigningFile), temporary, write_signing_key(*key))) return std::move(*key);
  return std::move(*read(*directory));
}

std::string KeyDirectory::export_wrapped(const KeyId& id, const Secret& passphrase) const {
  return wrap_key(load(id), passphrase, *random_);
}

KeyId KeyDirectory::import_wrapped(std::string_view wrapped, const Secret& passphrase) {
  const Key key = unwrap_key(wrapped, passphrase);
  add(key);
  return key.id();
}

}  // namespace dialin
