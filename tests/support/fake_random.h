// SPDX-License-Identifier: Apache-2.0
// Randomness that is the same in every run of a test: SplitMix64 from a seed.
#pragma once

#include <cstdint>
#include <mutex>

#include "base/random_source.h"

namespace dialin::test {

class FakeRandom final : public RandomSource {
 public:
  explicit FakeRandom(std::uint64_t seed) : state_(seed) {}

  void fill(std::span<std::byte> out) override {
    const std::lock_guard guard(mutex_);
    for (std::byte& octet : out) {
      if (left_ == 0) {
        state_ += 0x9E3779B97F4A7C15U;
        word_ = state_;
        word_ = (word_ ^ (word_ >> 30)) * 0xBF58476D1CE4E5B9U;
        word_ = (word_ ^ (word_ >> 27)) * 0x94D049BB133111EBU;
        word_ ^= word_ >> 31;
        left_ = 8;
      }
      octet = static_cast<std::byte>(word_ & 0xFF);
      word_ >>= 8;
      --left_;
    }
  }

 private:
  std::mutex mutex_;
  std::uint64_t state_;
  std::uint64_t word_ = 0;
  int left_ = 0;
};

}  // namespace dialin::test
