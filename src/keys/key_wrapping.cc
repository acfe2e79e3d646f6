// SPDX-License-Identifier: Apache-2.0
#include "keys/key_wrapping.h"

#include <fmt/format.h>
#include <sodium.h>

#include <charconv>
#include <span>

#include "base/encoding.h"
#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

constexpr std::string_view FirstLine = "-----BEGIN DIALIN KEY-----";
constexpr std::string_view LastLine = "-----END DIALIN KEY-----";
constexpr std::size_t SaltSize = crypto_pwhash_SALTBYTES;
constexpr std::size_t NonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t DataSize = Key::Size + crypto_aead_xchacha20poly1305_ietf_ABYTES;

struct DerivationCost {
  unsigned memory_kib;
  unsigned passes;
};
// libsodium's MODERATE. It stands in the text, so that it can rise without breaking older texts.
constexpr DerivationCost Usual{262144, 3};
// A text asks for no more than this, lest reading one exhaust the machine.
constexpr DerivationCost Most{1048576, 16};
constexpr DerivationCost Least{8, 1};

struct WrappedKey {
  std::string key_id;
  DerivationCost cost = Usual;
  std::string salt, nonce, data;
};

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}

// The lines before Data; they are authenticated as they stand here.
std::string header(const WrappedKey& wrapped) {
  return fmt::format("Version: 1\nKey: {}\nDerivation: argon2id {} {}\nSalt: {}\nNonce: {}\n", wrapped.key_id,
                     wrapped.cost.memory_kib, wrapped.cost.passes, to_base64(wrapped.salt),
                     to_base64(wrapped.nonce));
}

Secret derive(const Secret& passphrase, const WrappedKey& wrapped) {
  Secret key = Secret::of_size(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  const std::string_view words = passphrase.reveal(ClearSecretAccess());
  if (crypto_pwhash(octets(key.reveal_mutable(ClearSecretAccess())), key.size(), words.data(), words.size(),
                    octets(wrapped.salt), wrapped.cost.passes, std::size_t{wrapped.cost.memory_kib} * 1024,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Error(ErrorCode::TryAgain,
                fmt::format("making a key of the passphrase needs {} MiB of memory, which are not free",
                            wrapped.cost.memory_kib / 1024),
                "Free some memory and try again.");
  }
  return key;
}

[[noreturn]] void refuse(const std::string& problem) {
  throw Error(
      ErrorCode::InvalidInput, "reading an exported key: " + problem,
      fmt::format("Give the whole text that 'dialin key export' wrote, from {} to {}.", FirstLine, LastLine));
}

std::optional<DerivationCost> parse_cost(std::string_view text) {
  const std::vector<std::string> words = split(text, ' ');
  if (words.size() != 3 || words[0] != "argon2id") return std::nullopt;
  DerivationCost cost{};
  const auto number = [](const std::string& word, unsigned least, unsigned most, unsigned& value) {
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    return problem == std::errc() && end == word.data() + word.size() && value >= least && value <= most;
  };
  if (!number(words[1], Least.memory_kib, Most.memory_kib, cost.memory_kib) ||
      !number(words[2], Least.passes, Most.passes, cost.passes)) {
    return std::nullopt;
  }
  return cost;
}

WrappedKey parse(std::string_view text) {
  const std::size_t begin = text.find(FirstLine);
  const std::size_t end = text.find(LastLine);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    refuse("its first or last line is missing");
  }
  const std::string_view inside = text.substr(begin + FirstLine.size(), end - begin - FirstLine.size());
  const std::string_view block = trim(inside);
  const std::vector<std::string> lines = split(block, '\n');

  constexpr std::string_view Names[] = {"Version", "Key", "Derivation", "Salt", "Nonce", "Data"};
  std::vector<std::string> values;
  if (lines.size() != std::size(Names)) refuse(fmt::format("it has {} lines instead of 6", lines.size()));
  for (std::size_t i = 0; i < std::size(Names); ++i) {
    const std::string_view line = trim(lines[i]);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.substr(0, colon) != Names[i]) {
      refuse(fmt::format("line {} is not the line \"{}: ...\"", i + 2, Names[i]));
    }
    values.emplace_back(trim(line.substr(colon + 1)));
  }

  if (values[0] != "1") refuse("it has a version that this program does not know");
  if (!KeyId::parse(values[1])) refuse("its line \"Key\" holds no key id");
  const std::optional<DerivationCost> cost = parse_cost(values[2]);
  if (!cost) refuse("its line \"Derivation\" is not \"argon2id MEMORY PASSES\" within what is allowed");
  WrappedKey wrapped{values[1], *cost, {}, {}, {}};
  const auto take = [&values](std::size_t index, std::string_view name, std::size_t size) {
    const std::optional<std::string> octets = from_base64(values[index]);
    if (!octets || octets->size() != size) {
      refuse(fmt::format("its line \"{}\" is not the base64 of {} octets", name, size));
    }
    return *octets;
  };
  wrapped.salt = take(3, "Salt", SaltSize);
  wrapped.nonce = take(4, "Nonce", NonceSize);
  wrapped.data = take(5, "Data", DataSize);
  return wrapped;
}

}  // namespace

std::string wrap_key(const Key& key, const Secret& passphrase, RandomSource& random) {
  if (passphrase.size() < MinimumPassphraseOctets) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("exporting key {}: the passphrase is too short", key.id().text()),
                fmt::format("Choose one of at least {} characters: who has the exported text can try "
                            "passphrases for as long as they like.",
                            MinimumPassphraseOctets));
  }
  WrappedKey wrapped{key.id().text(), Usual, std::string(SaltSize, '\0'), std::string(NonceSize, '\0'),
                     std::string(DataSize, '\0')};
  random.fill(std::as_writable_bytes(std::span(wrapped.salt)));
  random.fill(std::as_writable_bytes(std::span(wrapped.nonce)));
  const Secret wrapping_key = derive(passphrase, wrapped);
  const std::string head = header(wrapped);
  crypto_aead_xchacha20poly1305_ietf_encrypt(octets(wrapped.data.data()), nullptr,
                                             octets(key.octets().reveal(ClearSecretAccess())), Key::Size,
                                             octets(head), head.size(), nullptr, octets(wrapped.nonce),
                                             octets(wrapping_key.reveal(ClearSecretAccess())));
  return fmt::format("{}\n{}Data: {}\n{}\n", FirstLine, head, to_base64(wrapped.data), LastLine);
}

Key unwrap_key(std::string_view text, const Secret& passphrase) {
  const WrappedKey wrapped = parse(text);
  const Secret wrapping_key = derive(passphrase, wrapped);
  const std::string head = header(wrapped);
  Secret key_octets = Secret::of_size(Key::Size);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(octets(key_octets.reveal_mutable(ClearSecretAccess())),
                                                 nullptr, nullptr, octets(wrapped.data), wrapped.data.size(),
                                                 octets(head), head.size(), octets(wrapped.nonce),
                                                 octets(wrapping_key.reveal(ClearSecretAccess()))) != 0) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("reading the exported key {}: the passphrase is wrong, or the text was altered",
                            wrapped.key_id),
                "Give the passphrase that was chosen when the key was exported.");
  }
  std::optional<Key> key = Key::from_octets(std::move(key_octets));
  if (!key || key->id().text() != wrapped.key_id) {
    throw Error(ErrorCode::InvalidInput,
                "reading the exported key " + wrapped.key_id + ": it holds another key");
  }
  return std::move(*key);
}

}  // namespace dialin
