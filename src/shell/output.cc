// SPDX-License-Identifier: Apache-2.0
#include "shell/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/text.h"
#include "shell/value_text.h"

namespace dialin {

namespace {

constexpr std::size_t LeastNameWidth = 17;   // as PowerShell shows Get-CsClientPinInfo
constexpr std::size_t LeastColumnWidth = 8;  // a column is not cut below this
constexpr std::string_view ColumnGap = " ";

// The locale for times if the output is a terminal, else empty.
std::string locale_for(const Streams& streams) {
  if (!streams.is_terminal(Streams::Stream::Output)) return {};
  return streams.locale_name("LC_TIME");
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t own = display_width(text);
  if (own < width) text.append(width - own, ' ');
  return text;
}

std::string padded_left(const std::string& text, std::size_t width) {
  const std::size_t own = display_width(text);
  return own < width ? std::string(width - own, ' ') + text : text;
}

void write_list(Streams& streams, const std::vector<OutputObject>& objects) {
  const std::string locale = locale_for(streams);
  bool first = true;
  for (const OutputObject& object : objects) {
    std::size_t width = LeastNameWidth;
    for (const OutputField& field : object.fields()) width = std::max(width, display_width(field.name));
    std::string text = first ? "" : "\n";
    first = false;
    for (const OutputField& field : object.fields()) {
      const std::string value = value_for_people(field.value, locale);
      text += padded(field.name, width) + (value.empty() ? " :" : " : " + value) + "\n";
    }
    streams.write_output(text);
  }
}

struct Table {
  std::vector<std::string> headings;
  std::vector<bool> numbers;  // columns of numbers only stand to the right
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> widths;

  std::size_t total_width() const {
    return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) +
           ColumnGap.size() * (widths.size() - 1);
  }
};

Table make_table(const std::vector<OutputObject>& objects, const std::vector<std::string>& columns,
                 const std::string& locale) {
  Table table;
  table.headings = columns;
  table.numbers.assign(columns.size(), true);
  for (const std::string& column : columns) table.widths.push_back(display_width(column));
  for (const OutputObject& object : objects) {
    std::vector<std::string>& row = table.rows.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const OutputValue* value = object.find(columns[i]);
      row.push_back(value == nullptr ? "" : value_for_people(*value, locale));
      table.widths[i] = std::max(table.widths[i], display_width(row.back()));
      const bool number = value != nullptr && std::holds_alternative<std::int64_t>(*value);
      if (!number && !row.back().empty()) table.numbers[i] = false;
    }
  }
  return table;
}

// Takes columns from the widest until the table fits; false if it cannot.
bool fit(Table& table, std::size_t width) {
  while (table.total_width() > width) {
    const auto widest = std::max_element(table.widths.begin(), table.widths.end());
    if (*widest <= LeastColumnWidth) return false;
    --*widest;
  }
  return true;
}

std::string table_line(const Table& table, const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ColumnGap;
    const std::string cell = cut_to_width(cells[i], table.widths[i]);
    line += table.numbers[i] ? padded_left(cell, table.widths[i]) : padded(cell, table.widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

void write_table(Streams& streams, const std::vector<OutputObject>& objects,
                 const std::vector<std::string>& columns) {
  if (objects.empty() || columns.empty()) return;
  Table table = make_table(objects, columns, locale_for(streams));
  if (streams.is_terminal(Streams::Stream::Output) && !fit(table, streams.width())) {
    write_list(streams, objects);
    return;
  }
  std::vector<std::string> rules;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    rules.emplace_back(std::min(display_width(table.headings[i]), table.widths[i]), '-');
  }
  streams.write_output(table_line(table, table.headings) + table_line(table, rules));
  for (const std::vector<std::string>& row : table.rows) streams.write_output(table_line(table, row));
}

std::string json_object(const OutputObject& object, std::string_view indent) {
  if (object.fields().empty()) return "{}";
  std::string text = "{";
  std::string_view separator = "\n";
  for (const OutputField& field : object.fields()) {
    text += fmt::format("{}{}  {}: {}", separator, indent, text_for_json(field.name),
                        value_for_json(field.value));
    separator = ",\n";
  }
  return text + fmt::format("\n{}}}", indent);
}

void write_json_array(Streams& streams, const std::vector<OutputObject>& objects) {
  if (objects.empty()) {
    streams.write_output("[]\n");
    return;
  }
  std::string_view separator = "[\n  ";
  for (const OutputObject& object : objects) {
    streams.write_output(std::string(separator) + json_object(object, "  "));
    separator = ",\n  ";
  }
  streams.write_output("\n]\n");
}

void write_csv(Streams& streams, const std::vector<OutputObject>& objects,
               const std::vector<std::string>& columns) {
  if (columns.empty()) return;
  std::vector<std::string> cells;
  for (const std::string& column : columns) cells.push_back(value_for_csv(OutputValue(column)));
  streams.write_output(join(cells, ",") + "\r\n");
  for (const OutputObject& object : objects) {
    cells.clear();
    for (const std::string& column : columns) {
      const OutputValue* value = object.find(column);
      cells.push_back(value == nullptr ? "" : value_for_csv(*value));
    }
    streams.write_output(join(cells, ",") + "\r\n");
  }
}

void write_as(Streams& streams, const std::vector<OutputObject>& objects, OutputFormat format,
              std::vector<std::string> columns) {
  if (columns.empty() && !objects.empty()) {
    for (const OutputField& field : objects.front().fields()) columns.push_back(field.name);
  }
  switch (format) {
    case OutputFormat::List:
      return write_list(streams, objects);
    case OutputFormat::Table:
      return write_table(streams, objects, columns);
    case OutputFormat::Json:
      return write_json_array(streams, objects);
    case OutputFormat::Csv:
      return write_csv(streams, objects, columns);
  }
}

}  // namespace

std::optional<OutputFormat> output_format(const BoundParameters& bound) {
  const auto name = bound.text("Output");
  if (!name) return std::nullopt;
  if (*name == "table") return OutputFormat::Table;
  if (*name == "list") return OutputFormat::List;
  if (*name == "json") return OutputFormat::Json;
  if (*name == "csv") return OutputFormat::Csv;
  throw Error(ErrorCode::Internal, fmt::format("-Output was bound to {}.", *name));
}

OutputObject& OutputObject::text(std::string name, std::string value) {
  fields_.push_back({std::move(name), OutputValue(std::move(value))});
  return *this;
}

OutputObject& OutputObject::text_or_null(std::string name, const std::optional<std::string>& value) {
  fields_.push_back({std::move(name), value ? OutputValue(*value) : OutputValue(nullptr)});
  return *this;
}

OutputObject& OutputObject::truth(std::string name, bool value) {
  fields_.push_back({std::move(name), OutputValue(value)});
  return *this;
}

OutputObject& OutputObject::number(std::string name, std::int64_t value) {
  fields_.push_back({std::move(name), OutputValue(value)});
  return *this;
}

OutputObject& OutputObject::time(std::string name, Timestamp value) {
  fields_.push_back({std::move(name), OutputValue(value)});
  return *this;
}

OutputObject& OutputObject::time_or_null(std::string name, const std::optional<Timestamp>& value) {
  fields_.push_back({std::move(name), value ? OutputValue(*value) : OutputValue(nullptr)});
  return *this;
}

const OutputValue* OutputObject::find(std::string_view name) const {
  for (const OutputField& field : fields_) {
    if (field.name == name) return &field.value;
  }
  return nullptr;
}

void write_object(Streams& streams, const OutputObject& object, std::optional<OutputFormat> format) {
  if (format == OutputFormat::Json) {
    streams.write_output(json_object(object, "") + "\n");
    return;
  }
  write_as(streams, {object}, format.value_or(OutputFormat::List), {});
}

void write_objects(Streams& streams, const std::vector<OutputObject>& objects,
                   std::optional<OutputFormat> format, const std::vector<std::string>& columns) {
  const OutputFormat usual = objects.size() == 1 ? OutputFormat::List : OutputFormat::Table;
  write_as(streams, objects, format.value_or(usual), columns);
}

}  // namespace dialin
