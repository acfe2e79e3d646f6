// SPDX-License-Identifier: Apache-2.0
// Values that may be taken away. PowerShell writes $null; bash makes nothing of it unless it is quoted, so
// the word alone and an empty value mean the same.
#pragma once

#include <string_view>

#include "base/text.h"

namespace dialin {

inline bool is_null_value(std::string_view text) {
  text = trim(text);
  return text.empty() || equal_ignoring_case(text, "null") || equal_ignoring_case(text, "$null");
}

}  // namespace dialin
