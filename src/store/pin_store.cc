// SPDX-License-Identifier: Apache-2.0
#include "store/pin_store.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "store/lockout_rows.h"
#include "store/outbox_finish.h"
#include "store/outbox_notice.h"
#include "store/outbox_rows.h"

namespace dialin {

PinRecord SociPinStore::pin_of(const PersonId& id) {
  return read(context_, "reading a PIN's record", [&](SociSession& sql) {
    std::optional<PinsRow> pins = find_pins(sql, id);
    if (!pins) refuse_unknown_person(id);
    PinRecord record;
    record.version = pins->version;
    if (pins->verifier) record.verifier = context_.seals.open_verifier(id, *pins->verifier);
    record.changed_at = pins->changed_at;
    record.expires_at = pins->expires_at;
    record.lock = std::move(pins->lock);
    record.failures = failures_of(sql, id);
    return record;
  });
}

std::vector<NumberSharer> SociPinStore::sharers(const PersonId& id) {
  return read(context_, "reading who shares a telephone number", [&](SociSession& sql) {
    std::vector<NumberSharer> sharers;
    for (const SqlRow& row : sql.rows(
             "SELECT pins.person, pins.version, pins.verifier, waiting.seal FROM people AS self JOIN people "
             "AS other "
             "ON other.line_uri = self.line_uri AND other.id <> self.id AND other.removed = 0 JOIN pins ON "
             "pins.person = other.id LEFT JOIN welcomes AS waiting ON waiting.person = other.id AND "
             "waiting.kind = "
             "'welcome' AND waiting.state IN ('queued', 'sending', 'uncertain') WHERE self.id = :id ORDER BY "
             "pins.person",
             4, {{"id", id}})) {
      NumberSharer sharer;
      sharer.person = row.text(0);
      sharer.version = row.integer(1);
      if (!row.is_null(2)) sharer.verifier = context_.seals.open_verifier(sharer.person, row.text(2));
      if (!row.is_null(3)) sharer.pending = context_.seals.open_pin(sharer.person, row.text(3));
      sharers.push_back(std::move(sharer));
    }
    return sharers;
  });
}

std::vector<Secret> SociPinStore::last_verifiers(const PersonId& id, unsigned count) {
  return read(context_, "reading the PINs that a person had", [&](SociSession& sql) {
    const std::optional<PinsRow> pins = find_pins(sql, id);
    if (!pins) refuse_unknown_person(id);
    std::vector<Secret> verifiers;
    if (count == 0) return verifiers;
    for (const SqlRow& row : sql.rows(
             "SELECT verifier FROM pin_history WHERE person = :person ORDER BY version DESC LIMIT :count", 1,
             {{"person", id}, {"count", count}}))
      verifiers.push_back(context_.seals.open_verifier(id, row.text(0)));
    // The present one stands with the person: in the history it may be missing, or have an older cost.
    if (pins->verifier) {
      if (!verifiers.empty()) verifiers.erase(verifiers.begin());
      verifiers.insert(verifiers.begin(), context_.seals.open_verifier(id, *pins->verifier));
    }
    return verifiers;
  });
}

std::vector<PersonId> SociPinStore::people_with(PinCondition condition) {
  return read(context_, "looking for people by their PINs", [&](SociSession& sql) {
    const char* which = "";
    switch (condition) {
      case PinCondition::NotSet:
        which = "pins.verifier IS NULL AND people.enabled = 1";
        break;
      case PinCondition::Locked:
        which =
            "(pins.locked_since IS NOT NULL OR EXISTS (SELECT 1 FROM lockouts WHERE lockouts.subject = "
            "pins.person AND (globally_locked_since IS NOT NULL OR locked_until > :now)))";
        break;
      case PinCondition::Expired:
        which = "pins.expires_at <= :now AND pins.expires_at > pins.changed_at";
        break;
    }
    Binds binds;
    if (condition != PinCondition::NotSet) binds.push_back({"now", sql.now()});
    std::vector<PersonId> people;
    for (const SqlRow& row : sql.rows(std::string("SELECT people.id FROM people JOIN pins ON pins.person = "
                                                  "people.id WHERE people.removed = 0 AND ") +
                                          which + " ORDER BY people.sip_key",
                                      1, binds))
      people.push_back(row.text(0));
    return people;
  });
}

std::vector<KeptPin> SociPinStore::kept(const std::string& after, std::size_t limit) {
  const std::optional<SipAddress> address = SipAddress::parse(after);
  if (!after.empty() && !address)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("listing PINs: {} is no SIP address to go on after", after));
  return read(context_, "listing PINs", [&](SociSession& sql) {
    std::vector<KeptPin> kept;
    for (const SqlRow& row : sql.rows(
             fmt::format("SELECT {}, pins.verifier, pins.changed_at FROM people JOIN pins ON pins.person = "
                         "people.id WHERE removed = 0 AND pins.verifier IS NOT NULL AND sip_key > :key "
                         "ORDER BY sip_key LIMIT :limit",
                         kPersonColumns),
             kPersonColumnCount + 2, {{"key", address ? address->key() : ""}, {"limit", limit}})) {
      SqlRowReader reader(row);
      Person person = read_person(reader);
      Secret verifier = context_.seals.open_verifier(person.id, reader.text());
      kept.push_back({std::move(person), std::move(verifier), reader.time()});
    }
    return kept;
  });
}

SetPinResult SociPinStore::set_pin(const SetPin& request, const Operator& by) {
  if (request.verifier == nullptr) throw Error(ErrorCode::Internal, "a PIN was set without a verifier");
  return write(context_, {"set-pin", "setting a PIN"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    SetPinResult result;
    LockedLine locked = lock_line(transaction, request.person, request.sharers);
    for (const OutboxRow& row : find_rows(sql, "person = :person AND kind = 'welcome' AND state = 'sending'",
                                          {{"person", request.person}}, sql.for_update())) {
      if (!lease_is_live(row, transaction.now())) continue;
      result.outcome = SetPinResult::Outcome::DeliveryInProgress;
      result.owner = row.row.claim_owner;
      return result;
    }
    if (!locked.as_expected || locked.pins.version != request.expected_version) return result;
    const char* const because = "the PIN was set";
    supersede_welcome(transaction, request.person, by, because);
    supersede_copies(transaction, request.person, by, because);
    result.outcome = locked.pins.verifier ? SetPinResult::Outcome::Replaced : SetPinResult::Outcome::Set;
    change_pin(transaction, locked.pins,
               {.verifier = transaction.seals().seal_verifier(request.person, *request.verifier),
                .lifetime = request.lifetime,
                .history_count = request.history_count});
    AuditEntry entry{by,
                     "pin-set",
                     request.person,
                     {{"replaces_pin", result.outcome == SetPinResult::Outcome::Replaced ? "yes" : "no"}}};
    if (request.ignores_history) entry.detail.emplace_back("ignores_history", "yes");
    if (request.notice != nullptr) {
      result.notice = make_notice(transaction, request.person, *request.notice, {}, by).value();
      entry.detail.emplace_back("notice", result.notice);
    }
    transaction.audit(std::move(entry));
    return result;
  });
}

bool SociPinStore::replace_verifier(const PersonId& id, std::int64_t expected_version,
                                    const Secret& verifier) {
  return write(context_, {"replace-verifier", "renewing a verifier"}, [&](WriteTransaction& transaction) {
    return transaction.sql().execute(
               "UPDATE pins SET verifier = :verifier WHERE person = :person AND version = :version AND "
               "verifier IS NOT "
               "NULL",
               {{"verifier", transaction.seals().seal_verifier(id, verifier)},
                {"person", id},
                {"version", expected_version}}) == 1;
  });
}

bool SociPinStore::lock(const PersonId& id, const std::string& reason, const Operator& by) {
  return write(context_, {"lock", "locking a PIN"}, [&](WriteTransaction& transaction) {
    PinsRow pins = lock_person(transaction, id);
    const bool help_desk = by.role == Role::HelpDesk;
    if (pins.lock && (help_desk || !pins.locked_by_help_desk)) return false;
    raise_version(transaction, pins);
    transaction.sql().execute(
        "UPDATE pins SET lock_reason = :reason, locked_by = :by, locked_since = :since, "
        "locked_by_help_desk = :help_desk WHERE person = :person",
        {{"reason", reason},
         {"by", by.name},
         {"since", transaction.now()},
         {"help_desk", help_desk ? 1 : 0},
         {"person", id}});
    supersede_welcome(transaction, id, by, "the PIN was locked");
    transaction.audit({by, "pin-locked", id, {{"reason", reason}}});
    return true;
  });
}

bool SociPinStore::unlock(const PersonId& id, const Operator& by) {
  return write(context_, {"unlock", "unlocking a PIN"}, [&](WriteTransaction& transaction) {
    const PinsRow pins = lock_person(transaction, id);
    if (by.role == Role::HelpDesk && pins.lock && !pins.locked_by_help_desk) {
      throw Error(ErrorCode::Permission,
                  fmt::format("unlocking a PIN: it was locked by {}, who is an administrator",
                              sanitize_foreign_text(pins.lock->by, 100)),
                  "The help desk may end a lockout, and a lock of its own. Ask an administrator.");
    }
    transaction.sql().execute(
        "UPDATE pins SET lock_reason = NULL, locked_by = NULL, locked_since = NULL, locked_by_help_desk = 0 "
        "WHERE person = :person",
        {{"person", id}});
    const FailureCounts failures = clear_failures(transaction, id);
    if (!pins.lock && failures.global == 0) return false;
    transaction.audit({by,
                       "pin-unlocked",
                       id,
                       {{"locked", pins.lock ? "yes" : "no"},
                        {"locked_out", failures.locked_out ? "yes" : "no"},
                        {"failures", std::to_string(failures.global)}}});
    return pins.lock || failures.locked_out;
  });
}

}  // namespace dialin
