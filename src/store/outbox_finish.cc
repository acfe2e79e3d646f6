// SPDX-License-Identifier: Apache-2.0
#include "store/outbox_finish.h"

#include <fmt/format.h>

#include "store/outbox.h"

namespace dialin {
namespace {

void supersede(WriteTransaction& transaction, const Operator& by, const char* because,
               const std::string& condition, const Binds& binds) {
  for (OutboxRow& row : find_rows(transaction.sql(), condition, binds, transaction.sql().for_update())) {
    if (!lease_is_live(row, transaction.now())) supersede_row(transaction, row, by, because);
  }
}

}  // namespace

Operator nobody() {
  return {.name = "dialin", .origin = ""};
}

void supersede_row(WriteTransaction& transaction, OutboxRow& row, const Operator& by, const char* because) {
  const bool arrived = may_have_arrived(row, transaction.now());
  row.row.may_have_arrived = arrived;
  write_state(transaction, row, WelcomeState::Superseded,
              fmt::format("superseded: {}{}", because,
                          arrived && row.row.kind != WelcomeKind::Notice
                              ? "; a mail with a PIN that will not work may have arrived"
                              : ""));
  transaction.audit(audit_entry(row, by, "superseded", {{"because", because}}));
}

void supersede_welcome(WriteTransaction& transaction, const PersonId& person, const Operator& by,
                       const char* because, const WelcomeId& except) {
  supersede(transaction, by, because,
            "person = :person AND kind = 'welcome' AND state IN ('queued', 'sending', 'uncertain') AND id <> "
            ":except",
            {{"person", person}, {"except", except}});
}

void supersede_copies(WriteTransaction& transaction, const PersonId& person, const Operator& by,
                      const char* because) {
  supersede(transaction, by, because,
            "person = :person AND kind = 'copy' AND notice IS NULL AND state IN ('queued', 'sending')",
            {{"person", person}});
}

bool is_old_uncertain(const OutboxRow& row, Timestamp now) {
  return row.row.state == WelcomeState::Uncertain && row.state_since + kUncertainTime <= now;
}

void fail_old_uncertain(WriteTransaction& transaction, OutboxRow& row) {
  write_state(transaction, row, WelcomeState::Failed,
              "it could not be found out for 7 days whether the mail arrived; its PIN will not work");
  transaction.audit(audit_entry(row, nobody(), "failed", {{"because", "uncertain for 7 days"}}));
}

void finish_old_uncertain(WriteTransaction& transaction) {
  SociSession& sql = transaction.sql();
  const Binds binds = {{"latest", transaction.now() - kUncertainTime}};
  if (!sql.row("SELECT 1 FROM welcomes WHERE state = 'uncertain' AND state_since <= :latest LIMIT 1", 1,
               binds))
    return;
  for (OutboxRow& row : find_rows(sql, "state = 'uncertain' AND state_since <= :latest", binds,
                                  sql.for_update_skip_locked())) {
    fail_old_uncertain(transaction, row);
  }
}

std::size_t SociOutbox::sweep(std::chrono::seconds max_queue_time) {
  return write(context_, {"sweep", "finishing what waited too long in the outbox"},
               [&](WriteTransaction& transaction) {
                 SociSession& sql = transaction.sql();
                 std::size_t finished = 0;
                 for (OutboxRow& row : find_rows(sql, "state = 'queued' AND created_at <= :latest",
                                                 {{"latest", transaction.now() - max_queue_time}},
                                                 sql.for_update_skip_locked())) {
                   const bool uncertain = row.row.may_have_arrived && row.is_welcome();
                   write_state(transaction, row, uncertain ? WelcomeState::Uncertain : WelcomeState::Failed,
                               "it could not be delivered in the time that queue.max_queue_time gives");
                   transaction.audit(audit_entry(row, nobody(), uncertain ? "uncertain" : "failed",
                                                 {{"because", "queue.max_queue_time"}}));
                   ++finished;
                 }
                 for (OutboxRow& row : find_rows(sql, "state = 'uncertain' AND state_since <= :latest",
                                                 {{"latest", transaction.now() - kUncertainTime}},
                                                 sql.for_update_skip_locked())) {
                   fail_old_uncertain(transaction, row);
                   ++finished;
                 }
                 return finished;
               });
}

CancelResult SociOutbox::cancel(const PersonId& person, const Operator& by) {
  return write(context_, {"cancel", "cancelling a welcome"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    lock_person(transaction, person);
    CancelResult result;
    std::vector<OutboxRow> rows = find_rows(
        sql, "person = :person AND kind = 'welcome' AND state IN ('queued', 'sending', 'uncertain')",
        {{"person", person}}, sql.for_update());
    if (rows.empty()) return result;
    OutboxRow& row = rows.front();
    if (lease_is_live(row, transaction.now())) {
      result.outcome = CancelResult::Outcome::InProgress;
      result.owner = row.row.claim_owner;
    } else {
      const bool arrived = may_have_arrived(row, transaction.now());
      row.row.may_have_arrived = arrived;
      write_state(transaction, row, WelcomeState::Cancelled,
                  arrived ? "cancelled; a mail with a PIN that will not work may have arrived" : "cancelled");
      transaction.audit(audit_entry(row, by, "cancelled", {{"may_have_arrived", arrived ? "yes" : "no"}}));
      result.outcome =
          arrived ? CancelResult::Outcome::CancelledMayHaveArrived : CancelResult::Outcome::Cancelled;
    }
    result.row = row.row;
    return result;
  });
}

}  // namespace dialin
