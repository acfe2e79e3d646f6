// SPDX-License-Identifier: Apache-2.0
// Rows of people and of their PINs, as they stand in the tables. Functions with a WriteTransaction lock.
//
// Order of locks everywhere (doc/delivery.md): numbers, people, welcomes, relays, audit head; each kind by
// id.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/records.h"
#include "store/sql_lists.h"
#include "store/store_context.h"

namespace dialin {

// For SELECT; read_person() reads them from a row.
inline constexpr const char* kPersonColumns =
    "people.id, external_id, sip_uri, user_principal_name, sam_account_name, display_name, mail, line_uri, "
    "language, region, site, conference_id, enabled, pin_policy";
inline constexpr std::size_t kPersonColumnCount = 14;
Person read_person(SqlRowReader& reader);

// Everything of `person` for INSERT or UPDATE, by the columns' names, but the policy, which only a grant
// changes.
Binds person_binds(const Person& person);

std::optional<Person> find_person(SociSession& sql, const PersonId& id);
// Those that were not removed.
std::map<PersonId, Person> find_people(SociSession& sql, const std::vector<PersonId>& ids);

// The folded logon name of DOMAIN\logon and of logon.
std::string folded_principal_name(const std::string& user_principal_name);

// What these people are called, for the audit trail's table of names.
void note_names(WriteTransaction& transaction, const std::vector<Person>& people);

// A row of pins.
struct PinsRow {
  PersonId person;
  std::int64_t version = 0;
  std::int64_t pin_version = 0;
  std::optional<std::string> verifier;  // sealed
  std::optional<Timestamp> changed_at;
  std::optional<Timestamp> expires_at;
  std::optional<DeliberateLock> lock;
  bool locked_by_help_desk = false;  // then the help desk may end that lock
};

// Nothing if there is no such person, or the person was removed.
std::optional<PinsRow> find_pins(SociSession& sql, const PersonId& person);

// Locks the person. Error(NotFound) if there is none.
PinsRow lock_person(WriteTransaction& transaction, const PersonId& person);

// Locks these people, removed ones too, in the order of their ids.
std::map<PersonId, PinsRow> lock_people(WriteTransaction& transaction, std::vector<PersonId> people);

// A decision about the PIN that leaves the PIN itself as it is.
void raise_version(WriteTransaction& transaction, PinsRow& pins);

// Makes `verifier` (sealed; none: no PIN) the person's PIN from now on, raises the version, and keeps the
// last `history_count` (at most 20) of them.
struct PinChange {
  std::optional<std::string> verifier;
  std::optional<std::chrono::seconds> lifetime;
  unsigned history_count = 0;
};
void change_pin(WriteTransaction& transaction, PinsRow& pins, const PinChange& change);
// The same for many people at once, each named once.
struct PinOfPerson {
  PinsRow* pins = nullptr;
  PinChange change;
};
void change_pins(WriteTransaction& transaction, const std::vector<PinOfPerson>& changes);

// Locks the person's number and everybody who has it, the person too. Whether nobody else's PIN, nor who has
// the number, is another than `sharers` says.
struct LockedLine {
  PinsRow pins;
  bool as_expected = false;
};
LockedLine lock_line(WriteTransaction& transaction, const PersonId& person,
                     const std::vector<SharerVersion>& sharers);

// Mailboxes in the tables: "address TAB display name", lists one a line.
std::string to_column(const Mailbox& mailbox);
std::string to_column(const std::vector<Mailbox>& mailboxes);
Mailbox mailbox_from_column(const std::string& text);
std::vector<Mailbox> mailboxes_from_column(const std::string& text);

[[noreturn]] void refuse_unknown_person(const PersonId& id);

}  // namespace dialin
