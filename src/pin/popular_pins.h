// SPDX-License-Identifier: Apache-2.0
// The lists in share/popular-pins, compiled into the program, so that no file can be missing where it runs.
#pragma once

#include <string_view>

namespace dialin {

// Whether `digits` stand in one of the lists.
bool is_popular_pin(std::string_view digits);

}  // namespace dialin
