// SPDX-License-Identifier: Apache-2.0
// What a command prints: objects with named fields, as PowerShell has them, in four forms.
//
//   list   `Identity          : sip:kenmyer@litwareinc.com`: names padded to the longest, at least 17
//   columns;
//          objects separated by an empty line
//   table  one row an object, headings underlined; on a terminal it fits the width: wide columns are cut with
//   "…",
//          and what cannot fit at all becomes a list
//   json   RFC 8259, indented by two
//   csv    RFC 4180 with heading and CRLF; text that begins with = + - @, tab or CR is prefixed with ',
//   because a
//          spreadsheet would run it (numbers and truth values are not text)
//
// Truth values are True and False, in JSON true and false; null is nothing, in JSON null. A Timestamp is RFC
// 3339 in UTC in JSON and CSV and wherever the output is not a terminal, and on one the operator's locale
// with the zone. In list and table control characters become spaces: no text can drive the terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "shell/bound_parameters.h"
#include "shell/streams.h"

namespace dialin {

enum class OutputFormat { Table, List, Json, Csv };

// -Output of a command; nothing if it was not given.
std::optional<OutputFormat> output_format(const BoundParameters& bound);

// null, truth value, whole number, text, time.
using OutputValue = std::variant<std::nullptr_t, bool, std::int64_t, std::string, Timestamp>;

struct OutputField {
  std::string name;
  OutputValue value;
};

// A thing with fields, in the order in which they are shown.
class OutputObject {
 public:
  OutputObject() = default;

  OutputObject& text(std::string name, std::string value);
  OutputObject& text_or_null(std::string name, const std::optional<std::string>& value);
  OutputObject& truth(std::string name, bool value);
  OutputObject& number(std::string name, std::int64_t value);
  template <class Number>
  OutputObject& number_or_null(std::string name, const std::optional<Number>& value) {
    if (value) return number(std::move(name), static_cast<std::int64_t>(*value));
    return text_or_null(std::move(name), std::nullopt);
  }
  OutputObject& time(std::string name, Timestamp value);
  OutputObject& time_or_null(std::string name, const std::optional<Timestamp>& value);

  const std::vector<OutputField>& fields() const { return fields_; }
  const OutputValue* find(std::string_view name) const;

 private:
  std::vector<OutputField> fields_;
};

// The one thing that a command is about: a list by default; in JSON an object.
void write_object(Streams& streams, const OutputObject& object, std::optional<OutputFormat> format);

// However many things a command found: by default a list for one, a table for more; in JSON always an array.
// Columns are those of the first object, or `columns`, which CSV prints even if nothing was found. All
// objects have the same fields.
void write_objects(Streams& streams, const std::vector<OutputObject>& objects,
                   std::optional<OutputFormat> format, const std::vector<std::string>& columns = {});

// The same for things that come in pieces (all people), so that memory does not grow with their number. The
// first piece decides the widths of a table's columns: what is longer later is cut on a terminal, and
// elsewhere pushes the rest of its line aside.
class ObjectWriter {
 public:
  // `columns` as above. `streams` outlives this.
  ObjectWriter(Streams& streams, OutputFormat format, std::vector<std::string> columns);
  void write(const std::vector<OutputObject>& objects);
  // After the last piece, or JSON is not whole.
  void finish();

 private:
  void write_list(const std::vector<OutputObject>& objects);
  void write_table(const std::vector<OutputObject>& objects);
  void write_json(const std::vector<OutputObject>& objects);
  void write_csv(const std::vector<OutputObject>& objects);
  std::string table_line(const std::vector<std::string>& cells) const;

  Streams& streams_;
  OutputFormat format_;
  std::vector<std::string> columns_;
  bool begun_ = false;
  std::vector<std::size_t> widths_ = {};  // of the table's columns
  std::vector<bool> numbers_ = {};        // columns of numbers only stand to the right
};

// A time for people, as list and table on a terminal show it: by the locale's own format, with the zone that
// TZ (of the process) names; where the locale is C or not installed: 2026-03-01 10:14:07 CET.
std::string time_for_people(Timestamp time, const std::string& locale_name);

}  // namespace dialin
