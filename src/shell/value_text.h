// SPDX-License-Identifier: Apache-2.0
// One value of an object as text, for the four forms of output.
#pragma once

#include <string>
#include <string_view>

#include "shell/output.h"

namespace dialin {

// For list and table: True, nothing for null, control characters as spaces. Times by `locale_name`, or RFC
// 3339 if it is empty.
std::string value_for_people(const OutputValue& value, const std::string& locale_name);

// For a cell of CSV, quoted where RFC 4180 asks for it and guarded against spreadsheets.
std::string value_for_csv(const OutputValue& value);

// RFC 8259. Characters that could drive a terminal or turn the line round are escaped; octets that are not
// UTF-8 become U+FFFD.
std::string value_for_json(const OutputValue& value);
std::string text_for_json(std::string_view text);

// Cut to `width` columns, with "…" as the last where something was cut off.
std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace dialin
