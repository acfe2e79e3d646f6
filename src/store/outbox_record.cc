// SPDX-License-Identifier: Apache-2.0
// How attempts ended: the event table of doc/delivery.md, row by row.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "store/outbox.h"
#include "store/outbox_finish.h"
#include "store/outbox_rows.h"

namespace dialin {
namespace {

constexpr int kMostUnknowns = 3;

using Outcome = RecordResult::Outcome;

// One record and the row that it is about, locked.
struct Recording {
  WriteTransaction& transaction;
  const AttemptRecord& record;
  const Operator& by;
  PinsRow& pins;
  OutboxRow& row;
  bool person_removed;

  std::vector<std::pair<std::string, std::string>> detail() const {
    std::vector<std::pair<std::string, std::string>> detail = {
        {"server", record.server}, {"reply", std::to_string(record.words.reply_code)}};
    if (!row.row.words.enhanced_code.empty()) detail.emplace_back("enhanced", row.row.words.enhanced_code);
    // Names of a removed person are not written anew.
    if (!person_removed)
      detail.emplace_back("to", audit_name(transaction.sql(), transaction.context().random, row.row.person,
                                           AuditNameKind::Address, record.sent_to));
    return detail;
  }

  RecordResult finish(Outcome outcome, WelcomeState state, std::string words, const char* event) {
    write_state(transaction, row, state, std::move(words));
    transaction.audit(audit_entry(row, by, event, detail()));
    return {outcome, state, {}};
  }
};

// A copy for everybody in Cc and Bcc, each once and not for the recipient of the welcome itself.
std::vector<WelcomeId> make_copies(Recording& recording) {
  const WelcomeRow& welcome = recording.row.row;
  std::vector<Mailbox> recipients = welcome.content.cc;
  recipients.insert(recipients.end(), welcome.content.bcc.begin(), welcome.content.bcc.end());
  std::vector<WelcomeId> copies;
  std::set<std::string> known;
  if (const auto sent_to = Mailbox::parse(recording.record.sent_to)) known.insert(sent_to->key());
  WriteTransaction& transaction = recording.transaction;
  RandomSource& random = transaction.context().random;
  for (const Mailbox& recipient : recipients) {
    if (!known.insert(recipient.key()).second) continue;
    std::optional<std::string> seal;
    if (!welcome.content.mask_pin_in_copies) {
      if (recording.record.pin == nullptr)
        throw Error(ErrorCode::Internal, "a delivery was recorded without the PIN that its copies show");
      seal = transaction.seals().seal_pin(welcome.person, *recording.record.pin);
    }
    const WelcomeId id = new_identifier(random);
    const std::size_t made = transaction.sql().execute(
        "INSERT INTO welcomes (id, kind, person, parent, version, message_id, mail_to, to_is_from_record, "
        "mail_from, "
        "reply_to, envelope_sender, subject, language, cc, bcc, mask_pin_in_copies, plain_text_only, "
        "without_link, "
        "template_hash, copy_to, copy_to_key, server, port, tls, user_name, password_source, sender_key, "
        "state, "
        "state_since, seal, replaces_pin, created_at, next_attempt_at, operator_name, command_hash, run) SELECT "
        ":id, "
        "'copy', person, id, CAST(:version AS BIGINT), :message_id, mail_to, to_is_from_record, mail_from, "
        "reply_to, "
        "envelope_sender, subject, language, cc, bcc, mask_pin_in_copies, plain_text_only, without_link, "
        "template_hash, :copy_to, :copy_to_key, server, port, tls, user_name, password_source, sender_key, "
        "'queued', "
        "CAST(:now AS BIGINT), :seal, replaces_pin, CAST(:now AS BIGINT), CAST(:now AS BIGINT), "
        "operator_name, '', run FROM "
        "welcomes WHERE id = :parent ON CONFLICT DO NOTHING",
        {{"id", id},
         {"version", recording.pins.pin_version},
         {"message_id", fmt::format("{}@{}", new_identifier(random), welcome.content.from.domain())},
         {"copy_to", to_column(recipient)},
         {"copy_to_key", recipient.key()},
         {"now", transaction.now()},
         {"seal", seal},
         {"parent", welcome.id}});
    if (made == 1) copies.push_back(id);
  }
  return copies;
}

// The mail has arrived, its PIN is not valid: said once, however often it is reported.
RecordResult arrived_invalid(Recording& recording, WelcomeState state, const std::string& because) {
  OutboxRow& row = recording.row;
  if (row.row.arrived_invalid) return {Outcome::ArrivedInvalid, row.row.state, {}};
  row.row.arrived_invalid = true;
  row.row.may_have_arrived = true;
  return recording.finish(Outcome::ArrivedInvalid, state,
                          fmt::format("{}; the mail has arrived, and the PIN in it is not valid", because),
                          "arrived-invalid");
}

RecordResult accepted_copy(Recording& recording) {
  OutboxRow& row = recording.row;
  if (row.row.state == WelcomeState::Sent) return {Outcome::AlreadyRecorded, row.row.state, {}};
  if (row.row.state == WelcomeState::Superseded)
    return arrived_invalid(recording, row.row.state, row.row.detail);
  if (!is_current(row, recording.pins))
    return arrived_invalid(recording, WelcomeState::Superseded, "superseded: the PIN was changed meanwhile");
  return recording.finish(Outcome::Sent, WelcomeState::Sent, {}, "sent");
}

RecordResult accepted_welcome(Recording& recording) {
  OutboxRow& row = recording.row;
  WriteTransaction& transaction = recording.transaction;
  switch (row.row.state) {
    case WelcomeState::Sent:
      return {Outcome::AlreadyRecorded, row.row.state, {}};
    case WelcomeState::Superseded:
    case WelcomeState::Cancelled:
      return arrived_invalid(recording, row.row.state, row.row.detail);
    case WelcomeState::Failed:
      if (!is_current(row, recording.pins))
        return arrived_invalid(recording, WelcomeState::Failed, row.row.detail);
      break;
    case WelcomeState::Queued:
    case WelcomeState::Sending:
    case WelcomeState::Uncertain:
      if (!is_current(row, recording.pins))
        return arrived_invalid(
            recording, WelcomeState::Superseded,
            "superseded: something newer was decided about the PIN while it was being sent");
      break;
  }
  if (recording.record.verifier == nullptr)
    throw Error(ErrorCode::Internal, "a delivery was recorded without a verifier");
  const char* const because = "another welcome was activated";
  supersede_welcome(transaction, row.row.person, recording.by, because, row.row.id);
  supersede_copies(transaction, row.row.person, recording.by, because);
  change_pin(transaction, recording.pins,
             {.verifier = transaction.seals().seal_verifier(row.row.person, *recording.record.verifier),
              .lifetime = recording.record.lifetime,
              .history_count = recording.record.history_count});
  RecordResult result = recording.finish(Outcome::Sent, WelcomeState::Sent, {}, "sent");
  result.copies = make_copies(recording);
  return result;
}

RecordResult not_accepted(Recording& recording) {
  OutboxRow& row = recording.row;
  WelcomeRow& welcome = row.row;
  const AttemptRecord& record = recording.record;
  if (welcome.state != WelcomeState::Sending || row.claim_id != record.claim_id)
    return {Outcome::NotOurs, welcome.state, {}};
  if (record.counts_as_attempt) ++welcome.attempts;
  if (record.end == AttemptRecord::End::Unknown) {
    ++welcome.unknowns;
    welcome.may_have_arrived = true;
  }
  if (record.end == AttemptRecord::End::Refused && (row.is_copy() || !welcome.may_have_arrived))
    return recording.finish(Outcome::Failed, WelcomeState::Failed, "the mail server refused it", "failed");
  // What cannot become valid any more is not tried again, and its seal goes at once.
  if (!is_current(row, recording.pins)) {
    supersede_row(recording.transaction, row, recording.by, "something newer was decided about the PIN");
    return {Outcome::Superseded, welcome.state, {}};
  }
  if (record.end == AttemptRecord::End::Refused)
    return recording.finish(Outcome::Uncertain, WelcomeState::Uncertain,
                            "the mail server refused it, but an earlier attempt may have arrived",
                            "uncertain");
  if (record.end == AttemptRecord::End::Unknown && welcome.unknowns >= kMostUnknowns) {
    constexpr const char* words = "the mail server's answer was lost three times; the mail may have arrived";
    if (row.is_copy()) return recording.finish(Outcome::Failed, WelcomeState::Failed, words, "failed");
    return recording.finish(Outcome::Uncertain, WelcomeState::Uncertain, words, "uncertain");
  }
  const bool unknown = record.end == AttemptRecord::End::Unknown;
  welcome.next_attempt_at = recording.transaction.now() + record.retry_after;
  write_state(recording.transaction, row, WelcomeState::Queued,
              unknown ? "the mail server's answer was lost; the mail may have arrived" : "deferred");
  // A server that is away for hours would fill the trail with the same line.
  if (record.counts_as_attempt || unknown)
    recording.transaction.audit(
        audit_entry(row, recording.by, unknown ? "unknown" : "deferred", recording.detail()));
  return {Outcome::Queued, WelcomeState::Queued, {}};
}

RecordResult record_one(WriteTransaction& transaction, const AttemptRecord& record, const Operator& by,
                        PinsRow& pins) {
  const bool accepted = record.end == AttemptRecord::End::Accepted;
  auto row = find_row(transaction.sql(), record.id, transaction.sql().for_update());
  // The rows of a removed person are gone: what arrived then is not valid.
  if (!row) return {accepted ? Outcome::ArrivedInvalid : Outcome::NotOurs, WelcomeState::Superseded, {}};
  const bool removed = !find_person(transaction.sql(), row->row.person);
  if (accepted || row->claim_id == record.claim_id) {
    row->row.words = {record.words.reply_code, sanitize_foreign_text(record.words.enhanced_code),
                      sanitize_foreign_text(record.words.text)};
    if (removed) row->row.words.text.clear();
  }
  Recording recording{transaction, record, by, pins, *row, removed};
  if (!accepted) return not_accepted(recording);
  return row->is_copy() ? accepted_copy(recording) : accepted_welcome(recording);
}

}  // namespace

std::vector<RecordResult> SociOutbox::record(const std::vector<AttemptRecord>& records, const Operator& by) {
  if (records.empty()) return {};
  const auto people_of = [&](SociSession& sql) {
    std::map<WelcomeId, std::pair<PersonId, bool>> people;  // and whether it is a copy
    for (const AttemptRecord& record : records) {
      if (const auto row =
              sql.row("SELECT person, kind FROM welcomes WHERE id = :id", 2, {{"id", record.id}}))
        people[record.id] = {row->text(0), row->text(1) == "copy"};
    }
    return people;
  };
  // Neither ever changes, so both may be read before.
  const auto people = read(context_, "recording a delivery", people_of);
  const bool only_copies =
      std::all_of(people.begin(), people.end(), [](const auto& entry) { return entry.second.second; });
  const Step step = only_copies ? Step{"record-copy", "recording the delivery of a copy"}
                                : Step{"record", "recording the delivery of a welcome"};
  return write(context_, step, [&](WriteTransaction& transaction) {
    std::map<PersonId, PinsRow> pins;  // locked in the order of their ids
    for (const auto& [id, person] : people) pins[person.first];
    for (auto& [person, row] : pins) row = lock_person(transaction, person, /*also_removed=*/true);
    std::vector<RecordResult> results;
    for (const AttemptRecord& record : records) {
      const auto person = people.find(record.id);
      PinsRow nobodys;
      results.push_back(
          record_one(transaction, record, by, person == people.end() ? nobodys : pins[person->second.first]));
    }
    return results;
  });
}

}  // namespace dialin
