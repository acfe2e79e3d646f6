// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "run/input_columns.h"

namespace dialin {
namespace {

constexpr std::size_t Absent = std::string::npos;

std::string show(std::string_view name) {
  return sanitize_foreign_text(name, 60);
}

class CsvRunInput final : public RunInput {
 public:
  CsvRunInput(CsvReader csv, const std::vector<std::string>& parameter_names) : csv_(std::move(csv)) {
    places_.fill(Absent);
    std::vector<std::string> refused;
    const bool is_report = is_among(csv_.header(), "PinResult") && is_among(csv_.header(), "MailResult");
    for (std::size_t i = 0; i < csv_.header().size(); ++i) {
      const std::string& name = csv_.header()[i];
      if (name.empty()) continue;
      if (const std::optional<InputColumn> column = input_column(name)) {
        bind(*column, i);
      } else if (is_among(parameter_names, name)) {
        refused.push_back(show(name));
      } else if (!is_report || !is_report_column(name)) {
        unknown_columns_.push_back(unknown_input_column(name));
      }
    }
    if (!refused.empty()) refuse_parameters(refused);
    if (place(InputColumn::Person) == Absent) refuse_nameless();
    if (place(InputColumn::Pin) != Absent) csv_.keep_secret(place(InputColumn::Pin));
  }

  std::optional<RunInputRow> next() override {
    while (std::optional<CsvRecord> record = csv_.next()) {
      RunInputRow row;
      row.line = static_cast<std::int64_t>(record->line);
      if (record->problem) {
        row.problem = std::move(record->problem);
        return row;
      }
      if (is_empty(*record)) continue;
      for (std::size_t i = 0; i < InputColumnCount; ++i) {
        if (places_[i] == Absent) continue;
        put_cell(row, static_cast<InputColumn>(i), csv_.header()[places_[i]], record->fields[places_[i]]);
      }
      if (record->secret) put_pin(row, csv_.header()[place(InputColumn::Pin)], *record->secret);
      finish_row(row, csv_.header()[place(InputColumn::Person)]);
      return row;
    }
    return std::nullopt;
  }

  const std::vector<UnknownColumn>& unknown_columns() const override { return unknown_columns_; }
  std::string digest() const override { return csv_.digest(); }

 private:
  std::size_t& place(InputColumn column) { return places_[static_cast<std::size_t>(column)]; }

  void bind(InputColumn column, std::size_t index) {
    if (place(column) != Absent) {
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{}: the columns {} and {} both name {}", csv_.name(),
                              csv_.header()[place(column)], csv_.header()[index], meaning_of(column)),
                  "Remove one of them, or give it another name.");
    }
    place(column) = index;
  }

  [[noreturn]] void refuse_parameters(const std::vector<std::string>& names) const {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{}: {} {} of the command, which a file cannot set", csv_.name(),
                            join(names, ", "), names.size() == 1 ? "is a parameter" : "are parameters"),
                "Give what holds for everybody on the command line, and remove or rename these columns.");
  }

  [[noreturn]] void refuse_nameless() const {
    std::string next =
        "Name the column UserUri; Identity, SipAddress, UserPrincipalName and upn mean the same.";
    for (const UnknownColumn& column : unknown_columns_) {
      if (column.meant && input_column(*column.meant) == InputColumn::Person) {
        next = fmt::format("Did you mean {} by \"{}\"?", *column.meant, show(column.name));
      }
    }
    throw Error(ErrorCode::InvalidInput, fmt::format("{}: no column names the person", csv_.name()), next);
  }

  // Spreadsheets write such rows after the last one.
  static bool is_empty(const CsvRecord& record) {
    return !record.secret && std::all_of(record.fields.begin(), record.fields.end(),
                                         [](const std::string& field) { return trim(field).empty(); });
  }

  CsvReader csv_;
  std::array<std::size_t, InputColumnCount> places_;  // by InputColumn: where it stands in a record
  std::vector<UnknownColumn> unknown_columns_;
};

}  // namespace

std::unique_ptr<RunInput> csv_run_input(CsvReader csv, const std::vector<std::string>& parameter_names) {
  return std::make_unique<CsvRunInput>(std::move(csv), parameter_names);
}

}  // namespace dialin
