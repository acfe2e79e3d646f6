// SPDX-License-Identifier: Apache-2.0
// The way of most results of a run: welcomes that were accepted under their claim, with nothing else decided
// or waiting, recorded by a few statements for all of them. What this leaves in the tables is what
// store/outbox_record.cc, row by row, would leave; it takes whatever is not so.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/outbox_rows.h"

namespace dialin {

// A record and what can be found out before the transaction.
struct PreparedRecord {
  const AttemptRecord* record = nullptr;
  std::optional<PersonId> person;  // none: there is no such row
  WelcomeKind kind = WelcomeKind::Welcome;
  const Secret* verifier = nullptr;  // of an accepted welcome
};
std::vector<PreparedRecord> prepare_records(StoreContext& context, const std::vector<AttemptRecord>& records);

// A welcome that is Sent, and its PIN valid, but for its line in the audit trail and its copies.
struct SentTogether {
  const AttemptRecord* record = nullptr;
  AuditEntry entry;
  std::optional<PinsRow> pins_for_copies;  // none: it has no copies

  // Its copies, and its notice.
  std::vector<WelcomeId> finish(WriteTransaction& transaction);
};

// One answer a record, in order: nothing for those that have to be recorded alone. `pins` are the locked rows
// of all people of `records`.
std::vector<std::optional<SentTogether>> record_together(WriteTransaction& transaction,
                                                         const std::vector<PreparedRecord>& records,
                                                         const Operator& by,
                                                         std::map<PersonId, PinsRow>& pins);

// A mail server's words as they may be kept.
ServerWords fit(const ServerWords& words);

using AuditDetail = std::vector<std::pair<std::string, std::string>>;
// `to`: the name in the audit trail that stands for the address; empty: none.
AuditDetail attempt_detail(const AttemptRecord& record, const ServerWords& words, const std::string& to);

}  // namespace dialin
