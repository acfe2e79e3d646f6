// SPDX-License-Identifier: Apache-2.0
// The parameter of tests that go through variants of the same story on both stores. `Variant` is an
// enumeration for which name_of(Variant) gives the words that end a test's name.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>

#include "support/dialin_program.h"

namespace dialin::test {

template <class Variant>
struct StoreCase {
  StoreKind store;
  Variant variant;

  friend void PrintTo(const StoreCase& tested, std::ostream* out) { *out << to_text(tested.store); }
};

template <class Variant>
auto on_both_stores(Variant one, Variant other) {
  using Case = StoreCase<Variant>;
  return testing::Values(Case{StoreKind::Sqlite, one}, Case{StoreKind::Sqlite, other},
                         Case{StoreKind::Postgresql, one}, Case{StoreKind::Postgresql, other});
}

template <class Variant>
std::string name_of_case(const testing::TestParamInfo<StoreCase<Variant>>& info) {
  return fmt::format("{}{}", to_text(info.param.store), name_of(info.param.variant));
}

}  // namespace dialin::test
