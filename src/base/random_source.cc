// SPDX-License-Identifier: Apache-2.0
#include "base/random_source.h"

#include <sodium.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/libsodium.h"

namespace dialin {

std::uint32_t RandomSource::uniform(std::uint32_t bound) {
  if (bound == 0) throw Error(ErrorCode::Internal, "a random number below zero was asked for");
  // 2^32 is rarely a multiple of `bound`: the draws below (2^32 mod bound) are the surplus that would make
  // small numbers likelier.
  const std::uint32_t surplus = (0U - bound) % bound;
  for (;;) {
    std::uint32_t draw;
    fill(std::as_writable_bytes(std::span(&draw, 1)));
    if (draw >= surplus) return draw % bound;
  }
}

void SystemRandom::fill(std::span<std::byte> out) {
  require_libsodium();
  randombytes_buf(out.data(), out.size());
}

std::string new_identifier(RandomSource& random) {
  std::string bytes(16, '\0');
  random.fill(std::as_writable_bytes(std::span(bytes)));
  return to_hex(bytes);
}

}  // namespace dialin
