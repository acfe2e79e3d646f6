// SPDX-License-Identifier: Apache-2.0
// Randomness, as an argument, so that tests can fix it. May be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace dialin {

class RandomSource {
 public:
  virtual ~RandomSource() = default;

  // Fills `out` with bytes that nobody can predict.
  virtual void fill(std::span<std::byte> out) = 0;

  // A number in [0, bound), each equally likely (by rejection: no modulo bias). `bound` is at least 1.
  std::uint32_t uniform(std::uint32_t bound);
};

// The operating system's generator, through libsodium.
class SystemRandom final : public RandomSource {
 public:
  void fill(std::span<std::byte> out) override;
};

// A fresh internal identifier: 128 random bits as 32 lower-case hexadecimal digits.
std::string new_identifier(RandomSource& random);

}  // namespace dialin
