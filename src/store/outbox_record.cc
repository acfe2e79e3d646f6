// SPDX-License-Identifier: Apache-2.0
// How attempts ended: the event table of doc/delivery.md, row by row. What store/outbox_record_group.h does
// for many at once has to give the same.
#include <fmt/format.h>

#include <map>

#include "store/outbox.h"
#include "store/outbox_copies.h"
#include "store/outbox_finish.h"
#include "store/outbox_notice.h"
#include "store/outbox_record_group.h"

namespace dialin {
namespace {

constexpr int kMostUnknowns = 3;

using Outcome = RecordResult::Outcome;
using End = AttemptRecord::End;

// One record and the row that it is about, locked.
struct Recording {
  WriteTransaction& transaction;
  const AttemptRecord& record;
  const Operator& by;
  PinsRow& pins;
  OutboxRow& row;
  const Secret* verifier;
  bool person_removed;

  AuditDetail detail() const {
    std::string to;
    // Names of a removed person are not written anew.
    if (!person_removed) to = audit_name(transaction, row.row.person, AuditNameKind::Address, record.sent_to);
    return attempt_detail(record, row.row.words, to);
  }

  RecordResult finish(Outcome outcome, WelcomeState state, std::string words, const char* event) {
    write_state(transaction, row, state, std::move(words));
    transaction.audit(audit_entry(row, by, event, detail()));
    return {outcome, state, {}};
  }
};

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
  if (recording.verifier == nullptr)
    throw Error(ErrorCode::Internal, "a delivery was recorded without a verifier");
  const char* const because = "another welcome was activated";
  supersede_welcome(transaction, row.row.person, recording.by, because, row.row.id);
  supersede_copies(transaction, row.row.person, recording.by, because);
  change_pin(transaction, recording.pins,
             {.verifier = transaction.seals().seal_verifier(row.row.person, *recording.verifier),
              .lifetime = recording.record.lifetime,
              .history_count = recording.record.history_count});
  RecordResult result = recording.finish(Outcome::Sent, WelcomeState::Sent, {}, "sent");
  result.copies = make_copies(transaction, row.row, recording.record, recording.pins);
  if (recording.record.notice && !recording.person_removed) {
    if (auto notice =
            make_notice(transaction, row.row.person, *recording.record.notice, row.row.id, recording.by))
      result.copies.push_back(std::move(*notice));
  }
  return result;
}

RecordResult not_accepted(Recording& recording) {
  OutboxRow& row = recording.row;
  WelcomeRow& welcome = row.row;
  const AttemptRecord& record = recording.record;
  if (welcome.state != WelcomeState::Sending || row.claim_id != record.claim_id)
    return {Outcome::NotOurs, welcome.state, {}};
  if (record.counts_as_attempt) ++welcome.attempts;
  if (record.end == End::Unknown) {
    ++welcome.unknowns;
    welcome.may_have_arrived = true;
  }
  if (record.end == End::Refused && (!row.is_welcome() || !welcome.may_have_arrived))
    return recording.finish(Outcome::Failed, WelcomeState::Failed, "the mail server refused it", "failed");
  // What cannot become valid any more is not tried again, and its seal goes at once.
  if (!is_current(row, recording.pins)) {
    supersede_row(recording.transaction, row, recording.by, "something newer was decided about the PIN");
    return {Outcome::Superseded, welcome.state, {}};
  }
  if (record.end == End::Refused)
    return recording.finish(Outcome::Uncertain, WelcomeState::Uncertain,
                            "the mail server refused it, but an earlier attempt may have arrived",
                            "uncertain");
  if (record.end == End::Unknown && welcome.unknowns >= kMostUnknowns) {
    constexpr const char* words = "the mail server's answer was lost three times; the mail may have arrived";
    if (!row.is_welcome()) return recording.finish(Outcome::Failed, WelcomeState::Failed, words, "failed");
    return recording.finish(Outcome::Uncertain, WelcomeState::Uncertain, words, "uncertain");
  }
  if (record.end == End::Held) {
    if (welcome.run.empty()) throw Error(ErrorCode::Internal, "a welcome without a run was recorded as held");
    welcome.held = true;
    return recording.finish(
        Outcome::Queued, WelcomeState::Queued,
        "the mail server refused it for a reason that may be the sender's; held until that is known", "held");
  }
  const bool unknown = record.end == End::Unknown;
  welcome.next_attempt_at = recording.transaction.now() + record.retry_after;
  write_state(recording.transaction, row, WelcomeState::Queued,
              unknown ? "the mail server's answer was lost; the mail may have arrived" : "deferred");
  // A server that is away for hours would fill the trail with the same line.
  if (record.counts_as_attempt || unknown)
    recording.transaction.audit(
        audit_entry(row, recording.by, unknown ? "unknown" : "deferred", recording.detail()));
  return {Outcome::Queued, WelcomeState::Queued, {}};
}

RecordResult record_one(WriteTransaction& transaction, const PreparedRecord& prepared, const Operator& by,
                        PinsRow& pins) {
  const AttemptRecord& record = *prepared.record;
  const bool accepted = record.end == End::Accepted;
  auto row = find_row(transaction.sql(), record.id, transaction.sql().for_update());
  // The rows of a removed person are gone: what arrived then is not valid.
  if (!row) return {accepted ? Outcome::ArrivedInvalid : Outcome::NotOurs, WelcomeState::Superseded, {}};
  const bool removed = !find_person(transaction.sql(), row->row.person);
  if (accepted || row->claim_id == record.claim_id) {
    row->row.words = fit(record.words);
    if (removed) row->row.words.text.clear();
  }
  Recording recording{transaction, record, by, pins, *row, prepared.verifier, removed};
  if (!accepted) return not_accepted(recording);
  return row->is_welcome() ? accepted_welcome(recording) : accepted_copy(recording);
}

}  // namespace

std::vector<RecordResult> SociOutbox::record(const std::vector<AttemptRecord>& records, const Operator& by) {
  if (records.empty()) return {};
  // Whose they are and of which kind never changes, so both may be read before.
  const std::vector<PreparedRecord> prepared = prepare_records(context_, records);
  std::vector<PersonId> people;
  bool only_copies = true;
  for (const PreparedRecord& record : prepared) {
    if (!record.person) continue;
    people.push_back(*record.person);
    only_copies = only_copies && record.kind == WelcomeKind::Copy;
  }
  const Step step = only_copies ? Step{"record-copy", "recording the delivery of a copy"}
                                : Step{"record", "recording the delivery of a welcome"};
  return write(context_, step, [&](WriteTransaction& transaction) {
    std::map<PersonId, PinsRow> pins = lock_people(transaction, people);
    std::vector<std::optional<SentTogether>> together = record_together(transaction, prepared, by, pins);
    std::vector<RecordResult> results;
    for (std::size_t i = 0; i < prepared.size(); ++i) {
      if (together[i]) {
        // Here, so that lines and copies come in the order of the records.
        results.push_back({Outcome::Sent, WelcomeState::Sent, together[i]->finish(transaction)});
      } else {
        PinsRow nobodys;
        results.push_back(record_one(transaction, prepared[i], by,
                                     prepared[i].person ? pins.at(*prepared[i].person) : nobodys));
      }
    }
    return results;
  });
}

}  // namespace dialin
