// SPDX-License-Identifier: Apache-2.0
#include "store/sql_value.h"

#include <charconv>

#include "base/error.h"

namespace dialin {

const std::string& SqlRow::text(std::size_t column) const {
  const std::optional<std::string>& value = columns_.at(column);
  if (!value) throw Error(ErrorCode::Internal, "the store holds NULL where a value must be");
  return *value;
}

std::int64_t SqlRow::integer(std::size_t column) const {
  const std::string& value = text(column);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size())
    throw Error(ErrorCode::Internal, "the store holds text where a number must be");
  return number;
}

std::optional<Timestamp> SqlRow::optional_time(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

}  // namespace dialin
