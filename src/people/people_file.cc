// SPDX-License-Identifier: Apache-2.0
#include "people/people_file.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "people/language_tag.h"
#include "people/names.h"

namespace dialin {
namespace {

const std::vector<std::string>& known_columns() {
  static const std::vector<std::string> columns = {"SipAddress",     "ExternalId",   "UserPrincipalName",
                                                   "SamAccountName", "DisplayName",  "Mail",
                                                   "LineUri",        "Language",     "Region",
                                                   "Site",           "ConferenceId", "Enabled"};
  return columns;
}

std::optional<bool> parse_boolean(std::string_view text) {
  for (std::string_view yes : {"true", "yes", "1", "$true"}) {
    if (equal_ignoring_case(text, yes)) return true;
  }
  for (std::string_view no : {"false", "no", "0", "$false"}) {
    if (equal_ignoring_case(text, no)) return false;
  }
  return std::nullopt;
}

// A cell's text for a message: short, and nothing in it that a terminal would obey.
std::string show(std::string_view text) {
  return sanitize_foreign_text(text, 60);
}

}  // namespace

class PeopleFileReader::Implementation {
 public:
  explicit Implementation(CsvReader csv) : csv_(std::move(csv)) {
    for (std::size_t i = 0; i < csv_.header().size(); ++i) {
      const std::string& name = csv_.header()[i];
      if (name.empty()) continue;
      bool known = false;
      for (const std::string& column : known_columns()) {
        if (!equal_ignoring_case(name, column)) continue;
        columns_[column] = i;
        known = true;
      }
      if (!known) unknown_columns_.push_back({name, did_you_mean(name, known_columns())});
    }
    if (!columns_.contains("SipAddress")) throw_no_sip_address();
  }

  const std::vector<UnknownColumn>& unknown_columns() const { return unknown_columns_; }
  const std::vector<BadRow>& bad_rows() const { return bad_rows_; }

  std::optional<PersonRow> next() {
    while (std::optional<CsvRecord> record = csv_.next()) {
      if (record->problem) {
        bad_rows_.push_back(std::move(*record->problem));
        continue;
      }
      if (std::optional<PersonRow> row = check(*record)) return row;
    }
    return std::nullopt;
  }

 private:
  [[noreturn]] void throw_no_sip_address() const {
    std::string next = "Name the column with the people's SIP addresses SipAddress.";
    for (const UnknownColumn& column : unknown_columns_) {
      if (column.meant == "SipAddress")
        next = fmt::format("Did you mean SipAddress by \"{}\"?", show(column.name));
    }
    throw Error(ErrorCode::InvalidInput, fmt::format("{}: the file has no column SipAddress", csv_.name()),
                next);
  }

  void report(std::string column, std::string reason) {
    bad_rows_.push_back({line_, std::move(column), std::move(reason)});
  }

  // The cell of `column`; nothing if the file has no such column.
  std::optional<std::string_view> cell(const CsvRecord& record, const std::string& column) const {
    const auto found = columns_.find(column);
    if (found == columns_.end()) return std::nullopt;
    return clean_cell(record.fields[found->second]);
  }

  // A cell that `parse` makes a T of (an optional T); `explain` says why not.
  template <typename T, typename Parse, typename Explain>
  Cell<T> read(const CsvRecord& record, const std::string& column, Parse parse, Explain explain) {
    const std::optional<std::string_view> text = cell(record, column);
    if (!text) return {};
    if (text->empty()) return {true, std::nullopt};
    std::optional<T> value = parse(*text);
    if (!value) report(column, fmt::format("\"{}\": {}", show(*text), explain(*text)));
    return {true, std::move(value)};
  }

  Cell<std::string> read_free_text(const CsvRecord& record, const std::string& column) {
    return read<std::string>(
        record, column,
        [](std::string_view text) -> std::optional<std::string> {
          if (!explain_bad_free_text(text).empty()) return std::nullopt;
          return std::string(text);
        },
        explain_bad_free_text);
  }

  Cell<std::string> read_conference_id(const CsvRecord& record) {
    const std::optional<std::string_view> text = cell(record, "ConferenceId");
    if (text && is_scientific_notation(*text)) {
      report("ConferenceId",
             fmt::format("\"{}\": a spreadsheet has shortened it and its digits are lost; format the "
                         "column as text and write the whole number",
                         show(*text)));
      return {true, std::nullopt};
    }
    return read_free_text(record, "ConferenceId");
  }

  std::optional<bool> read_enabled(const CsvRecord& record) {
    const std::optional<std::string_view> text = cell(record, "Enabled");
    if (!text) return std::nullopt;
    std::optional<bool> enabled = parse_boolean(*text);
    if (!enabled) report("Enabled", fmt::format("\"{}\": write true or false", show(*text)));
    return enabled;
  }

  // Two rows with one key: the later one is bad, and says which line has it, too.
  void check_unique(std::unordered_map<std::string, std::size_t>& seen, const std::string& column,
                    const std::string& key) {
    const auto [earlier, inserted] = seen.emplace(key, line_);
    if (!inserted) {
      report(column,
             fmt::format("\"{}\" stands in line {} and again in line {}", show(key), earlier->second, line_));
    }
  }

  std::optional<PersonRow> check(const CsvRecord& record) {
    bool empty = true;
    for (const std::string& field : record.fields) empty = empty && trim(field).empty();
    if (empty) return std::nullopt;  // spreadsheets write such rows after the last one
    line_ = record.line;
    const std::size_t bad_before = bad_rows_.size();

    const std::string_view sip_text = *cell(record, "SipAddress");
    std::optional<SipAddress> sip = SipAddress::parse(sip_text);
    if (sip_text.empty()) {
      report("SipAddress", "is empty: every person needs one");
    } else if (!sip) {
      report("SipAddress", fmt::format("\"{}\": {}", show(sip_text), explain_bad_sip_address(sip_text)));
    }
    if (sip) check_unique(sip_addresses_, "SipAddress", sip->key());

    Cell<std::string> external_id = read_free_text(record, "ExternalId");
    if (external_id.value) check_unique(external_ids_, "ExternalId", *external_id.value);
    Cell<std::string> principal =
        read<std::string>(record, "UserPrincipalName", parse_user_principal_name, [](std::string_view text) {
          const std::string why = explain_bad_mailbox(text);
          return why.empty() ? std::string("it is not like user@domain") : why;
        });
    if (principal.value) check_unique(principals_, "UserPrincipalName", fold_case(*principal.value));

    Cell<std::string> sam =
        read<std::string>(record, "SamAccountName", parse_sam_account_name,
                          [](std::string_view) { return "it is no logon name like CONTOSO\\bob or bob"; });
    Cell<std::string> display_name = read_free_text(record, "DisplayName");
    Cell<Mailbox> mail = read<Mailbox>(record, "Mail", Mailbox::parse, explain_bad_mailbox);
    Cell<PhoneNumber> line_uri =
        read<PhoneNumber>(record, "LineUri", PhoneNumber::parse, explain_bad_phone_number);
    Cell<std::string> language =
        read<std::string>(record, "Language", parse_language_tag,
                          [](std::string_view) { return "it is no language tag like en, fr or fr-CA"; });
    Cell<std::string> region = read_free_text(record, "Region");
    Cell<std::string> site = read_free_text(record, "Site");
    Cell<std::string> conference_id = read_conference_id(record);
    std::optional<bool> enabled = read_enabled(record);

    if (bad_rows_.size() != bad_before) return std::nullopt;
    return PersonRow{line_,
                     std::move(*sip),
                     std::move(external_id),
                     std::move(principal),
                     std::move(sam),
                     std::move(display_name),
                     std::move(mail),
                     std::move(line_uri),
                     std::move(language),
                     std::move(region),
                     std::move(site),
                     std::move(conference_id),
                     enabled};
  }

  CsvReader csv_;
  std::unordered_map<std::string, std::size_t> columns_;  // known column -> its index
  std::vector<UnknownColumn> unknown_columns_;
  std::vector<BadRow> bad_rows_;
  std::size_t line_ = 0;  // of the row that is being checked
  // Key -> the line that has it.
  std::unordered_map<std::string, std::size_t> sip_addresses_;
  std::unordered_map<std::string, std::size_t> external_ids_;
  std::unordered_map<std::string, std::size_t> principals_;
};

PeopleFileReader::PeopleFileReader(CsvReader csv)
    : implementation_(std::make_unique<Implementation>(std::move(csv))) {}
PeopleFileReader::~PeopleFileReader() = default;

const std::vector<UnknownColumn>& PeopleFileReader::unknown_columns() const {
  return implementation_->unknown_columns();
}
std::optional<PersonRow> PeopleFileReader::next() {
  return implementation_->next();
}
const std::vector<BadRow>& PeopleFileReader::bad_rows() const {
  return implementation_->bad_rows();
}

PeopleFile read_people_file(CsvReader csv) {
  PeopleFileReader reader(std::move(csv));
  PeopleFile file;
  while (std::optional<PersonRow> row = reader.next()) file.rows.push_back(std::move(*row));
  file.bad_rows = reader.bad_rows();
  file.unknown_columns = reader.unknown_columns();
  return file;
}

std::vector<std::string> apply_row(const PersonRow& row, Person& person) {
  std::vector<std::string> changed;
  // Compared as it is written, not by key: bob -> Bob is a change that somebody asked for.
  if (person.sip_address.uri() != row.sip_address.uri()) {
    person.sip_address = row.sip_address;
    changed.push_back("SipAddress");
  }
  const auto text = [&](const Cell<std::string>& cell, std::string& target, const char* column) {
    if (!cell.present || cell.value.value_or("") == target) return;
    target = cell.value.value_or("");
    changed.push_back(column);
  };
  text(row.external_id, person.external_id, "ExternalId");
  text(row.user_principal_name, person.user_principal_name, "UserPrincipalName");
  text(row.sam_account_name, person.sam_account_name, "SamAccountName");
  text(row.display_name, person.display_name, "DisplayName");
  const auto written = [](const std::optional<Mailbox>& mail) {
    return mail ? mail->display_name() + "<" + mail->address() : std::string();
  };
  if (row.mail.present && written(row.mail.value) != written(person.mail)) {
    person.mail = row.mail.value;
    changed.push_back("Mail");
  }
  if (row.line_uri.present && row.line_uri.value != person.line_uri) {
    person.line_uri = row.line_uri.value;
    changed.push_back("LineUri");
  }
  text(row.language, person.language, "Language");
  text(row.region, person.region, "Region");
  text(row.site, person.site, "Site");
  text(row.conference_id, person.conference_id, "ConferenceId");
  if (row.enabled && *row.enabled != person.enabled) {
    person.enabled = *row.enabled;
    changed.push_back("Enabled");
  }
  return changed;
}

}  // namespace dialin
