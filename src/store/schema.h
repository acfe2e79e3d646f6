// SPDX-License-Identifier: Apache-2.0
// The steps that make the store's tables: src/store/schema/NNN_*.sql, compiled into the program.
// A store of version N is brought up by the steps with a number above N, in order, in one transaction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dialin {

struct SchemaStep {
  int number;  // the version of a store after it, from 1
  std::string text;
};

// In ascending order, numbered without a gap from 1.
std::vector<SchemaStep> built_in_schema();

// The statements of `text` without comments and without the semicolons that end them. Semicolons and "--" in
// single or double quotes end nothing. Comments go because SOCI takes ":n" in one for a placeholder.
std::vector<std::string> split_statements(std::string_view text);

}  // namespace dialin
