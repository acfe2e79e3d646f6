// SPDX-License-Identifier: Apache-2.0
// Access numbers from a CSV file (`dialin number import`): reads and checks; the store applies.
//
// Columns, in any order, names in any case: LineUri and PrimaryLanguage (mandatory), PrimaryUri,
// DisplayNumber (as printed in mails; empty: the number of LineUri), DisplayName, Regions and
// SecondaryLanguages (several are separated by |; at most 4 languages), Priority (0 to 9999, 0 comes first
// and is meant by an empty cell). Rows without any value are skipped. An apostrophe before = + - @ is
// dropped, as in a people file.
#pragma once

#include <vector>

#include "people/csv.h"
#include "people/people_file.h"
#include "store/records.h"

namespace dialin {

inline constexpr int MaximumNumberPriority = 9999;
inline constexpr std::size_t MaximumSecondaryLanguages = 4;

struct NumberFile {
  std::vector<AccessNumber> numbers;           // of rows in which everything is good
  std::vector<CsvProblem> problems;            // one a bad cell
  std::vector<UnknownColumn> unknown_columns;  // ignored, to be named once
};

// Error(InvalidInput) if a mandatory column is not there. Two rows with one LineUri or one PrimaryUri: the
// later one is bad.
NumberFile read_number_file(CsvReader csv);

}  // namespace dialin
