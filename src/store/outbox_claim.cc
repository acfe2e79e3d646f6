// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "store/outbox.h"
#include "store/outbox_finish.h"
#include "store/outbox_pause.h"
#include "store/outbox_rows.h"

namespace dialin {
namespace {

ClaimResult not_claimed(ClaimResult::Outcome outcome, const OutboxRow& row) {
  ClaimResult result;
  result.outcome = outcome;
  result.state = row.row.state;
  return result;
}

ClaimResult in_progress(const OutboxRow& row) {
  ClaimResult result = not_claimed(ClaimResult::Outcome::InProgress, row);
  result.owner = *row.row.claim_owner;
  result.claimed_at = *row.claimed_at;
  result.until = *row.row.claim_until;
  return result;
}

// Why `row` may not be claimed now, or nothing.
std::optional<ClaimResult> obstacle(WriteTransaction& transaction, OutboxRow& row, ClaimReason reason,
                                    const PinsRow& pins) {
  using enum ClaimResult::Outcome;
  const Timestamp now = transaction.now();
  if (is_finished(row.row.state)) return not_claimed(Finished, row);
  if (lease_is_live(row, now)) return in_progress(row);
  if (!is_current(row, pins)) {
    supersede_row(transaction, row, nobody(), "something newer was decided about the PIN");
    return not_claimed(Superseded, row);
  }
  if (is_old_uncertain(row, now)) {
    fail_old_uncertain(transaction, row);
    return not_claimed(Finished, row);
  }
  if (auto pause = find_pause(transaction.sql(), row, now)) {
    ClaimResult result = not_claimed(Paused, row);
    result.pause = std::move(pause);
    return result;
  }
  if (reason == ClaimReason::Due) {
    if (row.row.state == WelcomeState::Uncertain) return not_claimed(NotDue, row);
    if (row.row.next_attempt_at > now) {
      ClaimResult result = not_claimed(NotDue, row);
      result.until = *row.row.next_attempt_at;
      return result;
    }
  }
  return std::nullopt;
}

std::string template_text(SociSession& sql, const std::string& hash) {
  return sql.row("SELECT content FROM templates WHERE hash = :hash", 1, {{"hash", hash}})->text(0);
}

// The rows whose time has come, those that a pause covers or the others, in order of creation.
std::vector<WelcomeId> due_rows(SociSession& sql, bool paused, std::size_t limit) {
  const Timestamp now = sql.now();
  std::vector<std::tuple<Timestamp, WelcomeId>> found;
  const std::string pause =
      std::string(paused ? "EXISTS" : "NOT EXISTS") +
      " (SELECT 1 FROM pauses WHERE pauses.server = welcomes.server AND pauses.port = welcomes.port AND "
      "pauses.user_name = welcomes.user_name AND pauses.sender_key IN ('', welcomes.sender_key) AND "
      "(pauses.until IS NULL OR pauses.until > :now))";
  for (const SqlRow& row :
       sql.rows("SELECT created_at, id FROM welcomes WHERE state = 'queued' AND (next_attempt_at "
                "IS NULL OR next_attempt_at <= :now) AND " +
                    pause + " ORDER BY created_at, id LIMIT :limit",
                2, {{"now", now}, {"limit", limit}})) {
    found.emplace_back(row.time(0), row.text(1));
  }
  // As many as there are senders at work: whose process is gone can only be told here.
  for (const OutboxRow& row : find_rows(sql, "state = 'sending' AND " + pause, {{"now", now}})) {
    if (!lease_is_live(row, now)) found.emplace_back(row.row.created_at, row.row.id);
  }
  std::sort(found.begin(), found.end());
  std::vector<WelcomeId> ids;
  for (const auto& [created_at, id] : found) {
    if (ids.size() < limit) ids.push_back(id);
  }
  return ids;
}

}  // namespace

ClaimResult SociOutbox::claim(const WelcomeId& id, ClaimReason reason, const ProcessIdentity& owner,
                              std::chrono::seconds lease) {
  const std::string claim_id = new_identifier(context_.random);
  return write(context_, {"claim", "claiming a welcome"}, [&](WriteTransaction& transaction) -> ClaimResult {
    SociSession& sql = transaction.sql();
    const auto found = sql.row("SELECT person FROM welcomes WHERE id = :id", 1, {{"id", id}});
    if (!found) throw Error(ErrorCode::NotFound, fmt::format("there is no welcome with the id {}", id));
    const PinsRow pins = lock_person(transaction, found->text(0), /*also_removed=*/true);
    auto locked = find_row(sql, id, sql.for_update());
    if (!locked) throw Error(ErrorCode::NotFound, fmt::format("there is no welcome with the id {}", id));
    OutboxRow& row = *locked;
    if (auto why_not = obstacle(transaction, row, reason, pins)) return std::move(*why_not);
    const std::optional<Person> person = find_person(sql, row.row.person);
    if (!person) throw Error(ErrorCode::Internal, "a welcome of a removed person is still current");

    row.row.may_have_arrived = may_have_arrived(row, transaction.now());
    if (row.row.content.to_is_from_record && !row.row.may_have_arrived && !row.is_copy() && person->mail)
      row.row.content.to = *person->mail;
    row.claim_id = claim_id;
    row.claimed_at = transaction.now();
    row.row.claim_owner = owner;
    row.row.claim_until = transaction.now() + lease;
    write_state(transaction, row, WelcomeState::Sending, row.row.detail);

    ClaimResult result = not_claimed(ClaimResult::Outcome::Claimed, row);
    result.claimed_at = *row.claimed_at;
    result.until = *row.row.claim_until;
    result.owner = owner;
    result.claimed = ClaimedWelcome{.row = row.row,
                                    .claim_id = claim_id,
                                    .pin = std::nullopt,
                                    .person = *person,
                                    .template_text = template_text(sql, row.row.content.template_hash)};
    if (row.seal) result.claimed->pin = context_.seals.open_pin(row.row.person, *row.seal);
    return result;
  });
}

std::vector<ClaimResult> SociOutbox::claim_many(const std::vector<WelcomeId>& ids, ClaimReason reason,
                                                const ProcessIdentity& owner, std::chrono::seconds lease) {
  std::vector<ClaimResult> results;
  for (const WelcomeId& id : ids) results.push_back(claim(id, reason, owner, lease));
  return results;
}

std::vector<WelcomeId> SociOutbox::renew_many(const std::vector<Claimed>& claims,
                                              std::chrono::seconds lease) {
  std::vector<WelcomeId> kept;
  for (const Claimed& claimed : claims) {
    if (renew(claimed.id, claimed.claim_id, lease)) kept.push_back(claimed.id);
  }
  return kept;
}

bool SociOutbox::renew(const WelcomeId& id, const std::string& claim_id, std::chrono::seconds lease) {
  return write(context_, {"renew", "renewing the claim of a welcome"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    // The row first: the time that the lease counts from must not be older than the wait for it.
    if (!sql.row(
            std::string("SELECT id FROM welcomes WHERE id = :id AND claim_id = :claim_id") + sql.for_update(),
            1, {{"id", id}, {"claim_id", claim_id}}))
      return false;
    return sql.execute("UPDATE welcomes SET claim_until = :until WHERE id = :id AND claim_id = :claim_id",
                       {{"until", transaction.now() + lease}, {"id", id}, {"claim_id", claim_id}}) == 1;
  });
}

std::vector<WelcomeId> SociOutbox::due(std::size_t limit) {
  return read(context_, "looking for what is due in the outbox",
              [&](SociSession& sql) { return due_rows(sql, /*paused=*/false, limit); });
}

std::vector<WelcomeId> SociOutbox::paused(std::size_t limit) {
  return read(context_, "looking for what is paused in the outbox",
              [&](SociSession& sql) { return due_rows(sql, /*paused=*/true, limit); });
}

std::vector<WelcomeId> SociOutbox::copies_of(const WelcomeId& id) {
  return read(context_, "looking for the copies of a welcome", [&](SociSession& sql) {
    std::vector<WelcomeId> ids;
    for (const SqlRow& row :
         sql.rows("SELECT id FROM welcomes WHERE parent = :id AND kind = 'copy' ORDER BY created_at, id", 1,
                  {{"id", id}}))
      ids.push_back(row.text(0));
    return ids;
  });
}

}  // namespace dialin
