// SPDX-License-Identifier: Apache-2.0
// What the columns of a CSV file and the keys of a JSON object mean as input of a run (run/run_input.h), and
// the rules for their cells: the same for both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "run/run_input.h"

namespace dialin {

enum class InputColumn { Person, Address, Pin, Language, Subject, MailResult };
inline constexpr std::size_t InputColumnCount = 6;

// In any case of letters; nothing if it is none of them.
std::optional<InputColumn> input_column(std::string_view name);
// "the person", "the PIN": in a sentence.
const char* meaning_of(InputColumn column);
// Line, PinResult, Code, Detail: columns of a run's report that say nothing here.
bool is_report_column(std::string_view name);
bool is_among(const std::vector<std::string>& names, std::string_view name);  // without case
UnknownColumn unknown_input_column(std::string name);

// Puts a cell of `column`, which the input calls `name`, into the row; one that cannot be taken becomes the
// row's problem if it is the first. Not for Pin.
void put_cell(RunInputRow& row, InputColumn column, std::string_view name, std::string_view cell);
void put_pin(RunInputRow& row, std::string_view name, const Secret& cell);
// After all cells: a row without a person is a problem. `name`: of the column or key that would name the
// person.
void finish_row(RunInputRow& row, std::string_view name);

void report_problem(RunInputRow& row, std::string_view name, std::string reason);

}  // namespace dialin
