// SPDX-License-Identifier: Apache-2.0
#include "store/pin_past.h"

#include <nlohmann/json.hpp>

#include "store/outbox_rows.h"
#include "store/people_rows.h"
#include "store/pin_store.h"

namespace dialin {
namespace {

// The name that `id` stands for; `id` itself where the name was erased.
std::string name_of(SociSession& sql, const std::string& id) {
  if (id.empty()) return {};
  const auto row = sql.row("SELECT name FROM audit_names WHERE id = :id", 1, {{"id", id}});
  return row ? row->text(0) : id;
}

std::string detail_of(const nlohmann::json& detail, const char* name) {
  const auto found = detail.is_object() ? detail.find(name) : detail.end();
  return found != detail.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// A PIN becomes valid in the transaction that writes its line, and its welcome's end: they have one time.
std::optional<PinPast::Change> change_at(SociSession& sql, const PersonId& person, Timestamp at) {
  const Binds binds = {{"person", person}, {"at", at}};
  PinPast::Change change;
  std::vector<OutboxRow> sent =
      find_rows(sql, "person = :person AND kind = 'welcome' AND state = 'sent' AND finished_at = :at", binds);
  if (!sent.empty()) change.welcome = std::move(sent.front().row);
  const auto line = sql.row(
      "SELECT operator_name, origin FROM audit WHERE person = :person AND at = :at AND event IN ('pin-set', "
      "'welcome-sent')",
      2, binds);
  if (!line && !change.welcome) return std::nullopt;
  if (line) {
    change.by = line->text(0);
    change.origin = line->text(1);
  }
  // Who delivered it set nothing.
  if (change.welcome) change.by = change.welcome->operator_name;
  return change;
}

}  // namespace

PinPast SociPinStore::past_of(const PersonId& id, std::size_t limit) {
  return read(context_, "reading how a PIN came to be", [&](SociSession& sql) {
    const std::optional<PinsRow> pins = find_pins(sql, id);
    if (!pins) refuse_unknown_person(id);
    PinPast past;
    if (pins->changed_at) past.change = change_at(sql, id, *pins->changed_at);
    const char* const failed =
        " FROM audit WHERE person = :person AND event = 'pin-check-failed' AND at > :at";
    Binds binds = {{"person", id}, {"at", pins->changed_at.value_or(Timestamp())}};
    past.failures = sql.row(std::string("SELECT COUNT(*)") + failed, 1, binds)->integer(0);
    binds.push_back({"limit", limit});
    for (const SqlRow& row : sql.rows(std::string("SELECT at, operator_name, detail") + failed +
                                          " ORDER BY at DESC, number DESC LIMIT :limit",
                                      3, binds)) {
      const auto detail = nlohmann::json::parse(row.text(2), nullptr, false);
      past.last_failures.push_back({.at = row.time(0),
                                    .result = detail_of(detail, "result"),
                                    .caller = name_of(sql, detail_of(detail, "caller")),
                                    .asked_by = detail_of(detail, "asked_by"),
                                    .by = row.text(1)});
    }
    return past;
  });
}

}  // namespace dialin
