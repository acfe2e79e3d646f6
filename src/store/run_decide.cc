// SPDX-License-Identifier: Apache-2.0
// What a person decides about a run, or the program for them.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "store/run_rows.h"
#include "store/runs.h"

namespace dialin {
namespace {

constexpr const char* kCancelled = "the run was cancelled";

// Whatever of the run waits in the outbox and is not being sent, in one statement, because it may be the
// whole run. Returns the rows' entries for the audit trail.
void cancel_waiting_welcomes(WriteTransaction& transaction, const RunId& run, const Operator& by) {
  // `next_attempt_at` and the rest as write_state() leaves them.
  const char* const statement =
      "UPDATE welcomes SET state = 'cancelled', state_since = :now, finished_at = :now, seal = NULL, held = "
      "0, "
      "next_attempt_at = NULL, may_have_arrived = CASE WHEN state = 'uncertain' THEN 1 ELSE may_have_arrived "
      "END, detail = CASE WHEN kind = 'welcome' AND (may_have_arrived = 1 OR state = 'uncertain') THEN "
      "'cancelled "
      "with its run; a mail with a PIN that will not work may have arrived' ELSE 'cancelled with its run' "
      "END "
      "WHERE run = :run AND run IS NOT NULL AND state <> 'sent' AND state IN ('queued', 'uncertain') "
      "RETURNING "
      "id, kind, person, parent, may_have_arrived";
  for (const SqlRow& row : transaction.sql().rows(statement, 5, {{"now", transaction.now()}, {"run", run}})) {
    const bool copy = row.text(1) == "copy";
    AuditEntry entry{by, copy ? "copy-cancelled" : "welcome-cancelled", row.text(2), {}};
    entry.detail.emplace_back("welcome", copy ? row.text(3) : row.text(0));
    if (copy) entry.detail.emplace_back("copy", row.text(0));
    entry.detail.emplace_back("may_have_arrived", row.flag(4) ? "yes" : "no");
    entry.detail.emplace_back("run", run);
    transaction.audit(std::move(entry));
  }
}

// Those that were being sent by a process that is gone; how many are being sent by one that lives.
std::int64_t cancel_orphans(WriteTransaction& transaction, const RunId& run, const Operator& by) {
  SociSession& sql = transaction.sql();
  std::int64_t live = 0;
  for (OutboxRow& row :
       find_rows(sql, "run = :run AND state = 'sending'", {{"run", run}}, sql.for_update())) {
    if (lease_is_live(row, transaction.now())) {
      ++live;
      continue;
    }
    row.row.may_have_arrived = true;
    write_state(transaction, row, WelcomeState::Cancelled,
                row.is_welcome()
                    ? "cancelled with its run; a mail with a PIN that will not work may have arrived"
                    : "cancelled with its run");
    transaction.audit(audit_entry(row, by, "cancelled", {{"may_have_arrived", "yes"}, {"run", run}}));
  }
  return live;
}

// Deferred by whoever sends it, a row would come back as the run no longer has it.
bool is_being_sent(WriteTransaction& transaction, const RunId& run) {
  SociSession& sql = transaction.sql();
  const std::vector<OutboxRow> rows =
      find_rows(sql, "run = :run AND state = 'sending'", {{"run", run}}, sql.for_update());
  return std::ranges::any_of(rows,
                             [&](const OutboxRow& row) { return lease_is_live(row, transaction.now()); });
}

}  // namespace

bool SociRunStore::pause(const RunId& run, const RunPause& pause, const Operator& by) {
  return write(context_, {"run-pause", "pausing a run"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    const RunRecord record = known_run(sql, run, sql.for_update());
    if (record.state != RunState::Ready) refuse_state(record, "pausing a run");
    const Timestamp now = transaction.now();
    if (record.pause && (!record.pause->until || *record.pause->until > now)) return false;
    const std::string words = sanitize_foreign_text(pause.words);
    sql.execute(
        "UPDATE runs SET pause_reason = :reason, pause_words = :words, paused_at = :now, paused_until = "
        ":until "
        "WHERE id = :run",
        {{"reason", to_text(pause.reason)},
         {"words", words},
         {"now", now},
         {"until", pause.until},
         {"run", run}});
    AuditEntry entry{by, "run-paused", {}, count_detail(run, read_counts(sql, run))};
    entry.detail.emplace_back("reason", to_text(pause.reason));
    transaction.audit(std::move(entry));
    return true;
  });
}

bool SociRunStore::change_way(const RunId& run, const WelcomeWay& before, const WelcomeWay& now,
                              const Operator& by) {
  known_plans_.erase(run);
  return write(context_, {"run-way", "changing the way of a run"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    if (is_being_sent(transaction, run)) return false;
    WelcomeWay written = now;
    written.tls = never_weaker(before.tls, now.tls);
    Binds binds = way_binds(written);
    binds.push_back({"run", run});
    for (Bind& bind : way_binds(before)) binds.push_back({"old_" + bind.name, std::move(bind.value)});
    const std::string set_and_where =
        " SET server = :server, port = :port, tls = :tls, user_name = :user_name, password_source = "
        ":password_source WHERE run = :run AND server = :old_server AND port = :old_port AND tls = :old_tls "
        "AND "
        "user_name = :old_user_name AND password_source = :old_password_source";
    sql.execute("UPDATE welcomes" + set_and_where + " AND state IN ('queued', 'sending', 'uncertain')",
                binds);
    known_run(sql, run, sql.for_update());
    // What two plans are told apart by stays that of the way with which they were staged.
    sql.execute("UPDATE run_plans" + set_and_where, binds);
    transaction.audit({by,
                       "run-way-changed",
                       {},
                       {{"run", run},
                        {"server", fmt::format("{}:{}", written.server, written.port)},
                        {"user", written.user},
                        {"tls", to_text(written.tls)}}});
    return true;
  });
}

bool SociRunStore::change_sender(const RunId& run, const Mailbox& before, const Mailbox& now,
                                 const Operator& by) {
  known_plans_.erase(run);
  return write(context_, {"run-sender", "changing the sender of a run"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    if (is_being_sent(transaction, run)) return false;
    const Binds binds = {
        {"run", run}, {"before", before.key()}, {"mail_from", to_column(now)}, {"sender_key", now.key()}};
    const std::string set_and_where =
        " SET mail_from = :mail_from, sender_key = :sender_key WHERE run = :run AND sender_key = :before";
    sql.execute("UPDATE welcomes" + set_and_where + " AND state = 'queued' AND may_have_arrived = 0", binds);
    known_run(sql, run, sql.for_update());
    sql.execute("UPDATE run_plans" + set_and_where, binds);
    transaction.audit({by, "run-sender-changed", {}, {{"run", run}, {"sender", now.address()}}});
    return true;
  });
}

bool SociRunStore::resume(const RunId& run, const Operator& by) {
  return write(context_, {"run-resume", "resuming a run"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    sql.execute(
        "UPDATE welcomes SET held = 0, next_attempt_at = :now WHERE run = :run AND state = 'queued' AND "
        "(held = 1 "
        "OR next_attempt_at > :now)",
        {{"now", transaction.now()}, {"run", run}});
    const RunRecord record = known_run(sql, run, sql.for_update());
    if (record.state != RunState::Ready) refuse_state(record, "resuming a run");
    if (!record.pause) return false;
    sql.execute(
        "UPDATE runs SET pause_reason = NULL, pause_words = NULL, paused_at = NULL, paused_until = NULL "
        "WHERE id = "
        ":run",
        {{"run", run}});
    AuditEntry entry{by, "run-resumed", {}, count_detail(run, read_counts(sql, run))};
    entry.detail.emplace_back("reason", to_text(record.pause->reason));
    transaction.audit(std::move(entry));
    return true;
  });
}

RunStore::Retry SociRunStore::retry(const RunId& run, const Operator& by) {
  return write(context_, {"run-retry", "retrying a run"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    Retry retry;
    // The people first: whoever removes one must see that a row waits again. Then the welcomes, the rows, the
    // run.
    if (sql.is_postgresql())
      sql.rows(std::string("SELECT person FROM pins WHERE person IN (SELECT person FROM welcomes WHERE run = "
                           ":run AND run IS NOT NULL AND state <> 'sent' AND kind = 'welcome' AND state = "
                           "'failed') ORDER BY person") +
                   sql.for_update(),
               1, {{"run", run}});
    std::vector<WelcomeId> failed;
    for (const SqlRow& row : sql.rows(
             std::string("SELECT id FROM welcomes WHERE run = :run AND run IS NOT NULL AND state <> 'sent' "
                         "AND kind = 'welcome' AND state = 'failed' ORDER BY id") +
                 sql.for_update(),
             1, {{"run", run}}))
      failed.push_back(row.text(0));
    retry.uncertain =
        static_cast<std::int64_t>(sql.execute("UPDATE welcomes SET state = 'queued', state_since = :now, "
                                              "next_attempt_at = :now, may_have_arrived = 1, "
                                              "unknowns = 0, detail = 'queued again with its run' WHERE run "
                                              "= :run AND run IS NOT NULL AND state <> "
                                              "'sent' AND kind = 'welcome' AND state = 'uncertain'",
                                              {{"now", transaction.now()}, {"run", run}}));
    // A failed welcome is the run's no more: its row waits for another one. A removed person's stays as it
    // is.
    const Binds of_run = {{"run", run}};
    retry.failed = static_cast<std::int64_t>(
        sql.execute("UPDATE run_rows SET state = 'waiting', welcome = NULL, elsewhere = 0, code = '', detail "
                    "= '', version = "
                    "(SELECT version FROM pins WHERE pins.person = run_rows.person) WHERE run = :run AND "
                    "state = 'issued' AND "
                    "EXISTS (SELECT 1 FROM welcomes WHERE welcomes.id = run_rows.welcome AND welcomes.state "
                    "= 'failed') AND "
                    "EXISTS (SELECT 1 FROM people WHERE people.id = run_rows.person AND removed = 0)",
                    of_run));
    in_parts(failed.size(), [&](std::size_t begin, std::size_t end) {
      Binds binds = of_run;
      const std::string list = list_of<WelcomeId>("w", {failed.begin() + begin, failed.begin() + end}, binds);
      sql.execute(
          "UPDATE welcomes SET run = NULL WHERE id IN " + list +
              " AND NOT EXISTS (SELECT 1 FROM run_rows WHERE run_rows.run = :run AND run_rows.person = "
              "welcomes.person AND run_rows.welcome = welcomes.id)",
          binds);
    });
    transaction.count_run_rows(run, {.waiting = retry.failed, .issued = -retry.failed});
    retry.invalid = report_rows(sql, run, "state = 'invalid'", {}, 1'000'000'000);
    const RunRecord record = known_run(sql, run, sql.for_update());
    if (record.state != RunState::Ready && record.state != RunState::Finished)
      refuse_state(record, "retrying a run");
    sql.execute("UPDATE runs SET state = 'ready', finished_at = NULL WHERE id = :run", of_run);
    transaction.audit({by,
                       "run-retried",
                       {},
                       {{"run", run},
                        {"failed", std::to_string(retry.failed)},
                        {"uncertain", std::to_string(retry.uncertain)},
                        {"invalid", std::to_string(retry.invalid.size())}}});
    return retry;
  });
}

std::int64_t SociRunStore::cancel(const RunId& run, const Operator& by) {
  const RunRecord before =
      read(context_, "cancelling a run", [&](SociSession& sql) { return known_run(sql, run); });
  if (before.state == RunState::Staging) {
    discard(run);
    return 0;
  }
  return write(context_, {"run-cancel", "cancelling a run"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    const std::int64_t live = cancel_orphans(transaction, run, by);
    cancel_waiting_welcomes(transaction, run, by);
    const auto ended =
        static_cast<std::int64_t>(sql.execute("UPDATE run_rows SET state = 'not-sent', seal = NULL, code = "
                                              "'Cancelled', detail = :detail WHERE run = :run "
                                              "AND state = 'waiting'",
                                              {{"detail", kCancelled}, {"run", run}}));
    transaction.count_run_rows(run, {.waiting = -ended, .not_sent = ended});
    const RunRecord record = known_run(sql, run, sql.for_update());
    if (record.state == RunState::Finished || record.state == RunState::Staging)
      refuse_state(record, "cancelling a run");
    if (record.state == RunState::Cancelled) return live;
    sql.execute(
        "UPDATE runs SET state = 'cancelled', finished_at = :now, pause_reason = NULL, pause_words = NULL, "
        "paused_at = NULL, paused_until = NULL WHERE id = :run",
        {{"now", transaction.now()}, {"run", run}});
    transaction.audit(
        {by,
         "run-cancelled",
         {},
         {{"run", run}, {"rows", std::to_string(ended)}, {"being_sent", std::to_string(live)}}});
    return live;
  });
}

}  // namespace dialin
