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

// The cells of `objects`, row by row, as a table shows them.
std::vector<std::vector<std::string>> table_rows(const std::vector<OutputObject>& objects,
                                                 const std::vector<std::string>& columns,
                                                 const std::string& locale) {
  std::vector<std::vector<std::string>> rows;
  for (const OutputObject& object : objects) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const std::string& column : columns) {
      const OutputValue* value = object.find(column);
      row.push_back(value == nullptr ? "" : value_for_people(*value, locale));
    }
  }
  return rows;
}

// Whether all values of `column` are numbers or nothing.
bool is_column_of_numbers(const std::vector<OutputObject>& objects, const std::string& column) {
  return std::all_of(objects.begin(), objects.end(), [&](const OutputObject& object) {
    const OutputValue* value = object.find(column);
    if (value == nullptr || std::holds_alternative<std::nullptr_t>(*value)) return true;
    const auto* text = std::get_if<std::string>(value);
    return std::holds_alternative<std::int64_t>(*value) || (text != nullptr && text->empty());
  });
}

// Takes columns from the widest until the table fits; false if it cannot.
bool fit(std::vector<std::size_t>& widths, std::size_t width) {
  const std::size_t gaps = ColumnGap.size() * (widths.size() - 1);
  while (std::accumulate(widths.begin(), widths.end(), gaps) > width) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= LeastColumnWidth) return false;
    --*widest;
  }
  return true;
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

void write_as(Streams& streams, const std::vector<OutputObject>& objects, OutputFormat format,
              const std::vector<std::string>& columns) {
  ObjectWriter writer(streams, format, columns);
  writer.write(objects);
  writer.finish();
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

ObjectWriter::ObjectWriter(Streams& streams, OutputFormat format, std::vector<std::string> columns)
    : streams_(streams), format_(format), columns_(std::move(columns)) {}

void ObjectWriter::write(const std::vector<OutputObject>& objects) {
  if (columns_.empty() && !objects.empty()) {
    for (const OutputField& field : objects.front().fields()) columns_.push_back(field.name);
  }
  switch (format_) {
    case OutputFormat::List:
      return write_list(objects);
    case OutputFormat::Table:
      return write_table(objects);
    case OutputFormat::Json:
      return write_json(objects);
    case OutputFormat::Csv:
      return write_csv(objects);
  }
}

void ObjectWriter::finish() {
  if (format_ == OutputFormat::Json) streams_.write_output(begun_ ? "\n]\n" : "[]\n");
}

void ObjectWriter::write_list(const std::vector<OutputObject>& objects) {
  const std::string locale = locale_for(streams_);
  for (const OutputObject& object : objects) {
    std::size_t width = LeastNameWidth;
    for (const OutputField& field : object.fields()) width = std::max(width, display_width(field.name));
    std::string text = begun_ ? "\n" : "";
    begun_ = true;
    for (const OutputField& field : object.fields()) {
      const std::string value = value_for_people(field.value, locale);
      text += padded(field.name, width) + (value.empty() ? " :" : " : " + value) + "\n";
    }
    streams_.write_output(text);
  }
}

void ObjectWriter::write_table(const std::vector<OutputObject>& objects) {
  if (objects.empty() || columns_.empty()) return;
  const auto rows = table_rows(objects, columns_, locale_for(streams_));
  if (!begun_) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      std::size_t width = display_width(columns_[i]);
      for (const std::vector<std::string>& row : rows) width = std::max(width, display_width(row[i]));
      widths_.push_back(width);
      numbers_.push_back(is_column_of_numbers(objects, columns_[i]));
    }
    if (streams_.is_terminal(Streams::Stream::Output) && !fit(widths_, streams_.width())) {
      format_ = OutputFormat::List;
      return write_list(objects);
    }
    begun_ = true;
    std::vector<std::string> rules;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      rules.emplace_back(std::min(display_width(columns_[i]), widths_[i]), '-');
    }
    streams_.write_output(table_line(columns_) + table_line(rules));
  }
  for (const std::vector<std::string>& row : rows) streams_.write_output(table_line(row));
}

std::string ObjectWriter::table_line(const std::vector<std::string>& cells) const {
  const bool cut = streams_.is_terminal(Streams::Stream::Output);
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ColumnGap;
    const std::string cell = cut ? cut_to_width(cells[i], widths_[i]) : cells[i];
    line += numbers_[i] ? padded_left(cell, widths_[i]) : padded(cell, widths_[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

void ObjectWriter::write_json(const std::vector<OutputObject>& objects) {
  for (const OutputObject& object : objects) {
    streams_.write_output((begun_ ? ",\n  " : "[\n  ") + json_object(object, "  "));
    begun_ = true;
  }
}

void ObjectWriter::write_csv(const std::vector<OutputObject>& objects) {
  if (columns_.empty()) return;
  std::vector<std::string> cells;
  if (!begun_) {
    for (const std::string& column : columns_) cells.push_back(value_for_csv(OutputValue(column)));
    streams_.write_output(join(cells, ",") + "\r\n");
    begun_ = true;
  }
  for (const OutputObject& object : objects) {
    cells.clear();
    for (const std::string& column : columns_) {
      const OutputValue* value = object.find(column);
      cells.push_back(value == nullptr ? "" : value_for_csv(*value));
    }
    streams_.write_output(join(cells, ",") + "\r\n");
  }
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
