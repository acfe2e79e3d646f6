// SPDX-License-Identifier: Apache-2.0
// Rows of the outbox as they stand in the table `welcomes`, and the small changes that all of its functions
// share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/content_columns.h"
#include "store/people_rows.h"
#include "store/records.h"
#include "store/store_context.h"

namespace dialin {

// A row with what only the store knows of it.
struct OutboxRow {
  WelcomeRow row;
  std::optional<std::string> seal;
  std::string claim_id;
  std::optional<Timestamp> claimed_at;
  Timestamp state_since;

  bool is_welcome() const { return row.kind == WelcomeKind::Welcome; }
};

inline constexpr std::chrono::hours kUncertainTime{7 * 24};  // then failed, seal erased

// The rows that `condition` (SQL after WHERE) selects, in the order of their ids, locked if `lock` is a lock
// clause.
std::vector<OutboxRow> find_rows(SociSession& sql, const std::string& condition, const Binds& binds,
                                 const char* lock = "");
std::optional<OutboxRow> find_row(SociSession& sql, const WelcomeId& id, const char* lock = "");
std::vector<OutboxRow> find_rows_of(SociSession& sql, std::vector<WelcomeId> ids, const char* lock = "");

bool is_finished(WelcomeState state);

// The lease has not run out and its owner is not known to be gone.
bool lease_is_live(const OutboxRow& row, Timestamp now);

// Something of this mail may be in the mailbox, or be on its way there: its content is frozen.
bool may_have_arrived(const OutboxRow& row, Timestamp now);

// Whether the person's PIN is still the one that this row is about.
bool is_current(const OutboxRow& row, const PinsRow& pins);

// Writes state, detail and whatever follows from them (`row` is made equal): no claim unless Sending; no seal
// and no next attempt when finished.
void write_state(WriteTransaction& transaction, OutboxRow& row, WelcomeState state, std::string detail);

// An entry of the audit trail about `row`: "welcome-", "copy-" or "notice-" and `event`.
AuditEntry audit_entry(const OutboxRow& row, const Operator& by, const char* event,
                       std::vector<std::pair<std::string, std::string>> detail = {});

// The rows' kinds and `state`s in words.
const char* to_text(WelcomeKind kind);
WelcomeState state_from_text(const std::string& text);

// Never weaker than it was: a welcome that asked for TLS keeps it. A way without its own wish on a connection
// that was encrypted from the first octet keeps encryption, by STARTTLS, because the port may be another one
// now.
WelcomeWay::Tls never_weaker(WelcomeWay::Tls was, WelcomeWay::Tls wanted);
void keep_template(WriteTransaction& transaction, const std::string& hash, const std::string& text);

}  // namespace dialin
