// SPDX-License-Identifier: Apache-2.0
// Notices that a file gives several people the same PIN, without keeping PINs: by a keyed hash (SipHash-2-4)
// under a key of this object's own.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_set>

#include "pin/pin.h"

namespace dialin {

class RepeatedPins {
 public:
  RepeatedPins();
  ~RepeatedPins();
  RepeatedPins(const RepeatedPins&) = delete;
  RepeatedPins& operator=(const RepeatedPins&) = delete;

  // Whether it was noted before.
  bool note(const Pin& pin);

 private:
  std::array<unsigned char, 16> key_;
  std::unordered_set<std::uint64_t> seen_;
};

}  // namespace dialin
