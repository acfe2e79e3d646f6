// SPDX-License-Identifier: Apache-2.0
// CSV files that a command imports, and how what is wrong in them is shown.
#pragma once

#include <string>
#include <vector>

#include "command/command_context.h"
#include "people/csv.h"
#include "people/people_file.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

// The operand that names the file.
ParameterSpec csv_file_parameter_spec(const std::string& help);

// -Delimiter.
ParameterSpec csv_delimiter_parameter_spec();
// -Encoding of a command that reads a CSV file and nothing else that needs it.
ParameterSpec csv_encoding_parameter_spec();

// What -Delimiter and -Encoding say. Error(InvalidInput) for a delimiter that cannot be one.
CsvFormat csv_format_from(const BoundParameters& bound);

// The file, or standard input for "-", opened once and read as its records are asked for, however long it is.
// Error(InvalidInput) if it cannot be read or is no CSV.
CsvReader open_csv(CommandContext& context, const std::string& path, const CsvFormat& format);

// Columns that are ignored, one line for each, on standard error.
void write_unknown_columns(CommandContext& context, const std::string& file,
                           const std::vector<UnknownColumn>& columns);

// The first problems as "file:line: Column: reason" on standard error, and then Error(InvalidInput) that says
// how many there are and that nothing was changed. Returns if there are none.
void refuse_bad_rows(CommandContext& context, const std::string& file,
                     const std::vector<CsvProblem>& problems);

}  // namespace dialin
