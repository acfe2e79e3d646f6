// SPDX-License-Identifier: Apache-2.0
#include "run/input_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "people/phone_number.h"

namespace dialin {
namespace {

constexpr std::size_t LongestCell = 1024;  // octets: of a UserIdentifier, and more than any other may have

struct NamedColumn {
  const char* name;
  InputColumn column;
};
constexpr std::array<NamedColumn, 12> Columns = {{
    {"UserUri", InputColumn::Person},
    {"Identity", InputColumn::Person},
    {"SipAddress", InputColumn::Person},
    {"UserPrincipalName", InputColumn::Person},
    {"upn", InputColumn::Person},
    {"UserEmailAddress", InputColumn::Address},
    {"EmailAddress", InputColumn::Address},
    {"mail", InputColumn::Address},
    {"Pin", InputColumn::Pin},
    {"Language", InputColumn::Language},
    {"Subject", InputColumn::Subject},
    {"MailResult", InputColumn::MailResult},
}};

constexpr const char* Shortened =
    "a spreadsheet has shortened it and its digits are lost; format the column as text and write all digits";

// Whether `text` can only be a telephone number, and has no country code: "tel:4255551297", "(425) 555-1297".
bool lost_its_plus(std::string_view text) {
  const bool tel = text.size() > 4 && equal_ignoring_case(text.substr(0, 4), "tel:");
  const bool separated = text.find_first_of("() ") != std::string_view::npos;
  if (!tel && !separated) return false;
  if (tel) text = trim(text.substr(4));
  const std::string_view number = text.substr(0, text.find(';'));
  return number.find_first_not_of("0123456789-.() ") == std::string_view::npos &&
         std::count_if(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; }) >= 3;
}

}  // namespace

std::optional<InputColumn> input_column(std::string_view name) {
  for (const NamedColumn& known : Columns) {
    if (equal_ignoring_case(known.name, name)) return known.column;
  }
  return std::nullopt;
}

const char* meaning_of(InputColumn column) {
  switch (column) {
    case InputColumn::Person:
      return "the person";
    case InputColumn::Address:
      return "the address of the mail";
    case InputColumn::Pin:
      return "the PIN";
    case InputColumn::Language:
      return "the language";
    case InputColumn::Subject:
      return "the subject";
    case InputColumn::MailResult:
      return "the result of an earlier run";
  }
  return "";
}

bool is_report_column(std::string_view name) {
  for (const char* column : {"Line", "PinResult", "Code", "Detail"}) {
    if (equal_ignoring_case(column, name)) return true;
  }
  return false;
}

bool is_among(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& known) { return equal_ignoring_case(known, name); });
}

UnknownColumn unknown_input_column(std::string name) {
  static const std::vector<std::string> known = [] {
    std::vector<std::string> names;
    for (const NamedColumn& column : Columns) names.emplace_back(column.name);
    return names;
  }();
  std::optional<std::string> meant = did_you_mean(name, known);
  return {std::move(name), std::move(meant)};
}

void report_problem(RunInputRow& row, std::string_view name, std::string reason) {
  if (row.problem) return;
  row.problem = CsvProblem{static_cast<std::size_t>(row.line), std::string(name), std::move(reason)};
}

void put_cell(RunInputRow& row, InputColumn column, std::string_view name, std::string_view cell) {
  const std::string_view text = clean_cell(cell);
  if (text.empty()) return;
  if (text.size() > LongestCell) return report_problem(row, name, "is longer than 1,024 octets");
  if (text.find('\0') != std::string_view::npos) return report_problem(row, name, "contains a NUL character");
  switch (column) {
    case InputColumn::Person:
      row.identity = text;
      if (is_scientific_notation(text)) {
        report_problem(row, name, fmt::format("\"{}\": {}", sanitize_foreign_text(text, 60), Shortened));
      } else if (lost_its_plus(text)) {
        report_problem(
            row, name,
            fmt::format("\"{}\": a telephone number without + and country code (spreadsheets remove the +)",
                        sanitize_foreign_text(text, 60)));
      }
      return;
    case InputColumn::Address:
      row.address = text;
      return;
    case InputColumn::Language:
      row.language = text;
      return;
    case InputColumn::Subject:
      row.subject = text;
      return;
    case InputColumn::MailResult:
      row.already_sent = equal_ignoring_case(text, "Sent");
      return;
    case InputColumn::Pin:
      return;  // put_pin()
  }
}

void put_pin(RunInputRow& row, std::string_view name, const Secret& cell) {
  const std::string_view digits = trim(cell.reveal(ClearSecretAccess()));
  if (digits.empty()) return;
  if (is_scientific_notation(digits)) return report_problem(row, name, Shortened);
  row.pin = Secret(digits);
}

void finish_row(RunInputRow& row, std::string_view name) {
  if (row.identity.empty()) report_problem(row, name, "is empty: it names the person");
  if (row.problem) row.pin.reset();
}

}  // namespace dialin
