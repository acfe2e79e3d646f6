// SPDX-License-Identifier: Apache-2.0
#include "store/status.h"

#include <map>

#include "base/error.h"
#include "store/outbox_pause.h"
#include "store/outbox_rows.h"
#include "store/relay_rows.h"
#include "store/relays.h"
#include "store/run_rows.h"

namespace dialin {
namespace {

// `kind`: SQL that selects the rows.
std::vector<std::pair<WelcomeState, std::int64_t>> by_state(SociSession& sql, const char* kind) {
  std::map<WelcomeState, std::int64_t> counts;
  for (auto state : {WelcomeState::Queued, WelcomeState::Sending, WelcomeState::Sent, WelcomeState::Failed,
                     WelcomeState::Uncertain, WelcomeState::Cancelled, WelcomeState::Superseded})
    counts[state] = 0;
  for (const SqlRow& row :
       sql.rows(std::string("SELECT state, COUNT(*) FROM welcomes WHERE ") + kind + " GROUP BY state", 2))
    counts[state_from_text(row.text(0))] = row.integer(1);
  return {counts.begin(), counts.end()};
}

std::vector<std::pair<RunState, std::int64_t>> runs_by_state(SociSession& sql) {
  std::vector<std::pair<RunState, std::int64_t>> counts;
  for (auto state : {RunState::Staging, RunState::Ready, RunState::Finished, RunState::Cancelled})
    counts.emplace_back(
        state, sql.row("SELECT COUNT(*) FROM runs WHERE state = :state", 1, {{"state", to_text(state)}})
                   ->integer(0));
  return counts;
}

std::vector<std::pair<Relay, RelayState>> relays_in_use(SociSession& sql, Timestamp now) {
  std::vector<std::pair<Relay, RelayState>> relays;
  for (const SqlRow& columns :
       sql.rows("SELECT server, port, user_name FROM relays ORDER BY server, port, user_name", 3)) {
    const Relay relay{columns.text(0), static_cast<std::uint16_t>(columns.integer(1)), columns.text(2)};
    const std::optional<RelayRow> row = find_relay(sql, relay);
    const ConnectionUse use = use_of_connections(sql, relay, now);
    if (row && (row->known || use.open > 0)) relays.emplace_back(relay, state_of(*row, use, now));
  }
  return relays;
}

std::optional<bool> key_opens_seals(StoreContext& context, SociSession& sql) {
  const auto verifier = sql.row(
      "SELECT person, verifier FROM pins WHERE verifier IS NOT NULL ORDER BY changed_at DESC LIMIT 1", 2);
  const auto waiting = sql.row(
      "SELECT person, seal FROM welcomes WHERE kind = 'welcome' AND state IN ('queued', 'sending', "
      "'uncertain') AND seal IS NOT NULL ORDER BY created_at DESC LIMIT 1",
      2);
  if (!verifier && !waiting) return std::nullopt;
  try {
    if (verifier) context.seals.open_verifier(verifier->text(0), verifier->text(1));
    if (waiting) context.seals.open_pin(waiting->text(0), waiting->text(1));
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

StoreStatus read_status(StoreContext& context) {
  return read(context, "reading the store's state", [&](SociSession& sql) {
    StoreStatus status;
    status.backend = sql.product();
    status.location = sql.place();
    status.schema_version = context.schema_version;
    status.store_id = context.store_id;
    status.key_id = key_in_use(sql).text();
    status.key_opens_seals = key_opens_seals(context, sql);
    const auto count = [&](const char* statement) { return sql.row(statement, 1)->integer(0); };
    status.people = count("SELECT COUNT(*) FROM people WHERE removed = 0");
    status.people_disabled = count("SELECT COUNT(*) FROM people WHERE removed = 0 AND enabled = 0");
    status.pins_set = count("SELECT COUNT(*) FROM pins WHERE verifier IS NOT NULL");
    status.pins_locked = count("SELECT COUNT(*) FROM pins WHERE locked_since IS NOT NULL");
    status.welcomes = by_state(sql, "kind = 'welcome'");
    status.copies = by_state(sql, "kind = 'copy' AND notice IS NULL");
    status.notices = by_state(sql, "notice IS NOT NULL");
    status.runs = runs_by_state(sql);
    const Timestamp now = sql.now();
    status.runs_paused =
        sql.row(
               "SELECT COUNT(*) FROM runs WHERE state = 'ready' AND pause_reason IS NOT NULL AND "
               "(paused_until IS NULL OR paused_until > :now)",
               1, {{"now", now}})
            ->integer(0);
    status.pauses = find_pauses(sql, now);
    status.relays = relays_in_use(sql, now);
    status.people_without_region =
        count("SELECT COUNT(*) FROM people WHERE removed = 0 AND enabled = 1 AND region = ''");
    status.access_numbers = count("SELECT COUNT(*) FROM access_numbers");
    const auto lines = sql.row("SELECT COUNT(*), MAX(at) FROM audit", 2);
    status.audit_lines = lines->integer(0);
    status.newest_audit_line = lines->optional_time(1);
    return status;
  });
}

}  // namespace dialin
