// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "store/outbox.h"
#include "store/outbox_finish.h"
#include "store/outbox_pause.h"
#include "store/outbox_rows.h"
#include "store/process_columns.h"

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
                                    const PinsRow& pins, const std::vector<Pause>& pauses) {
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
  if (auto pause = covering_pause(pauses, row)) {
    ClaimResult result = not_claimed(Paused, row);
    result.pause = std::move(pause);
    return result;
  }
  if (reason == ClaimReason::Due) {
    if (row.row.state == WelcomeState::Uncertain || row.row.held) return not_claimed(NotDue, row);
    if (row.row.next_attempt_at > now) {
      ClaimResult result = not_claimed(NotDue, row);
      result.until = *row.row.next_attempt_at;
      return result;
    }
  }
  return std::nullopt;
}

// Each text once, however many welcomes have it.
class Templates {
 public:
  explicit Templates(SociSession& sql) : sql_(sql) {}

  const std::string& text(const std::string& hash) {
    const auto known = texts_.find(hash);
    if (known != texts_.end()) return known->second;
    const auto row = sql_.row("SELECT content FROM templates WHERE hash = :hash", 1, {{"hash", hash}});
    return texts_.emplace(hash, row->text(0)).first->second;
  }

 private:
  SociSession& sql_;
  std::map<std::string, std::string> texts_;
};

std::vector<PersonId> people_of(SociSession& sql, const std::vector<WelcomeId>& ids) {
  std::vector<PersonId> people;
  in_lists(ids, [&](const std::string& list, const Binds& binds) {
    for (const SqlRow& row :
         sql.rows(fmt::format("SELECT DISTINCT person FROM welcomes WHERE id IN {}", list), 1, binds))
      people.push_back(row.text(0));
  });
  return people;
}

// `rows` become Sending under the claim that stands in them.
void write_claims(WriteTransaction& transaction, const std::vector<OutboxRow*>& rows,
                  const ProcessIdentity& owner, Timestamp until) {
  in_parts(rows.size(), [&](std::size_t begin, std::size_t end) {
    SqlValues values({"TEXT", "TEXT", "TEXT", "INTEGER"});
    for (std::size_t i = begin; i < end; ++i) {
      const WelcomeRow& row = rows[i]->row;
      values.add({row.id, rows[i]->claim_id, to_column(row.content.to), row.may_have_arrived});
    }
    Binds binds = process_binds(owner);
    binds.push_back({"now", transaction.now()});
    binds.push_back({"until", until});
    transaction.sql().execute(
        fmt::format(
            "UPDATE welcomes SET state = 'sending', state_since = CASE WHEN state = 'sending' THEN "
            "state_since ELSE CAST(:now AS BIGINT) END, held = 0, next_attempt_at = NULL, mail_to = "
            "v.column3, may_have_arrived = v.column4, claim_id = v.column2, claim_host = :claim_host, "
            "claim_boot_id = :claim_boot_id, claim_pid_namespace = :claim_pid_namespace, "
            "claim_process_id = :claim_process_id, claim_start_time = :claim_start_time, claimed_at = "
            ":now, claim_until = :until FROM (VALUES {}) AS v WHERE welcomes.id = v.column1",
            values.text()),
        values.take_binds(binds));
  });
}

void become_claimed(OutboxRow& row, const Person& person, const ProcessIdentity& owner, std::string claim_id,
                    Timestamp now, Timestamp until) {
  WelcomeRow& welcome = row.row;
  welcome.may_have_arrived = may_have_arrived(row, now);
  if (welcome.content.to_is_from_record && !welcome.may_have_arrived && row.is_welcome() && person.mail)
    welcome.content.to = *person.mail;
  if (welcome.state != WelcomeState::Sending) row.state_since = now;
  welcome.state = WelcomeState::Sending;
  welcome.held = false;
  welcome.next_attempt_at.reset();
  welcome.claim_owner = owner;
  welcome.claim_until = until;
  row.claim_id = std::move(claim_id);
  row.claimed_at = now;
}

// SQL for: a pause covers the welcome at :now.
constexpr const char* kCoveredByPause =
    "EXISTS (SELECT 1 FROM pauses WHERE pauses.server = welcomes.server AND pauses.port = welcomes.port AND "
    "pauses.user_name = welcomes.user_name AND pauses.sender_key IN ('', welcomes.sender_key) AND "
    "(pauses.until IS NULL OR pauses.until > :now))";

// The rows whose time has come, in order of creation; or those that a pause covers, whose time does not
// matter before it ends.
std::vector<WelcomeId> due_rows(SociSession& sql, bool paused, std::size_t limit) {
  const Timestamp now = sql.now();
  std::vector<std::tuple<Timestamp, WelcomeId>> found;
  const std::string pause = std::string(paused ? "" : "NOT ") + kCoveredByPause;
  const std::string time = paused ? "" : "(next_attempt_at IS NULL OR next_attempt_at <= :now) AND ";
  for (const SqlRow& row :
       sql.rows("SELECT created_at, id FROM welcomes WHERE state = 'queued' AND run IS NULL AND " + time +
                    pause + " ORDER BY created_at, id LIMIT :limit",
                2, {{"now", now}, {"limit", limit}})) {
    found.emplace_back(row.time(0), row.text(1));
  }
  // As many as there are senders at work: whose process is gone can only be told here.
  for (const OutboxRow& row :
       find_rows(sql, "state = 'sending' AND run IS NULL AND " + pause, {{"now", now}})) {
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

Outbox::LaterAttempts SociOutbox::not_yet_due() {
  return read(context_, "looking for what is due later", [&](SociSession& sql) {
    const auto row = sql.row(
        std::string("SELECT COUNT(*), MIN(next_attempt_at) FROM welcomes WHERE state = 'queued' AND run IS "
                    "NULL AND next_attempt_at > :now AND NOT ") +
            kCoveredByPause,
        2, {{"now", sql.now()}});
    return LaterAttempts{row->integer(0), row->optional_time(1)};
  });
}

ClaimResult SociOutbox::claim(const WelcomeId& id, ClaimReason reason, const ProcessIdentity& owner,
                              std::chrono::seconds lease) {
  std::optional<ClaimResult> result = std::move(claim_those_there_are({id}, reason, owner, lease).front());
  if (!result) throw Error(ErrorCode::NotFound, fmt::format("there is no welcome with the id {}", id));
  return std::move(*result);
}

std::vector<ClaimResult> SociOutbox::claim_many(const std::vector<WelcomeId>& ids, ClaimReason reason,
                                                const ProcessIdentity& owner, std::chrono::seconds lease) {
  std::vector<ClaimResult> results;
  for (std::optional<ClaimResult>& result : claim_those_there_are(ids, reason, owner, lease)) {
    if (result) {
      results.push_back(std::move(*result));
    } else {
      results.emplace_back().state = WelcomeState::Superseded;
    }
  }
  return results;
}

std::vector<std::optional<ClaimResult>> SociOutbox::claim_those_there_are(const std::vector<WelcomeId>& ids,
                                                                          ClaimReason reason,
                                                                          const ProcessIdentity& owner,
                                                                          std::chrono::seconds lease) {
  if (ids.empty()) return {};
  std::vector<std::string> claim_ids;
  for (std::size_t i = 0; i < ids.size(); ++i) claim_ids.push_back(new_identifier(context_.random));
  return write(context_, {"claim", "claiming a welcome"}, [&](WriteTransaction& transaction) {
    std::vector<std::optional<ClaimResult>> results(ids.size());
    SociSession& sql = transaction.sql();
    const std::map<PersonId, PinsRow> pins = lock_people(transaction, people_of(sql, ids));
    std::vector<OutboxRow> rows = find_rows_of(sql, ids, sql.for_update());
    std::vector<PersonId> people_ids;
    for (const auto& [id, locked] : pins) people_ids.push_back(id);
    const std::map<PersonId, Person> people = find_people(sql, people_ids);
    const Timestamp now = transaction.now();
    const std::vector<Pause> pauses = find_pauses(sql, now);
    std::map<WelcomeId, OutboxRow*> by_id;
    for (OutboxRow& row : rows) by_id[row.row.id] = &row;

    std::vector<OutboxRow*> claimed;
    std::vector<std::size_t> claimed_as;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto found = by_id.find(ids[i]);
      if (found == by_id.end()) continue;
      OutboxRow& row = *found->second;
      results[i] = obstacle(transaction, row, reason, pins.at(row.row.person), pauses);
      if (results[i]) continue;
      const auto person = people.find(row.row.person);
      if (person == people.end()) {
        if (row.row.kind != WelcomeKind::Notice)
          throw Error(ErrorCode::Internal, "a welcome of a removed person is still current");
        supersede_row(transaction, row, nobody(), "the person was removed");
        results[i] = not_claimed(ClaimResult::Outcome::Superseded, row);
        continue;
      }
      become_claimed(row, person->second, owner, claim_ids[i], now, now + lease);
      claimed.push_back(&row);
      claimed_as.push_back(i);
    }
    write_claims(transaction, claimed, owner, now + lease);

    Templates templates(sql);
    for (std::size_t i = 0; i < claimed.size(); ++i) {
      OutboxRow& row = *claimed[i];
      ClaimResult& result = results[claimed_as[i]].emplace(not_claimed(ClaimResult::Outcome::Claimed, row));
      result.claimed_at = now;
      result.until = now + lease;
      result.owner = owner;
      const std::string& text = templates.text(row.row.content.template_hash);
      std::optional<Pin> pin;
      if (row.seal) pin = context_.seals.open_pin(row.row.person, *row.seal);
      const Person& person = people.at(row.row.person);
      result.claimed = ClaimedWelcome{.row = std::move(row.row),
                                      .claim_id = row.claim_id,
                                      .pin = std::move(pin),
                                      .person = person,
                                      .template_text = text};
    }
    return results;
  });
}

std::vector<WelcomeId> SociOutbox::renew_many(const std::vector<Claimed>& claims,
                                              std::chrono::seconds lease) {
  if (claims.empty()) return {};
  std::map<WelcomeId, std::string> claim_of;
  std::vector<WelcomeId> ids;
  for (const Claimed& claimed : claims) {
    if (claim_of.emplace(claimed.id, claimed.claim_id).second) ids.push_back(claimed.id);
  }
  std::sort(ids.begin(), ids.end());
  return write(context_, {"renew", "renewing the claim of a welcome"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    std::vector<WelcomeId> kept;
    // The rows first: the time that the lease counts from must not be older than the wait for them.
    in_lists(ids, [&](const std::string& list, const Binds& binds) {
      for (const SqlRow& row :
           sql.rows(fmt::format("SELECT id, claim_id FROM welcomes WHERE id IN {} AND claim_id IS NOT NULL "
                                "ORDER BY id{}",
                                list, sql.for_update()),
                    2, binds)) {
        if (claim_of.at(row.text(0)) == row.text(1)) kept.push_back(row.text(0));
      }
    });
    in_lists(kept, [&](const std::string& list, Binds binds) {
      binds.push_back({"until", transaction.now() + lease});
      sql.execute("UPDATE welcomes SET claim_until = :until WHERE id IN " + list, binds);
    });
    return kept;
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
    for (const SqlRow& row : sql.rows("SELECT id FROM welcomes WHERE parent = :id AND id <> parent AND kind "
                                      "= 'copy' ORDER BY created_at, id",
                                      1, {{"id", id}}))
      ids.push_back(row.text(0));
    return ids;
  });
}

}  // namespace dialin
