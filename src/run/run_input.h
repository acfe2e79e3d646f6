// SPDX-License-Identifier: Apache-2.0
// Who is to be welcomed in one run: rows of a CSV file, of JSON lines, or people of the store, one after the
// other, so that memory does not depend on how many there are. Resolves nobody and decides nothing.
//
// Columns of CSV bind by name in any case, as PowerShell's pipeline by property name does: UserUri (also
// Identity, SipAddress, UserPrincipalName, upn), UserEmailAddress (also EmailAddress, mail), Pin, Language,
// Subject; keys of JSON objects likewise. A column with the name of any other parameter of
// Set-CsPinSendCAWelcomeMail is refused by name: a file from elsewhere must not take over a run. Unknown
// columns are named once and ignored. MailResult is known too: so a run's own report may be the input.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "people/csv.h"
#include "people/people_file.h"
#include "people/person.h"
#include "store/store.h"

namespace dialin {

struct RunInputRow {
  std::int64_t line = 0;               // of the file, from 1; people of the store are counted from 1
  std::string identity;                // as it stands there; empty only if `problem` is set
  std::optional<std::string> address;  // cells that are not empty, untouched but for spaces at their ends
  std::optional<std::string> language;
  std::optional<std::string> subject;
  std::optional<Secret> pin;          // digits as they stand there, a leading zero too
  bool already_sent = false;          // MailResult says Sent: the row of a report that needs nothing
  std::optional<Person> person;       // of the store: needs no resolving
  std::optional<CsvProblem> problem;  // the row cannot be read; all else may be missing
};

class RunInput {
 public:
  virtual ~RunInput() = default;
  // The next row; nothing at the end. Error(Unavailable) if it cannot be read on.
  virtual std::optional<RunInputRow> next() = 0;
  virtual const std::vector<UnknownColumn>& unknown_columns() const = 0;
  // SHA-256 of all octets (of what selected the people, for those of the store). After the end only.
  virtual std::string digest() const = 0;
};

// Throws Error(InvalidInput) for a header that cannot be taken: no column that names the person, two that do,
// a parameter's name. `parameter_names`: the names of every parameter of the command.
std::unique_ptr<RunInput> csv_run_input(CsvReader csv, const std::vector<std::string>& parameter_names);

// JSON lines: one object a line. Blank lines are skipped.
std::unique_ptr<RunInput> json_run_input(CsvReader::Read read, std::string name,
                                         const std::vector<std::string>& parameter_names);

// Enabled people of the store, in order of their SIP addresses. Empty region or site: whichever.
struct PeopleSelection {
  bool pin_not_set = false;  // only those without a PIN
  // Only those whose PIN does not meet their policy at this time (welcome/kept_pins.h).
  std::optional<Timestamp> not_meeting_policy_at = {};
  std::string region;  // without case
  std::string site;
};
std::unique_ptr<RunInput> store_run_input(Store& store, PeopleSelection selection);

}  // namespace dialin
