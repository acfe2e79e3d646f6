// SPDX-License-Identifier: Apache-2.0
#include "store/lockout_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sql_lists.h"

namespace dialin {

LockoutRow read_lockout(const SqlRow& row) {
  LockoutRow read;
  read.subject = row.text(0);
  read.state.local = static_cast<unsigned>(row.integer(1));
  read.state.local_epoch = row.integer(2);
  read.state.window_began = row.optional_time(3);
  read.state.locked_until = row.optional_time(4);
  read.state.global = static_cast<unsigned>(row.integer(5));
  read.state.global_epoch = row.integer(6);
  read.state.globally_locked_since = row.optional_time(7);
  return read;
}

void write_lockout(SociSession& sql, const LockoutRow& row, Timestamp now) {
  sql.execute(
      "UPDATE lockouts SET local_failures = :local, local_epoch = :local_epoch, window_began = :window, "
      "locked_until = :until, global_failures = :global, global_epoch = :global_epoch, "
      "globally_locked_since = :since, last_at = :now WHERE subject = :subject",
      {{"local", row.state.local},
       {"local_epoch", row.state.local_epoch},
       {"window", row.state.window_began},
       {"until", row.state.locked_until},
       {"global", row.state.global},
       {"global_epoch", row.state.global_epoch},
       {"since", row.state.globally_locked_since},
       {"now", now},
       {"subject", row.subject}});
}

FailureCounts counts_of(const LockoutState& state, Timestamp now) {
  FailureCounts counts;
  counts.global = state.global;
  counts.locked_out = state.locked_out(now);
  if (counts.locked_out && !state.globally_locked_since) counts.locked_out_until = state.locked_until;
  const bool over = state.locked_until ? now >= *state.locked_until
                                       : state.window_began && now >= *state.window_began + LockoutWindow;
  if (!over) counts.local = state.local;
  return counts;
}

FailureCounts failures_of(SociSession& sql, const PersonId& person) {
  const auto row = sql.row(fmt::format("SELECT {} FROM lockouts WHERE subject = :person", kLockoutColumns),
                           kLockoutColumnCount, {{"person", person}});
  if (!row) return {};
  return counts_of(read_lockout(*row).state, sql.now());
}

FailureCounts clear_failures(WriteTransaction& transaction, const PersonId& person) {
  SociSession& sql = transaction.sql();
  const auto found = sql.row(
      fmt::format("SELECT {} FROM lockouts WHERE subject = :person{}", kLockoutColumns, sql.for_update()),
      kLockoutColumnCount, {{"person", person}});
  if (!found) return {};
  LockoutRow row = read_lockout(*found);
  const FailureCounts former = counts_of(row.state, transaction.now());
  clear_lockout(row.state);
  write_lockout(sql, row, transaction.now());
  return former;
}

void clear_failures(WriteTransaction& transaction, std::vector<PersonId> people) {
  SociSession& sql = transaction.sql();
  std::sort(people.begin(), people.end());
  in_lists(people, [&](const std::string& list, const Binds& binds) {
    for (const SqlRow& found :
         sql.rows(fmt::format("SELECT {} FROM lockouts WHERE subject IN {} ORDER BY subject{}",
                              kLockoutColumns, list, sql.for_update()),
                  kLockoutColumnCount, binds)) {
      LockoutRow row = read_lockout(found);
      clear_lockout(row.state);
      write_lockout(sql, row, transaction.now());
    }
  });
}

}  // namespace dialin
