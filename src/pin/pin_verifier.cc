// SPDX-License-Identifier: Apache-2.0
#include "pin/pin_verifier.h"

#include <fmt/format.h>
#include <sodium.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/libsodium.h"
#include "pin/common_patterns.h"

namespace dialin {
namespace {

constexpr std::size_t SaltSize = crypto_pwhash_argon2id_SALTBYTES;
constexpr std::size_t HashSize = 32;

std::size_t octets_of(const PinHashCost& cost) {
  return std::size_t{cost.memory_kib} * 1024;
}

[[noreturn]] void fail(const char* doing, const PinHashCost& cost) {
  throw Error(ErrorCode::Internal,
              fmt::format("{}: Argon2id with {} KiB of memory and {} passes could not be computed", doing,
                          cost.memory_kib, cost.passes),
              "Free some memory, or choose pin.hash_memory_kib (at least 8) and pin.hash_passes (at least 1) "
              "that this host can bear.");
}

// Reads a text from the left.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool take(std::string_view expected) {
    if (rest_.substr(0, expected.size()) != expected) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  bool take_number(unsigned& number) {
    const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (problem != std::errc()) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

  // ",l=05", or nothing.
  bool take_length(unsigned& length) {
    if (!take(",l=")) return true;
    return take_number(length) && length >= Pin::MinimumLength && length <= Pin::MaximumLength;
  }

  // ",c=0", or nothing.
  bool take_common(std::optional<bool>& common) {
    if (!take(",c=")) return true;
    unsigned flag = 0;
    if (!take_number(flag) || flag > 1) return false;
    common = flag == 1;
    return true;
  }

  // Base64 without padding, up to the next '$' or the end.
  bool take_base64(unsigned char* out, std::size_t size) {
    const std::string_view text = rest_.substr(0, rest_.find('$'));
    rest_.remove_prefix(text.size());
    std::size_t length = 0;
    return sodium_base642bin(out, size, text.data(), text.size(), nullptr, &length, nullptr,
                             sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
           length == size;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

struct Verifier {
  PinHashCost cost;
  unsigned length = 0;         // of the PIN; 0: not said
  std::optional<bool> common;  // not set: not said
  unsigned char salt[SaltSize] = {};
  unsigned char hash[HashSize] = {};

  Verifier() = default;
  Verifier(const Verifier&) = default;
  ~Verifier() { wipe(hash, sizeof hash); }
};

Verifier parse(const Secret& text) {
  Verifier verifier;
  Reader reader(text.reveal(ClearSecretAccess()));
  if (!reader.take("$argon2id$v=19$m=") || !reader.take_number(verifier.cost.memory_kib) ||
      !reader.take(",t=") || !reader.take_number(verifier.cost.passes) || !reader.take(",p=1") ||
      !reader.take_length(verifier.length) || !reader.take_common(verifier.common) || !reader.take("$") ||
      !reader.take_base64(verifier.salt, SaltSize) || !reader.take("$") ||
      !reader.take_base64(verifier.hash, HashSize) || !reader.at_end()) {
    throw Error(ErrorCode::Internal,
                "checking a PIN: its verifier is not in the form $argon2id$v=19$m=,t=,p=1$",
                "The store is damaged: restore it from a backup, or give the person a new PIN: dialin people "
                "disable, people enable, welcome.");
  }
  return verifier;
}

}  // namespace

Secret hash_pin(const Pin& pin, const PinHashCost& cost, const PinOwnerNumbers& owner) {
  require_libsodium();
  const std::string_view digits = pin.reveal(ClearPinAccess());
  Secret buffer = Secret::of_size(crypto_pwhash_STRBYTES);
  char* const text = buffer.reveal_mutable(ClearSecretAccess());
  if (crypto_pwhash_str_alg(text, digits.data(), digits.size(), cost.passes, octets_of(cost),
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    fail("hashing a PIN", cost);
  }
  // libsodium writes "$argon2id$v=19$m=,t=,p=1$SALT$HASH". What is said of the PIN has always the same size,
  // so that the size of what is encrypted does not tell it.
  const std::string_view made(text, std::strlen(text));
  const std::string facts =
      fmt::format(",l={:02},c={}", pin.length(), is_common_pattern(digits, owner) ? 1 : 0);
  const std::size_t at = made.find(",p=1$") + std::strlen(",p=1");
  Secret verifier = Secret::of_size(made.size() + facts.size());
  char* const out = verifier.reveal_mutable(ClearSecretAccess());
  std::memcpy(out, made.data(), at);
  std::memcpy(out + at, facts.data(), facts.size());
  std::memcpy(out + at + facts.size(), made.data() + at, made.size() - at);
  return verifier;
}

bool verify_pin(const Pin& pin, const Secret& text) {
  require_libsodium();
  const Verifier verifier = parse(text);
  const std::string_view digits = pin.reveal(ClearPinAccess());
  Secret hash = Secret::of_size(HashSize);
  auto* const out = reinterpret_cast<unsigned char*>(hash.reveal_mutable(ClearSecretAccess()));
  // Not crypto_pwhash_str_verify: it answers "wrong" when there was no memory for the hash.
  if (crypto_pwhash(out, HashSize, digits.data(), digits.size(), verifier.salt, verifier.cost.passes,
                    octets_of(verifier.cost), crypto_pwhash_ALG_ARGON2ID13) != 0) {
    fail("checking a PIN", verifier.cost);
  }
  return sodium_memcmp(out, verifier.hash, HashSize) == 0;
}

bool needs_rehash(const Secret& text, const PinHashCost& cost) {
  const Verifier verifier = parse(text);
  return verifier.cost.memory_kib != cost.memory_kib || verifier.cost.passes != cost.passes ||
         verifier.length == 0 || !verifier.common;
}

std::optional<std::size_t> pin_length_of(const Secret& text) {
  const unsigned length = parse(text).length;
  if (length == 0) return std::nullopt;
  return length;
}

std::optional<bool> was_common_pattern(const Secret& text) {
  return parse(text).common;
}

}  // namespace dialin
