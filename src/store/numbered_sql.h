// SPDX-License-Identifier: Apache-2.0
// A statement whose placeholders are the drivers' own in place of names: neither searches for them then.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "store/sql_value.h"

namespace dialin {

struct NumberedSql {
  std::string text;
  std::vector<std::size_t> order;  // for each placeholder, the first first: which of the binds it is
};

// ":name" becomes "$1", "$2" ..., each time it stands there (PostgreSQL may find another type for each), or
// "?" on SQLite (which goes through a list of all for each that has a number). Quoted text stays.
// Error(Internal) for a name without a bind, and for a bind that stands nowhere.
enum class PlaceholderStyle { Dollar, Question };
NumberedSql number_placeholders(std::string_view sql, const Binds& binds, PlaceholderStyle style);

}  // namespace dialin
