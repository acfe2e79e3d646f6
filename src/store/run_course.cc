// SPDX-License-Identifier: Apache-2.0
// What happens to a run while it is worked off.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "store/run_rows.h"
#include "store/runs.h"

namespace dialin {
namespace {

const std::string kNoPauseCovers =
    "NOT EXISTS (SELECT 1 FROM pauses WHERE pauses.server = welcomes.server "
    "AND pauses.port = welcomes.port AND pauses.user_name = welcomes.user_name AND pauses.sender_key IN "
    "('', welcomes.sender_key) AND (pauses.until IS NULL OR pauses.until > :now))";

// SQL for: the welcome's way is that of one of these plans of the run, and no pause covers it.
std::string can_go(const std::vector<int>& plans) {
  return "EXISTS (SELECT 1 FROM run_plans WHERE run_plans.run = :run AND number IN " +
         list_of(std::vector<std::int64_t>(plans.begin(), plans.end())) + " AND " + kSameWay + ") AND " +
         kNoPauseCovers;
}

std::string key_of(const std::string& sender) {
  const std::optional<Mailbox> mailbox = Mailbox::parse(sender);
  return mailbox ? mailbox->key() : sender;
}

void settle_rows(WriteTransaction& transaction, const RunId& run, const std::vector<SettledRow>& rows,
                 RunRowState state) {
  std::string values;
  Binds binds = {{"run", run}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].state != state) continue;
    values += fmt::format("{0}({1}, :c{2}, :d{2})", values.empty() ? "" : ", ", rows[i].line, i);
    binds.push_back({fmt::format("c{}", i), rows[i].code});
    binds.push_back({fmt::format("d{}", i), rows[i].detail});
  }
  if (values.empty()) return;
  const auto settled = static_cast<std::int64_t>(transaction.sql().execute(
      fmt::format(
          "WITH settled (line, code, detail) AS (VALUES {}) UPDATE run_rows SET state = '{}', seal = NULL, "
          "code = settled.code, detail = settled.detail FROM settled WHERE run = :run AND run_rows.line = "
          "settled.line AND state = 'waiting'",
          values, to_text(state)),
      binds));
  RunRowCounts counts{.waiting = -settled};
  if (state == RunRowState::Skipped) counts.skipped = settled;
  if (state == RunRowState::Invalid) counts.invalid = settled;
  if (state == RunRowState::NotSent) counts.not_sent = settled;
  transaction.count_run_rows(run, counts);
}

}  // namespace

void SociRunStore::settle(const RunId& run, const std::vector<SettledRow>& rows, const Operator&) {
  if (rows.empty()) return;
  for (const SettledRow& row : rows) {
    if (row.state != RunRowState::Skipped && row.state != RunRowState::Invalid &&
        row.state != RunRowState::NotSent)
      throw Error(ErrorCode::Internal, fmt::format("line {} of a run was given no end", row.line));
  }
  write(context_, {"settle", "giving rows of a run their end"}, [&](WriteTransaction& transaction) {
    settle_rows(transaction, run, rows, RunRowState::Skipped);
    settle_rows(transaction, run, rows, RunRowState::Invalid);
    settle_rows(transaction, run, rows, RunRowState::NotSent);
    return true;
  });
}

std::vector<WelcomeId> SociRunStore::due(const RunId& run, const std::vector<int>& plans, std::size_t limit) {
  if (plans.empty()) return {};
  return read(context_, "looking for what is due of a run", [&](SociSession& sql) {
    const Timestamp now = sql.now();
    std::vector<std::tuple<Timestamp, WelcomeId>> found;
    for (const SqlRow& row : sql.rows(
             "SELECT created_at, id FROM welcomes WHERE run = :run AND state = 'queued' AND held = 0 AND "
             "(next_attempt_at IS NULL OR next_attempt_at <= :now) AND " +
                 can_go(plans) + " ORDER BY created_at, id LIMIT :limit",
             2, {{"run", run}, {"now", now}, {"limit", limit}}))
      found.emplace_back(row.time(0), row.text(1));
    // As many as there are senders at work: whose process is gone can only be told here.
    for (const OutboxRow& row : find_rows(sql, "run = :run AND state = 'sending' AND " + can_go(plans),
                                          {{"run", run}, {"now", now}})) {
      if (!lease_is_live(row, now)) found.emplace_back(row.row.created_at, row.row.id);
    }
    std::sort(found.begin(), found.end());
    std::vector<WelcomeId> ids;
    for (auto& [created_at, id] : found) {
      if (ids.size() < limit) ids.push_back(std::move(id));
    }
    return ids;
  });
}

std::optional<Timestamp> SociRunStore::next_due(const RunId& run) {
  return read(context_, "looking for what will be due of a run",
              [&](SociSession& sql) -> std::optional<Timestamp> {
                const auto row = sql.row(
                    "SELECT MIN(at) FROM (SELECT MIN(next_attempt_at) AS at FROM welcomes WHERE run = :run "
                    "AND state = 'queued' AND held = 0 AND next_attempt_at > :now AND " +
                        kNoPauseCovers +
                        " UNION ALL SELECT MIN(claim_until) FROM welcomes WHERE run = :run AND state = "
                        "'sending' AND claim_until > :now) AS times",
                    1, {{"run", run}, {"now", sql.now()}});
                return row->optional_time(0);
              });
}

bool SociRunStore::anything_left(const RunId& run, const std::vector<int>& plans) {
  if (plans.empty()) return false;
  const std::string numbers = list_of(std::vector<std::int64_t>(plans.begin(), plans.end()));
  return read(context_, "looking for what is left of a run", [&](SociSession& sql) {
    return sql
        .row("SELECT 1 FROM run_rows WHERE run = :run AND state = 'waiting' AND plan IN " + numbers +
                 " UNION ALL SELECT 1 FROM welcomes WHERE run = :run AND run IS NOT NULL AND state <> 'sent' "
                 "AND state IN ('queued', 'sending') AND EXISTS (SELECT 1 FROM run_plans WHERE run_plans.run "
                 "= :run AND number IN " +
                 numbers + " AND run_plans.sender_key = welcomes.sender_key AND " + kSameWay + ") LIMIT 1",
             1, {{"run", run}})
        .has_value();
  });
}

bool SociRunStore::worked_on(const RunId& run) {
  return read(context_, "looking for who works on a run", [&](SociSession& sql) {
    const Timestamp now = sql.now();
    // As many as somebody has claimed: few.
    const std::vector<OutboxRow> rows = find_rows(sql, "run = :run AND state = 'sending'", {{"run", run}});
    return std::any_of(rows.begin(), rows.end(),
                       [&](const OutboxRow& row) { return lease_is_live(row, now); });
  });
}

std::vector<WelcomeId> SociRunStore::fail_held(const RunId& run, const std::optional<std::string>& sender,
                                               const Operator& by) {
  return write(context_, {"settle", "ending the held rows of a run"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    Binds binds = {{"run", run}};
    std::string condition = "run = :run AND state = 'queued' AND held = 1";
    if (sender) {
      condition += " AND sender_key = :sender";
      binds.push_back({"sender", key_of(*sender)});
    }
    std::vector<WelcomeId> failed;
    for (OutboxRow& row : find_rows(sql, condition, binds, sql.for_update())) {
      const bool uncertain = row.row.may_have_arrived && row.is_welcome();
      write_state(transaction, row, uncertain ? WelcomeState::Uncertain : WelcomeState::Failed,
                  uncertain ? "the mail server refused it, but an earlier attempt may have arrived"
                            : "the mail server refused it");
      transaction.audit(audit_entry(row, by, uncertain ? "uncertain" : "failed",
                                    {{"reply", std::to_string(row.row.words.reply_code)},
                                     {"because", "held, and refused for a reason of its own"}}));
      failed.push_back(row.row.id);
    }
    return failed;
  });
}

std::size_t SociRunStore::release_held(const RunId& run) {
  return write(context_, {"settle", "making the held rows of a run due"}, [&](WriteTransaction& transaction) {
    return transaction.sql().execute(
        "UPDATE welcomes SET held = 0, next_attempt_at = :now WHERE run = :run AND state = 'queued' AND held "
        "= 1",
        {{"now", transaction.now()}, {"run", run}});
  });
}

bool SociRunStore::finish(const RunId& run, const Operator& by) {
  return write(context_, {"run-finish", "finishing a run"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    const RunRecord record = known_run(sql, run, sql.for_update());
    if (record.state != RunState::Ready) return record.state == RunState::Finished;
    // A copy that waits is one of its welcome's mails, but no row that is counted.
    const bool copies =
        sql.row(
               "SELECT 1 FROM welcomes WHERE run = :run AND run IS NOT NULL AND state <> 'sent' "
               "AND kind = 'copy' AND state IN ('queued', 'sending') LIMIT 1",
               1, {{"run", run}})
            .has_value();
    const RunCounts counts = read_counts(sql, run);
    if (copies || counts.open()) return false;
    sql.execute(
        "UPDATE runs SET state = 'finished', finished_at = :now, pause_reason = NULL, pause_words = NULL, "
        "paused_at "
        "= NULL, paused_until = NULL WHERE id = :run",
        {{"now", transaction.now()}, {"run", run}});
    transaction.audit({by, "run-finished", {}, count_detail(run, counts)});
    return true;
  });
}

}  // namespace dialin
