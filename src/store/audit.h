// SPDX-License-Identifier: Apache-2.0
// The audit trail: one chain of lines a host, written in the transaction of the change itself.
//
// A line's hash is SHA-256 over these fields, each as "LENGTH:OCTETS," (so no text can move from one to the
// next):
//   "dialin-audit-v1", previous hash, host, number, time in microseconds, operator, origin, event, person,
//   detail
// The first line of a host has number 1 and 64 zeros for the previous hash. Detail is one JSON object.
//
// Lines hold internal ids; names stand in audit_names and can be erased with the person. Never a PIN, and no
// address in a detail: audit_name() gives an id for it.
//
// Events: person-added, person-changed, person-enabled, person-disabled, person-removed, pin-set, pin-locked,
// pin-unlocked, pin-check-failed, pin-locked-out, pin-check-succeeded (after failures), welcome-issued,
// welcome-changed, welcome-sent, welcome-arrived-invalid, welcome-deferred, welcome-unknown, welcome-held,
// welcome-failed, welcome-uncertain, welcome-cancelled, welcome-superseded, copy-sent, copy-arrived-invalid,
// copy-deferred, copy-unknown, copy-held, copy-failed, copy-superseded, notice-sent, notice-deferred,
// notice-unknown, notice-failed, notice-superseded, delivery-paused, delivery-resumed,
// relay-limit-set, access-numbers-imported, policy-created, policy-changed, policy-removed, policy-granted,
// access-number-created, access-number-changed, access-number-removed, access-numbers-reordered,
// dtmf-changed, dtmf-reset; command-refused, with the command and why; copy-cancelled, run-started,
// run-paused, run-resumed, run-retried, run-cancelled, run-finished, run-way-changed, key-prepared,
// key-changed, key-retired, key-forgotten, key-exported, audit-archived; of a run: with the run's id and how
// its rows stand.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/operator.h"
#include "people/person.h"
#include "store/soci_session.h"

namespace dialin {

class WriteTransaction;

struct AuditEntry {
  Operator by;
  std::string event;
  PersonId person;  // empty: concerns nobody in particular
  std::vector<std::pair<std::string, std::string>> detail;
};

// The end of a chain.
struct ChainEnd {
  std::int64_t number = 0;
  std::string hash;
  std::int64_t signed_number = 0;  // of the last signed head
  Timestamp signed_at;
};

// Locks the end of the chain of `host`; made if there is none.
ChainEnd lock_chain(SociSession& sql, const std::string& host);

// Appends `entries` to the chain of `host`, whose end it locks: the new one.
ChainEnd write_audit(SociSession& sql, const std::string& host, Timestamp now,
                     const std::vector<AuditEntry>& entries);

// The id that stands for `name` of `person` in details; made if there is none.
enum class AuditNameKind { Person, Address };
std::string audit_name(WriteTransaction& transaction, const PersonId& person, AuditNameKind kind,
                       const std::string& name);

// The same for many people's addresses, one each: in the order of `addresses`.
struct AuditAddress {
  PersonId person;
  std::string address;
};
std::vector<std::string> audit_addresses(WriteTransaction& transaction,
                                         const std::vector<AuditAddress>& addresses);

}  // namespace dialin
