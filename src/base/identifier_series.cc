// SPDX-License-Identifier: Apache-2.0
#include "base/identifier_series.h"

#include <fmt/format.h>

namespace dialin {

IdentifierSeries::IdentifierSeries(RandomSource& random, Timestamp now) {
  constexpr std::int64_t most = (std::int64_t{1} << 48) - 1;
  const auto time = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::string drawn = new_identifier(random);
  beginning_ = fmt::format("{:012x}", time & most) + drawn.substr(0, 12);
  // From somewhere below the middle, so that it never begins anew. From 0 its zeros would look like the PIN
  // that a search for PINs in what is kept looks for.
  count_ = static_cast<std::uint32_t>(std::stoul(drawn.substr(12, 8), nullptr, 16)) >> 1;
}

std::string IdentifierSeries::next() {
  return fmt::format("{}{:08x}", beginning_, count_++);
}

}  // namespace dialin
