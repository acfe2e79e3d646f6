// SPDX-License-Identifier: Apache-2.0
// An import: first a plan, from the rows and what the store knows, then the changes. Whatever stands in its
// way is found in the plan, so that all of it can be shown at once and nothing is changed.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "store/people_rows.h"
#include "store/people_store.h"
#include "store/policies.h"

namespace dialin {
namespace {

struct Planned {
  const PersonRow* row;
  std::optional<Person> before;  // none: a new person
  std::optional<Person> after;
  std::vector<std::string> fields;  // that change, without Enabled
  bool refused = false;             // there is a conflict; one a row is enough

  bool becomes_enabled() const { return before && !before->enabled && after->enabled; }
  bool becomes_disabled() const { return before && before->enabled && !after->enabled; }
  bool changes_line() const { return after->line_uri != (before ? before->line_uri : std::nullopt); }
};

struct Plan {
  std::vector<Planned> people;  // in the order of the rows
  std::vector<PeopleImport::Conflict> conflicts;
};

// People by id, as they are in the store.
using Known = std::map<PersonId, Person>;

void load(SociSession& sql, const char* column, const std::set<std::string>& values, Known& known) {
  const std::vector<std::string> list(values.begin(), values.end());
  in_parts(list.size(), [&](std::size_t begin, std::size_t end) {
    std::string condition;
    Binds binds;
    for (std::size_t i = begin; i < end; ++i) {
      condition += fmt::format("{}:v{}", i == begin ? "" : ", ", i);
      binds.push_back({fmt::format("v{}", i), list[i]});
    }
    for (const SqlRow& row : sql.rows(fmt::format("SELECT {} FROM people WHERE removed = 0 AND {} IN ({})",
                                                  kPersonColumns, column, condition),
                                      kPersonColumnCount, binds)) {
      SqlRowReader reader(row);
      Person person = read_person(reader);
      const PersonId id = person.id;
      known.insert_or_assign(id, std::move(person));
    }
  });
}

std::string named(const Person& person) {
  return person.external_id.empty()
             ? person.sip_address.uri()
             : fmt::format("{} (external id {})", person.sip_address.uri(), person.external_id);
}

class Planner {
 public:
  Planner(SociSession& sql, const std::vector<PersonRow>& rows) : sql_(sql) {
    std::set<std::string> external_ids, addresses;
    for (const PersonRow& row : rows) {
      if (!external_id_of(row).empty()) external_ids.insert(external_id_of(row));
      addresses.insert(row.sip_address.key());
      plan_.people.push_back({&row, {}, {}, {}, false});
    }
    load(sql_, "external_id", external_ids, known_);
    load(sql_, "sip_key", addresses, known_);
  }

  Plan make(bool share_number) {
    match_by_external_id();
    match_by_address();
    for (Planned& planned : plan_.people) apply(planned);
    refuse_taken_addresses();
    if (!share_number) refuse_held_numbers();
    std::stable_sort(plan_.conflicts.begin(), plan_.conflicts.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    return std::move(plan_);
  }

 private:
  static std::string external_id_of(const PersonRow& row) {
    return row.external_id.value.value_or(std::string());
  }

  void conflict(Planned& planned, std::string reason) {
    if (std::exchange(planned.refused, true)) return;
    plan_.conflicts.push_back({planned.row->line, std::move(reason)});
  }

  void match(Planned& planned, const Person& person) {
    if (!matched_.insert(person.id).second) {
      conflict(planned, fmt::format("another row is about {} already", named(person)));
      return;
    }
    planned.before = person;
  }

  void match_by_external_id() {
    std::map<std::string, const Person*> by_external_id;
    for (const auto& [id, person] : known_) {
      if (!person.external_id.empty()) by_external_id[person.external_id] = &person;
    }
    for (Planned& planned : plan_.people) {
      const auto found = by_external_id.find(external_id_of(*planned.row));
      if (found != by_external_id.end()) match(planned, *found->second);
    }
  }

  // For rows that no external id matched. Somebody whom another row knows by external id is being renamed,
  // and does not stand in the way of a new person with the former address.
  void match_by_address() {
    std::map<std::string, const Person*> by_address;
    for (const auto& [id, person] : known_) {
      if (!matched_.contains(id)) by_address[person.sip_address.key()] = &person;
    }
    for (Planned& planned : plan_.people) {
      if (planned.before) continue;
      const auto found = by_address.find(planned.row->sip_address.key());
      if (found == by_address.end()) continue;
      const Person& person = *found->second;
      const std::string external_id = external_id_of(*planned.row);
      if (!external_id.empty() && !person.external_id.empty()) {
        conflict(planned, fmt::format("{} already belongs to the person with the external id {}",
                                      person.sip_address.uri(), person.external_id));
      }
      match(planned, person);
    }
  }

  static void apply(Planned& planned) {
    planned.after = planned.before
                        ? *planned.before
                        : Person{.id = {}, .external_id = {}, .sip_address = planned.row->sip_address};
    planned.fields = apply_row(*planned.row, *planned.after);
    std::erase(planned.fields, "Enabled");
  }

  void refuse_taken_addresses() {
    // Who has an address when all is done: people of the store whom no row is about, then the rows.
    std::map<std::string, std::string> addresses, external_ids;
    for (const auto& [id, person] : known_) {
      if (!matched_.contains(id)) addresses[person.sip_address.key()] = named(person);
    }
    for (Planned& planned : plan_.people) {
      const std::string name = named(*planned.after);
      const auto [address, free] = addresses.emplace(planned.after->sip_address.key(), name);
      if (!free)
        conflict(planned,
                 fmt::format("{} already belongs to {}", planned.after->sip_address.uri(), address->second));
      if (planned.after->external_id.empty()) continue;
      const auto [external_id, unused] = external_ids.emplace(planned.after->external_id, name);
      if (!unused)
        conflict(planned, fmt::format("the external id {} already belongs to {}", planned.after->external_id,
                                      external_id->second));
    }
  }

  void refuse_held_numbers() {
    std::set<std::string> lines;
    for (const Planned& planned : plan_.people) {
      if (planned.after->line_uri) lines.insert(planned.after->line_uri->uri());
    }
    Known holders;
    load(sql_, "line_uri", lines, holders);
    std::multimap<std::string, const Person*> held;  // by enabled people, when all is done
    for (const auto& [id, person] : holders) {
      if (person.enabled && !matched_.contains(id)) held.emplace(person.line_uri->uri(), &person);
    }
    for (Planned& planned : plan_.people) {
      const Person& person = *planned.after;
      if (!person.enabled || !person.line_uri) continue;
      const auto [begin, end] = held.equal_range(person.line_uri->uri());
      // A number that was shared before may stay shared.
      const bool asks = !planned.before || planned.changes_line() || planned.becomes_enabled();
      if (asks && begin != end)
        conflict(planned, fmt::format("the number {} of {} is already held by {}", person.line_uri->uri(),
                                      person.sip_address.uri(), named(*begin->second)));
      held.emplace(person.line_uri->uri(), &person);
    }
  }

  SociSession& sql_;
  Known known_;
  std::set<PersonId> matched_;
  Plan plan_;
};

PeopleImport report_of(const Plan& plan) {
  PeopleImport report;
  report.conflicts = plan.conflicts;
  if (!plan.conflicts.empty()) return report;
  for (const Planned& planned : plan.people) {
    const std::string& address = planned.after->sip_address.uri();
    if (!planned.before) {
      report.added.push_back(address);
      continue;
    }
    if (!planned.fields.empty()) {
      const SipAddress& before = planned.before->sip_address;
      const bool renamed = before.key() != planned.after->sip_address.key();
      report.updated.push_back({address, planned.fields, renamed ? before.uri() : std::string()});
    }
    if (planned.becomes_disabled()) report.disabled.push_back(address);
    if (planned.becomes_enabled()) report.enabled.push_back(address);
    if (planned.fields.empty() && !planned.becomes_disabled() && !planned.becomes_enabled())
      ++report.unchanged;
  }
  return report;
}

// Locks every number that somebody gets or loses, in their order, so that nobody compares PINs meanwhile.
void lock_lines(WriteTransaction& transaction, const Plan& plan) {
  std::set<std::string> lines;
  for (const Planned& planned : plan.people) {
    if (!planned.changes_line()) continue;
    if (planned.before && planned.before->line_uri) lines.insert(planned.before->line_uri->uri());
    if (planned.after->line_uri) lines.insert(planned.after->line_uri->uri());
  }
  SociSession& sql = transaction.sql();
  for (const std::string& line : lines) {
    sql.execute("INSERT INTO phone_lines (line) VALUES (:line) ON CONFLICT DO NOTHING", {{"line", line}});
    sql.row(std::string("SELECT line FROM phone_lines WHERE line = :line") + sql.for_update(), 1,
            {{"line", line}});
  }
}

void insert_people(WriteTransaction& transaction, const std::vector<Person>& people) {
  in_parts(people.size(), [&](std::size_t begin, std::size_t end) {
    std::string columns, values, pins;
    Binds binds = {{"now", transaction.now()}}, pin_binds;
    for (std::size_t i = begin; i < end; ++i) {
      values += i == begin ? "(" : ", (";
      for (Bind& bind : person_binds(people[i])) {
        if (i == begin) columns += bind.name + ", ";
        bind.name += fmt::format("_{}", i);
        values += fmt::format(":{}, ", bind.name);
        binds.push_back(std::move(bind));
      }
      values += ":now)";
      pins += fmt::format("{}(:p{}, 1, 1)", i == begin ? "" : ", ", i);
      pin_binds.push_back({fmt::format("p{}", i), people[i].id});
    }
    transaction.sql().execute(fmt::format("INSERT INTO people ({}created_at) VALUES {}", columns, values),
                              binds);
    transaction.sql().execute("INSERT INTO pins (person, version, pin_version) VALUES " + pins, pin_binds);
  });
}

// Frees the unique keys of those who get others, so that two people can exchange theirs.
void free_keys(SociSession& sql, const Plan& plan) {
  for (const Planned& planned : plan.people) {
    if (!planned.before) continue;
    if (planned.before->sip_address.key() != planned.after->sip_address.key() ||
        planned.before->external_id != planned.after->external_id)
      sql.execute("UPDATE people SET sip_key = '!' || id, external_id = NULL WHERE id = :id AND removed = 0",
                  {{"id", planned.before->id}});
  }
}

// All but `enabled`, which only a decision about the person changes. False: the person was removed meanwhile.
bool update_person(SociSession& sql, const Person& person) {
  Binds binds = person_binds(person);
  std::erase_if(binds, [](const Bind& bind) { return bind.name == "enabled"; });
  std::string assignments;
  for (const Bind& bind : binds) {
    if (bind.name != "id")
      assignments += fmt::format("{}{} = :{}", assignments.empty() ? "" : ", ", bind.name, bind.name);
  }
  return sql.execute(fmt::format("UPDATE people SET {} WHERE id = :id AND removed = 0", assignments),
                     binds) == 1;
}

std::string joined(const std::vector<std::string>& fields) {
  return fmt::format("{}", fmt::join(fields, ","));
}

void carry_out(WriteTransaction& transaction, Plan& plan, const Operator& by) {
  SociSession& sql = transaction.sql();
  lock_lines(transaction, plan);
  std::map<PersonId, PinsRow> switched;  // locked in the order of their ids
  for (const Planned& planned : plan.people) {
    if (planned.becomes_enabled() || planned.becomes_disabled()) switched[planned.before->id];
  }
  for (auto& [id, pins] : switched) pins = lock_person(transaction, id);
  free_keys(sql, plan);
  std::vector<Person> added, renamed;
  std::vector<PersonId> moved;
  for (Planned& planned : plan.people) {
    if (!planned.before) {
      planned.after->id = transaction.next_id();
      added.push_back(*planned.after);
      transaction.audit({by, "person-added", planned.after->id, {}});
    } else if (!planned.fields.empty() && update_person(sql, *planned.after)) {
      renamed.push_back(*planned.after);
      if (planned.after->site != planned.before->site) moved.push_back(planned.after->id);
      transaction.audit({by, "person-changed", planned.after->id, {{"fields", joined(planned.fields)}}});
    }
  }
  insert_people(transaction, added);
  note_names(transaction, added);
  note_names(transaction, renamed);
  if (!moved.empty()) apply_policies(transaction, moved);
  for (const Planned& planned : plan.people) {
    if (planned.becomes_disabled())
      disable_person(transaction, switched.at(planned.before->id), by, "the person was disabled");
    if (planned.becomes_enabled()) enable_person(transaction, switched.at(planned.before->id), false, by);
  }
}

}  // namespace

PeopleImport SociPeopleStore::apply(const std::vector<PersonRow>& rows, ImportMode mode, bool share_number,
                                    const Operator& by) {
  if (mode == ImportMode::WhatIf)
    return read(context_, "planning an import of people",
                [&](SociSession& sql) { return report_of(Planner(sql, rows).make(share_number)); });
  return write(context_, {"import-people", "importing people"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    sql.row(std::string("SELECT name FROM table_locks WHERE name = 'people'") + sql.for_update(), 1);
    Plan plan = Planner(sql, rows).make(share_number);
    PeopleImport report = report_of(plan);
    if (report.conflicts.empty()) carry_out(transaction, plan, by);
    return report;
  });
}

}  // namespace dialin
