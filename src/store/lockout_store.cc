// SPDX-License-Identifier: Apache-2.0
#include "store/lockout_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "store/audit_trail.h"
#include "store/lockout_rows.h"
#include "store/people_rows.h"
#include "store/store_keys.h"

namespace dialin {
namespace {

// How long the counters of a name that belongs to nobody are kept after the last failure; a lockout until an
// administrator ends it would be kept for ever for a person, and so is.
constexpr std::chrono::hours kNobodyKept{30 * 24};

const char* condition_for(CheckedName::Kind kind) {
  switch (kind) {
    case CheckedName::Kind::SipAddress:
      return "sip_key = :key";
    case CheckedName::Kind::Telephone:
      return "line_uri = :key";
    case CheckedName::Kind::Extension:
      // The expression of the index people_by_extension.
      return "substr(line_uri, length(rtrim(line_uri, '0123456789')) + 1) = :key AND line_uri LIKE "
             "'%;ext=%'";
  }
  return "";
}

// By the subjects' ids, so that two checks of the same people never wait for each other crosswise.
std::vector<std::size_t> order_of(const std::vector<std::string>& subjects) {
  std::vector<std::size_t> order(subjects.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return subjects[a] < subjects[b]; });
  return order;
}

std::optional<LockoutRow> lock_row(SociSession& sql, const std::string& subject) {
  const auto row = sql.row(
      fmt::format("SELECT {} FROM lockouts WHERE subject = :subject{}", kLockoutColumns, sql.for_update()),
      kLockoutColumnCount, {{"subject", subject}});
  if (!row) return std::nullopt;
  return read_lockout(*row);
}

LockoutRow lock_or_make_row(WriteTransaction& transaction, const LockoutSubject& subject) {
  SociSession& sql = transaction.sql();
  if (auto row = lock_row(sql, subject.id)) return std::move(*row);
  sql.execute(
      "INSERT INTO lockouts (subject, nobody, last_at) VALUES (:subject, :nobody, :now) ON CONFLICT DO "
      "NOTHING",
      {{"subject", subject.id}, {"nobody", subject.nobody}, {"now", sql.now()}});
  if (subject.nobody) {
    sql.execute(
        "DELETE FROM lockouts WHERE nobody = 1 AND last_at < :before AND globally_locked_since IS NULL",
        {{"before", sql.now() - kNobodyKept}});
  }
  auto row = lock_row(sql, subject.id);
  if (!row) throw Error(ErrorCode::Internal, "a row of lockouts went away while it was made");
  return std::move(*row);
}

void count_check(WriteTransaction& transaction, const std::string& answer) {
  transaction.sql().execute(
      "INSERT INTO check_counts (day, result, slot, checks) VALUES (:day, :result, :slot, 1) ON CONFLICT "
      "(day, "
      "result, slot) DO UPDATE SET checks = check_counts.checks + 1",
      {{"day", day_of(transaction.now())}, {"result", answer}, {"slot", transaction.context().slot}});
}

// Disabled or removed, locked, set, issued: each raises the version.
bool is_still(SociSession& sql, const AttemptRequest& request) {
  if (request.subject.nobody) return true;
  return sql
      .row("SELECT 1 FROM pins WHERE person = :person AND version = :version", 1,
           {{"person", request.subject.id}, {"version", request.expected_version}})
      .has_value();
}

}  // namespace

std::vector<CheckCandidate> SociLockoutStore::candidates(const CheckedName& name, std::size_t limit) {
  return read(context_, "looking for the person of a PIN check", [&](SociSession& sql) {
    std::vector<CheckCandidate> found;
    const std::size_t pin_columns = 9;
    for (const SqlRow& row :
         sql.rows(fmt::format(
                      "SELECT version, pins.verifier, changed_at, expires_at, lock_reason, locked_by, "
                      "locked_since, {} FROM people JOIN pins ON pins.person = people.id WHERE removed = 0 "
                      "AND {} ORDER BY people.id LIMIT :limit",
                      kPersonColumns, condition_for(name.kind)),
                  pin_columns - 2 + kPersonColumnCount, {{"key", name.key}, {"limit", limit}})) {
      SqlRowReader reader(row, pin_columns - 2);
      CheckCandidate candidate{.person = read_person(reader), .pin = {}};
      candidate.pin.version = row.integer(0);
      if (!row.is_null(1))
        candidate.pin.verifier = context_.seals.open_verifier(candidate.person.id, row.text(1));
      candidate.pin.changed_at = row.optional_time(2);
      candidate.pin.expires_at = row.optional_time(3);
      if (!row.is_null(6)) candidate.pin.lock = DeliberateLock{row.text(4), row.text(5), row.time(6)};
      found.push_back(std::move(candidate));
    }
    return found;
  });
}

LockoutSubject SociLockoutStore::nobody(const CheckedName& name) {
  // What somebody typed may be anything, a PIN too.
  return {"nobody " + stamp(context_, "checked-name", Secret(std::string_view(name.key))), true};
}

PaidAttempts SociLockoutStore::pay(const std::vector<AttemptRequest>& requests) {
  std::vector<std::string> subjects;
  for (const AttemptRequest& request : requests) subjects.push_back(request.subject.id);
  const std::vector<std::size_t> order = order_of(subjects);
  return write(context_, {"pay-check", "counting an attempt at a PIN"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    PaidAttempts paid;
    std::vector<LockoutRow> rows(requests.size());
    for (const std::size_t i : order) rows[i] = lock_or_make_row(transaction, requests[i].subject);
    paid.now = transaction.now();
    paid.payments.resize(requests.size());
    // Asked after the locks: a PIN that is changed from here on waits for this transaction with its counters.
    for (const AttemptRequest& request : requests) {
      if (!is_still(sql, request)) paid.version_changed = true;
    }
    if (paid.version_changed) return paid;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      paid.payments[i] = pay_attempt(rows[i].state, requests[i].limits, paid.now);
      write_lockout(sql, rows[i], paid.now);
    }
    return paid;
  });
}

void SociLockoutStore::settle(const std::vector<AttemptOutcome>& outcomes, const std::string& answer,
                              const CheckOrigin& origin, const Operator& by) {
  const bool by_telephone = !origin.address.empty();
  if (outcomes.empty() && !by_telephone) return;
  std::vector<std::string> subjects;
  for (const AttemptOutcome& outcome : outcomes) subjects.push_back(outcome.subject.id);
  const std::vector<std::size_t> order = order_of(subjects);
  run_transaction(
      context_, {"settle-check", "recording the outcome of a PIN check"}, [&](WriteTransaction& transaction) {
        SociSession& sql = transaction.sql();
        for (const std::size_t i : order) {
          const AttemptOutcome& outcome = outcomes[i];
          std::optional<LockoutRow> row = lock_row(sql, outcome.subject.id);
          bool told = false;
          if (row) {
            const LockoutState before = row->state;
            told = settle_attempt(row->state, outcome.payment, outcome.end);
            if (!(row->state == before)) write_lockout(sql, *row, transaction.now());
          }
          const PersonId person = outcome.subject.nobody ? PersonId() : outcome.subject.id;
          const auto detail = [&] {
            std::vector<std::pair<std::string, std::string>> detail = {{"result", outcome.result}};
            const std::string caller = sanitize_foreign_text(origin.caller, 64);
            if (!caller.empty()) {
              detail.emplace_back("caller", audit_name(transaction, person, AuditNameKind::Address, caller));
            }
            if (!origin.address.empty()) detail.emplace_back("asked_by", origin.address);
            return detail;
          };
          switch (outcome.end) {
            case AttemptEnd::Wrong:
              transaction.audit({by, "pin-check-failed", person, detail()});
              if (told) transaction.audit({by, "pin-locked-out", person, detail()});
              break;
            case AttemptEnd::Right:
              if (told) transaction.audit({by, "pin-check-succeeded", person, detail()});
              break;
            case AttemptEnd::NotCounted:
              break;
          }
        }
        if (by_telephone) count_check(transaction, answer);
      });
}

}  // namespace dialin
