// SPDX-License-Identifier: Apache-2.0
// The parts of a statement about many rows: the list after IN, and the rows of VALUES.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "store/sql_value.h"

namespace dialin {

// Calls `body(begin, end)` for parts of `count` things, as many as go well into one statement.
template <class Body>
void in_parts(std::size_t count, Body body) {
  constexpr std::size_t part = 200;
  for (std::size_t begin = 0; begin < count; begin += part) body(begin, std::min(count, begin + part));
}

// Calls `body(list, binds)` for parts of `values`: `list` is "(:i0, :i1)", for after IN.
template <class Body>
void in_lists(const std::vector<std::string>& values, Body body) {
  in_parts(values.size(), [&](std::size_t begin, std::size_t end) {
    std::string list;
    Binds binds;
    for (std::size_t i = begin; i < end; ++i) {
      const std::string name = "i" + std::to_string(i - begin);
      list += (i == begin ? "(:" : ", :") + name;
      binds.push_back({name, values[i]});
    }
    list += ')';
    body(list, std::move(binds));
  });
}

// "(:v0, :v1), (:v2, :v3)", for after VALUES. `types` are those of the columns: PostgreSQL takes a
// placeholder for text where nothing else says what it is.
class SqlValues {
 public:
  explicit SqlValues(std::initializer_list<std::string_view> types) : types_(types) {}

  void add(std::vector<SqlValue> row) {
    const bool first = binds_.empty();
    text_ += first ? "(" : ", (";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string name = "v" + std::to_string(binds_.size());
      if (i != 0) text_ += ", ";
      // The first row's types are those of all.
      if (first) {
        text_.append("CAST(:").append(name).append(" AS ").append(types_[i]).append(")");
      } else {
        text_.append(":").append(name);
      }
      binds_.push_back({name, std::move(row[i])});
    }
    text_ += ')';
  }

  bool empty() const { return binds_.empty(); }
  const std::string& text() const { return text_; }
  // With what else the statement needs. Once: the values move out, the text stays.
  Binds take_binds(const Binds& others = {}) {
    binds_.insert(binds_.end(), others.begin(), others.end());
    return std::move(binds_);
  }

 private:
  std::vector<std::string_view> types_;
  std::string text_;
  Binds binds_;
};

}  // namespace dialin
