// SPDX-License-Identifier: Apache-2.0
#include "store/outbox_record_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "store/outbox_copies.h"
#include "store/outbox_notice.h"

namespace dialin {
namespace {

using End = AttemptRecord::End;

// An unfinished row, of a welcome or a copy, of one of the people.
struct Unfinished {
  WelcomeId id;
  bool is_welcome = false;
  bool is_sending = false;
  std::int64_t version = 0;
  std::string claim_id;
  bool has_copies = false;
};

std::multimap<PersonId, Unfinished> lock_unfinished(SociSession& sql, const std::vector<PersonId>& people) {
  std::multimap<PersonId, Unfinished> found;
  in_lists(people, [&](const std::string& list, const Binds& binds) {
    for (const SqlRow& row :
         sql.rows(fmt::format(
                      "SELECT person, id, kind, state, version, claim_id, cc, bcc FROM welcomes WHERE person "
                      "IN {} AND state IN ('queued', 'sending', 'uncertain') ORDER BY id{}",
                      list, sql.for_update()),
                  8, binds)) {
      Unfinished unfinished{.id = row.text(1)};
      unfinished.is_welcome = row.text(2) == "welcome";
      unfinished.is_sending = row.text(3) == "sending";
      unfinished.version = row.integer(4);
      unfinished.claim_id = row.text_or_empty(5);
      unfinished.has_copies = !row.text(6).empty() || !row.text(7).empty();
      found.emplace(row.text(0), std::move(unfinished));
    }
  });
  return found;
}

// Accepted welcomes whose person stands in the group once.
std::vector<PersonId> candidates(const std::vector<PreparedRecord>& records) {
  std::map<PersonId, int> times;
  for (const PreparedRecord& record : records) {
    if (record.person) ++times[*record.person];
  }
  std::vector<PersonId> people;
  for (const PreparedRecord& record : records) {
    if (record.person && record.kind == WelcomeKind::Welcome && record.verifier != nullptr &&
        times[*record.person] == 1)
      people.push_back(*record.person);
  }
  std::sort(people.begin(), people.end());
  return people;
}

// The one unfinished row of its person is this welcome, being sent under this claim, and its PIN is the one
// that was decided last. (Which cannot be so of a person who was removed.)
const Unfinished* simple_row(const PreparedRecord& record, const std::multimap<PersonId, Unfinished>& rows,
                             const PinsRow& pins) {
  const auto [first, last] = rows.equal_range(*record.person);
  if (first == last || std::next(first) != last) return nullptr;
  const Unfinished& row = first->second;
  const bool simple = row.id == record.record->id && row.is_welcome && row.is_sending &&
                      row.claim_id == record.record->claim_id && row.version == pins.version;
  return simple ? &row : nullptr;
}

void write_sent(WriteTransaction& transaction, const std::vector<const PreparedRecord*>& records) {
  in_parts(records.size(), [&](std::size_t begin, std::size_t end) {
    SqlValues values({"TEXT", "INTEGER", "TEXT", "TEXT"});
    for (std::size_t i = begin; i < end; ++i) {
      const ServerWords words = fit(records[i]->record->words);
      values.add({records[i]->record->id, words.reply_code, words.enhanced_code, words.text});
    }
    transaction.sql().execute(
        fmt::format(
            "UPDATE welcomes SET state = 'sent', state_since = :now, finished_at = :now, detail = '', "
            "seal = NULL, next_attempt_at = NULL, reply_code = v.column2, enhanced_code = v.column3, "
            "reply_text = v.column4, claim_id = NULL, claim_host = NULL, claim_boot_id = NULL, "
            "claim_pid_namespace = NULL, claim_process_id = NULL, claim_start_time = NULL, claimed_at = "
            "NULL, claim_until = NULL FROM (VALUES {}) AS v WHERE welcomes.id = v.column1",
            values.text()),
        values.take_binds({{"now", transaction.now()}}));
  });
}

}  // namespace

std::vector<PreparedRecord> prepare_records(StoreContext& context,
                                            const std::vector<AttemptRecord>& records) {
  std::vector<WelcomeId> ids;
  for (const AttemptRecord& record : records) ids.push_back(record.id);
  const auto found = read(context, "recording a delivery", [&](SociSession& sql) {
    std::map<WelcomeId, std::pair<PersonId, bool>> rows;
    in_lists(ids, [&](const std::string& list, const Binds& binds) {
      for (const SqlRow& row :
           sql.rows("SELECT id, person, kind FROM welcomes WHERE id IN " + list, 3, binds))
        rows.emplace(row.text(0), std::pair(row.text(1), row.text(2) == "copy"));
    });
    return rows;
  });
  std::vector<PreparedRecord> prepared;
  for (const AttemptRecord& record : records) {
    PreparedRecord& result = prepared.emplace_back(PreparedRecord{.record = &record});
    const auto row = found.find(record.id);
    if (row == found.end()) continue;
    result.person = row->second.first;
    if (row->second.second) {
      result.kind = WelcomeKind::Copy;
    } else if (record.end == End::Accepted) {
      result.verifier = record.verifier;
    }
  }
  return prepared;
}

std::vector<WelcomeId> SentTogether::finish(WriteTransaction& transaction) {
  std::vector<WelcomeId> made;
  if (pins_for_copies) {
    const auto row = find_row(transaction.sql(), record->id);
    made = make_copies(transaction, row->row, *record, *pins_for_copies);
  }
  if (record->notice) {
    if (auto notice = make_notice(transaction, entry.person, *record->notice, record->id, entry.by))
      made.push_back(std::move(*notice));
  }
  transaction.audit(std::move(entry));
  return made;
}

std::vector<std::optional<SentTogether>> record_together(WriteTransaction& transaction,
                                                         const std::vector<PreparedRecord>& records,
                                                         const Operator& by,
                                                         std::map<PersonId, PinsRow>& pins) {
  std::vector<std::optional<SentTogether>> together(records.size());
  SociSession& sql = transaction.sql();
  const std::vector<PersonId> people = candidates(records);
  if (people.empty()) return together;
  const std::multimap<PersonId, Unfinished> rows = lock_unfinished(sql, people);
  std::vector<const PreparedRecord*> simple;
  std::vector<PinOfPerson> changes;
  std::vector<AuditAddress> addresses;
  std::vector<std::size_t> places;
  std::vector<bool> has_copies;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const PreparedRecord& record = records[i];
    if (!record.person || !std::binary_search(people.begin(), people.end(), *record.person)) continue;
    PinsRow& locked = pins.at(*record.person);
    const Unfinished* row = simple_row(record, rows, locked);
    if (row == nullptr) continue;
    simple.push_back(&record);
    places.push_back(i);
    has_copies.push_back(row->has_copies);
    addresses.push_back({*record.person, record.record->sent_to});
    changes.push_back({&locked,
                       {.verifier = transaction.seals().seal_verifier(*record.person, *record.verifier),
                        .lifetime = record.record->lifetime,
                        .history_count = record.record->history_count}});
  }
  if (simple.empty()) return together;
  change_pins(transaction, changes);
  write_sent(transaction, simple);
  const std::vector<std::string> names = audit_addresses(transaction, addresses);
  for (std::size_t i = 0; i < simple.size(); ++i) {
    const AttemptRecord& record = *simple[i]->record;
    SentTogether& sent = together[places[i]].emplace();
    sent.record = &record;
    AuditDetail detail = attempt_detail(record, fit(record.words), names[i]);
    detail.insert(detail.begin(), {"welcome", record.id});
    sent.entry = {by, "welcome-sent", *simple[i]->person, std::move(detail)};
    if (has_copies[i]) sent.pins_for_copies = *changes[i].pins;
  }
  return together;
}

ServerWords fit(const ServerWords& words) {
  return {words.reply_code, sanitize_foreign_text(words.enhanced_code), sanitize_foreign_text(words.text)};
}

AuditDetail attempt_detail(const AttemptRecord& record, const ServerWords& words, const std::string& to) {
  AuditDetail detail = {{"server", record.server}, {"reply", std::to_string(words.reply_code)}};
  if (!words.enhanced_code.empty()) detail.emplace_back("enhanced", words.enhanced_code);
  if (!to.empty()) detail.emplace_back("to", to);
  return detail;
}

}  // namespace dialin
