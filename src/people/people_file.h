// SPDX-License-Identifier: Apache-2.0
// People from a CSV file (`dialin people import`): reads and checks; the store applies.
//
// Columns, in any order, names in any case: SipAddress (mandatory), ExternalId, UserPrincipalName,
// SamAccountName, DisplayName, Mail, LineUri, Language, Region, Site, ConferenceId, Enabled (true or false,
// yes or no, 1 or 0). A column that is absent leaves what is known as it is; an empty cell in a present one
// clears it. Rows without any value are skipped. An apostrophe before = + - @ is dropped: our own reports
// write it against spreadsheets that would run the cell.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "people/csv.h"
#include "people/person.h"

namespace dialin {

template <typename T>
struct Cell {
  bool present = false;    // false: leave what is known as it is
  std::optional<T> value;  // nothing in a present cell: clear it
};

struct PersonRow {
  std::size_t line;  // in the file, from 1
  SipAddress sip_address;
  Cell<std::string> external_id;
  Cell<std::string> user_principal_name;
  Cell<std::string> sam_account_name;
  Cell<std::string> display_name;
  Cell<Mailbox> mail;
  Cell<PhoneNumber> line_uri;
  Cell<std::string> language;
  Cell<std::string> region;
  Cell<std::string> site;
  Cell<std::string> conference_id;
  std::optional<bool> enabled;  // nothing if the column is absent; an empty cell is a bad row
};

// Makes `person` what `row` says (all but id), and returns the columns whose value changed, in the order
// above. For a new person, start from one with the row's SIP address.
std::vector<std::string> apply_row(const PersonRow& row, Person& person);

using BadRow = CsvProblem;

struct UnknownColumn {
  std::string name;
  std::optional<std::string> meant;  // the column it looks like
};

class PeopleFileReader {
 public:
  // Throws Error(InvalidInput) if the file has no column SipAddress.
  explicit PeopleFileReader(CsvReader csv);
  ~PeopleFileReader();

  // Columns that are ignored, to be named once.
  const std::vector<UnknownColumn>& unknown_columns() const;

  // The next row in which everything is good; nothing at the end of the file. A row that repeats the
  // SipAddress, ExternalId or UserPrincipalName of an earlier one, good or bad, is bad.
  std::optional<PersonRow> next();

  // Bad rows so far, one entry a bad cell.
  const std::vector<BadRow>& bad_rows() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// The whole file at once.
struct PeopleFile {
  std::vector<PersonRow> rows;
  std::vector<BadRow> bad_rows;
  std::vector<UnknownColumn> unknown_columns;
};
PeopleFile read_people_file(CsvReader csv);

}  // namespace dialin
