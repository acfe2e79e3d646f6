// SPDX-License-Identifier: Apache-2.0
#include "store/people_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "store/lockout_rows.h"

namespace dialin {
namespace {

constexpr unsigned kMostHistory = 20;

constexpr const char* kPinsColumns =
    "person, version, pin_version, verifier, changed_at, expires_at, lock_reason, locked_by, "
    "locked_since, locked_by_help_desk";
constexpr std::size_t kPinsColumnCount = 10;

PinsRow read_pins(const SqlRow& row) {
  PinsRow pins;
  pins.person = row.text(0);
  pins.version = row.integer(1);
  pins.pin_version = row.integer(2);
  pins.verifier = row.optional_text(3);
  pins.changed_at = row.optional_time(4);
  pins.expires_at = row.optional_time(5);
  if (!row.is_null(8)) pins.lock = DeliberateLock{row.text(6), row.text(7), row.time(8)};
  pins.locked_by_help_desk = row.integer(9) != 0;
  return pins;
}

// A PIN that was set while the policy kept no history belongs to it all the same. Where there is a history,
// the newest of it is the present PIN.
void keep_present_pins(SociSession& sql, const std::vector<PersonId>& people) {
  in_lists(people, [&](const std::string& list, const Binds& binds) {
    sql.execute(
        fmt::format(
            "INSERT INTO pin_history (person, version, verifier, made_at) SELECT person, pin_version, "
            "verifier, changed_at FROM pins WHERE person IN {} AND verifier IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM pin_history WHERE pin_history.person = pins.person)",
            list),
        binds);
  });
}

// Leaves the newest `count` PINs of each.
void trim_history(SociSession& sql, const std::vector<PersonId>& people, unsigned count) {
  in_lists(people, [&](const std::string& list, Binds binds) {
    if (count == 0) {
      sql.execute("DELETE FROM pin_history WHERE person IN " + list, binds);
      return;
    }
    binds.push_back({"count", count});
    sql.execute(
        fmt::format(
            "DELETE FROM pin_history WHERE person IN {} AND (SELECT COUNT(*) FROM pin_history AS newer "
            "WHERE newer.person = pin_history.person AND newer.version > pin_history.version) >= "
            ":count",
            list),
        binds);
  });
}

[[noreturn]] void refuse_stored(const char* what, const PersonId& id) {
  throw Error(ErrorCode::Internal,
              fmt::format("the store holds {} of person {} that cannot be read", what, id));
}

}  // namespace

Person read_person(SqlRowReader& reader) {
  const PersonId id = reader.text();
  std::string external_id = reader.text_or_empty();
  std::optional<SipAddress> sip = SipAddress::parse(reader.text());
  if (!sip) refuse_stored("a SIP address", id);
  Person person{.id = id, .external_id = std::move(external_id), .sip_address = *sip};
  person.user_principal_name = reader.text();
  person.sam_account_name = reader.text();
  person.display_name = reader.text();
  if (auto mail = reader.optional_text()) person.mail = mailbox_from_column(*mail);
  if (auto line = reader.optional_text()) {
    person.line_uri = PhoneNumber::parse(*line);
    if (!person.line_uri) refuse_stored("a telephone number", id);
  }
  person.language = reader.text();
  person.region = reader.text();
  person.site = reader.text();
  person.conference_id = reader.text();
  person.enabled = reader.flag();
  person.pin_policy = reader.text();
  return person;
}

std::string folded_principal_name(const std::string& user_principal_name) {
  // As UserIdentifier folds an address, so that a principal name in another spelling of its domain is found.
  const std::optional<Mailbox> address = Mailbox::parse(user_principal_name);
  return address ? address->key() : fold_case(user_principal_name);
}

Binds person_binds(const Person& person) {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? SqlValue(std::nullopt) : SqlValue(text);
  };
  return {{"id", person.id},
          {"external_id", or_null(person.external_id)},
          {"sip_uri", person.sip_address.uri()},
          {"sip_key", person.sip_address.key()},
          {"user_principal_name", person.user_principal_name},
          {"user_principal_name_key", folded_principal_name(person.user_principal_name)},
          {"sam_account_name", person.sam_account_name},
          {"sam_account_name_key", fold_case(person.sam_account_name)},
          {"display_name", person.display_name},
          {"display_name_key", fold_case(person.display_name)},
          {"mail", person.mail ? SqlValue(to_column(*person.mail)) : SqlValue(std::nullopt)},
          {"mail_key", person.mail ? SqlValue(person.mail->key()) : SqlValue(std::nullopt)},
          {"mail_domain", person.mail ? SqlValue(person.mail->domain()) : SqlValue(std::nullopt)},
          {"line_uri", person.line_uri ? SqlValue(person.line_uri->uri()) : SqlValue(std::nullopt)},
          {"language", person.language},
          {"region", person.region},
          {"site", person.site},
          {"conference_id", person.conference_id},
          {"enabled", person.enabled}};
}

std::optional<Person> find_person(SociSession& sql, const PersonId& id) {
  const auto row =
      sql.row(fmt::format("SELECT {} FROM people WHERE id = :id AND removed = 0", kPersonColumns),
              kPersonColumnCount, {{"id", id}});
  if (!row) return std::nullopt;
  SqlRowReader reader(*row);
  return read_person(reader);
}

std::map<PersonId, Person> find_people(SociSession& sql, const std::vector<PersonId>& ids) {
  std::map<PersonId, Person> people;
  in_lists(ids, [&](const std::string& list, const Binds& binds) {
    for (const SqlRow& row :
         sql.rows(fmt::format("SELECT {} FROM people WHERE id IN {} AND removed = 0", kPersonColumns, list),
                  kPersonColumnCount, binds)) {
      SqlRowReader reader(row);
      Person person = read_person(reader);
      PersonId id = person.id;
      people.emplace(std::move(id), std::move(person));
    }
  });
  return people;
}

void note_names(WriteTransaction& transaction, const std::vector<Person>& people) {
  in_parts(people.size(), [&](std::size_t begin, std::size_t end) {
    std::string statement = "INSERT INTO audit_names (id, person, kind, name) VALUES ";
    Binds binds;
    for (std::size_t i = begin; i < end; ++i) {
      const Person& person = people[i];
      statement += fmt::format("{}(:i{}, :p{}, 'person', :n{})", i == begin ? "" : ", ", i, i, i);
      binds.push_back({fmt::format("i{}", i), transaction.next_id()});
      binds.push_back({fmt::format("p{}", i), person.id});
      binds.push_back({fmt::format("n{}", i),
                       person.display_name.empty()
                           ? person.sip_address.uri()
                           : fmt::format("{} <{}>", person.display_name, person.sip_address.uri())});
    }
    transaction.sql().execute(statement + " ON CONFLICT DO NOTHING", binds);
  });
}

std::optional<PinsRow> find_pins(SociSession& sql, const PersonId& person) {
  const auto row = sql.row(fmt::format("SELECT {} FROM pins WHERE person = :person AND EXISTS (SELECT 1 FROM "
                                       "people WHERE id = :person AND "
                                       "removed = 0)",
                                       kPinsColumns),
                           kPinsColumnCount, {{"person", person}});
  if (!row) return std::nullopt;
  return read_pins(*row);
}

PinsRow lock_person(WriteTransaction& transaction, const PersonId& person) {
  SociSession& sql = transaction.sql();
  const auto row =
      sql.row(fmt::format("SELECT {} FROM pins WHERE person = :person{}", kPinsColumns, sql.for_update()),
              kPinsColumnCount, {{"person", person}});
  // Asked after the lock: a removal may just have been committed.
  if (!row || !sql.row("SELECT 1 FROM people WHERE id = :id AND removed = 0", 1, {{"id", person}}))
    refuse_unknown_person(person);
  return read_pins(*row);
}

std::map<PersonId, PinsRow> lock_people(WriteTransaction& transaction, std::vector<PersonId> people) {
  SociSession& sql = transaction.sql();
  std::sort(people.begin(), people.end());
  people.erase(std::unique(people.begin(), people.end()), people.end());
  std::map<PersonId, PinsRow> locked;
  in_lists(people, [&](const std::string& list, const Binds& binds) {
    for (const SqlRow& row : sql.rows(fmt::format("SELECT {} FROM pins WHERE person IN {} ORDER BY person{}",
                                                  kPinsColumns, list, sql.for_update()),
                                      kPinsColumnCount, binds)) {
      PinsRow pins = read_pins(row);
      PersonId id = pins.person;
      locked.emplace(std::move(id), std::move(pins));
    }
  });
  for (const PersonId& person : people) {
    if (!locked.contains(person)) refuse_unknown_person(person);
  }
  return locked;
}

void raise_version(WriteTransaction& transaction, PinsRow& pins) {
  ++pins.version;
  transaction.sql().execute("UPDATE pins SET version = :version WHERE person = :person",
                            {{"version", pins.version}, {"person", pins.person}});
}

void change_pin(WriteTransaction& transaction, PinsRow& pins, const PinChange& change) {
  change_pins(transaction, {{&pins, change}});
}

void change_pins(WriteTransaction& transaction, const std::vector<PinOfPerson>& changes) {
  SociSession& sql = transaction.sql();
  std::vector<PersonId> people;
  for (const PinOfPerson& change : changes) people.push_back(change.pins->person);
  clear_failures(transaction, std::move(people));
  in_parts(changes.size(), [&](std::size_t begin, std::size_t end) {
    SqlValues values({"TEXT", "BIGINT", "TEXT", "BIGINT", "BIGINT"});
    SqlValues history({"TEXT", "BIGINT", "TEXT", "BIGINT"});
    std::vector<PersonId> with_history;
    std::map<unsigned, std::vector<PersonId>> kept;  // by how many stay
    for (std::size_t i = begin; i < end; ++i) {
      PinsRow& pins = *changes[i].pins;
      const PinChange& change = changes[i].change;
      if (change.history_count > 0) with_history.push_back(pins.person);
      ++pins.version;
      pins.pin_version = pins.version;
      pins.verifier = change.verifier;
      pins.changed_at.reset();
      pins.expires_at.reset();
      if (change.verifier) {
        pins.changed_at = transaction.now();
        if (change.lifetime) pins.expires_at = transaction.now() + *change.lifetime;
        const unsigned count = std::min(change.history_count, kMostHistory);
        kept[count].push_back(pins.person);
        if (count > 0) history.add({pins.person, pins.version, pins.verifier, pins.changed_at});
      }
      values.add({pins.person, pins.version, pins.verifier, pins.changed_at, pins.expires_at});
    }
    // Before the UPDATE overwrites them.
    keep_present_pins(sql, with_history);
    sql.execute(
        fmt::format("UPDATE pins SET version = v.column2, pin_version = v.column2, verifier = v.column3, "
                    "changed_at = "
                    "v.column4, expires_at = v.column5 FROM (VALUES {}) AS v WHERE pins.person = v.column1",
                    values.text()),
        values.take_binds());
    if (!history.empty())
      sql.execute("INSERT INTO pin_history (person, version, verifier, made_at) VALUES " + history.text(),
                  history.take_binds());
    for (const auto& [count, people] : kept) trim_history(sql, people, count);
  });
}

LockedLine lock_line(WriteTransaction& transaction, const PersonId& person,
                     const std::vector<SharerVersion>& sharers) {
  SociSession& sql = transaction.sql();
  const char* const find_line = "SELECT line_uri FROM people WHERE id = :id AND removed = 0";
  const auto before = sql.row(find_line, 1, {{"id", person}});
  if (!before) refuse_unknown_person(person);
  const std::optional<std::string> line = before->optional_text(0);
  LockedLine locked;
  if (!line) {
    locked.pins = lock_person(transaction, person);
    locked.as_expected = sharers.empty();
  } else {
    sql.row(std::string("SELECT line FROM phone_lines WHERE line = :line") + sql.for_update(), 1,
            {{"line", *line}});
    std::vector<SharerVersion> found;
    for (const SqlRow& row :
         sql.rows(fmt::format("SELECT {} FROM pins WHERE person IN (SELECT id FROM people WHERE "
                              "line_uri = :line AND removed = 0) ORDER BY person{}",
                              kPinsColumns, sql.for_update()),
                  kPinsColumnCount, {{"line", *line}})) {
      PinsRow pins = read_pins(row);
      if (pins.person == person) {
        locked.pins = std::move(pins);
      } else {
        found.push_back({pins.person, pins.version});
      }
    }
    std::vector<SharerVersion> expected = sharers;
    const auto by_person = [](const SharerVersion& a, const SharerVersion& b) { return a.person < b.person; };
    std::sort(expected.begin(), expected.end(), by_person);
    std::sort(found.begin(), found.end(), by_person);
    locked.as_expected = std::equal(expected.begin(), expected.end(), found.begin(), found.end(),
                                    [](const SharerVersion& a, const SharerVersion& b) {
                                      return a.person == b.person && a.version == b.version;
                                    });
  }
  // The number may have been changed while we waited for its row: then nothing above was about it.
  const auto after = sql.row(find_line, 1, {{"id", person}});
  if (!after) refuse_unknown_person(person);
  if (after->optional_text(0) != line) locked.as_expected = false;
  return locked;
}

std::string to_column(const Mailbox& mailbox) {
  return mailbox.address() + "\t" + mailbox.display_name();
}

std::string to_column(const std::vector<Mailbox>& mailboxes) {
  std::vector<std::string> lines;
  for (const Mailbox& mailbox : mailboxes) lines.push_back(to_column(mailbox));
  return join(lines, "\n");
}

Mailbox mailbox_from_column(const std::string& text) {
  const std::size_t tab = text.find('\t');
  const std::optional<Mailbox> mailbox = Mailbox::parse(text.substr(0, tab));
  if (!mailbox || tab == std::string::npos)
    throw Error(ErrorCode::Internal, "the store holds a mail address that cannot be read");
  return mailbox->with_display_name(std::string_view(text).substr(tab + 1));
}

std::vector<Mailbox> mailboxes_from_column(const std::string& text) {
  std::vector<Mailbox> mailboxes;
  if (text.empty()) return mailboxes;
  for (const std::string& line : split(text, '\n')) mailboxes.push_back(mailbox_from_column(line));
  return mailboxes;
}

void refuse_unknown_person(const PersonId& id) {
  throw Error(ErrorCode::NotFound, fmt::format("there is no person with the id {} in the store", id));
}

}  // namespace dialin
