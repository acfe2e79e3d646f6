// SPDX-License-Identifier: Apache-2.0
// Identifiers that follow each other: 48 bits of time (milliseconds since 1970), 48 random bits, a counter of
// 32 bits; as 32 lower-case hexadecimal digits, like new_identifier(). Rows that are made together then lie
// on the same pages of each index, and are found and changed there together (doc/decisions/0022).
//
// They are unique, not secret: whoever knows one can guess its neighbours. One thread at a time.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/random_source.h"

namespace dialin {

class IdentifierSeries {
 public:
  IdentifierSeries(RandomSource& random, Timestamp now);
  std::string next();

 private:
  std::string beginning_;
  std::uint32_t count_ = 0;
};

}  // namespace dialin
