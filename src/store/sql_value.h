// SPDX-License-Identifier: Apache-2.0
// What goes into a statement and what comes out of it, without SOCI's headers.
// Everything is text, a 64-bit integer or NULL: the only types that the schema uses.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace dialin {

class SqlValue {
 public:
  SqlValue(std::nullopt_t) {}
  SqlValue(std::string text) : value_(std::move(text)) {}
  SqlValue(std::string_view text) : value_(std::string(text)) {}
  SqlValue(const char* text) : value_(std::string(text)) {}
  template <std::integral Integer>
  SqlValue(Integer number) : value_(static_cast<std::int64_t>(number)) {}
  SqlValue(Timestamp time) : value_(to_microseconds(time)) {}
  template <class T>
  SqlValue(const std::optional<T>& value) {
    if (value) set(*value);
  }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }

 private:
  void set(const std::string& text) { value_.emplace<std::string>(text); }
  void set(std::integral auto number) { value_.emplace<std::int64_t>(static_cast<std::int64_t>(number)); }
  void set(Timestamp time) { value_.emplace<std::int64_t>(to_microseconds(time)); }

  std::variant<std::monostate, std::string, std::int64_t> value_;
};

// A placeholder's name, without the colon, and its value. A name may stand several times in a statement.
struct Bind {
  std::string name;
  SqlValue value;
};
using Binds = std::vector<Bind>;

// A row that was read, by the position of its columns, from 0. Asking a NULL column for a value that must be
// there throws Error(Internal), as does a column that is no integer.
class SqlRow {
 public:
  explicit SqlRow(std::vector<std::optional<std::string>> columns) : columns_(std::move(columns)) {}

  bool is_null(std::size_t column) const { return !columns_.at(column); }
  const std::string& text(std::size_t column) const;
  std::string text_or_empty(std::size_t column) const { return columns_.at(column).value_or(std::string()); }
  std::int64_t integer(std::size_t column) const;
  bool flag(std::size_t column) const { return integer(column) != 0; }
  Timestamp time(std::size_t column) const { return from_microseconds(integer(column)); }
  std::optional<std::string> optional_text(std::size_t column) const { return columns_.at(column); }
  std::optional<Timestamp> optional_time(std::size_t column) const;

 private:
  std::vector<std::optional<std::string>> columns_;
};

// Reads a row's columns one after the other, for rows with many.
class SqlRowReader {
 public:
  explicit SqlRowReader(const SqlRow& row, std::size_t first = 0) : row_(row), next_(first) {}
  std::string text() { return row_.text(next_++); }
  std::string text_or_empty() { return row_.text_or_empty(next_++); }
  std::optional<std::string> optional_text() { return row_.optional_text(next_++); }
  std::int64_t integer() { return row_.integer(next_++); }
  bool flag() { return row_.flag(next_++); }
  Timestamp time() { return row_.time(next_++); }
  std::optional<Timestamp> optional_time() { return row_.optional_time(next_++); }
  bool next_is_null() const { return row_.is_null(next_); }
  void skip(std::size_t columns) { next_ += columns; }

 private:
  const SqlRow& row_;
  std::size_t next_;
};

}  // namespace dialin
