// SPDX-License-Identifier: Apache-2.0
// What the store keeps of runs: many people welcomed by one command (doc/runs.md). Plain values.
//
// A run is staged row by row, made ready in one transaction, and worked off by any process: its waiting rows
// become welcomes of the outbox (store/records.h) when somebody is ready to send them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/process_identity.h"
#include "people/mailbox.h"
#include "people/person.h"
#include "pin/pin.h"
#include "store/records.h"

namespace dialin {

using RunId = std::string;

enum class RunState {
  Staging,    // its rows are being written; nobody works it off
  Ready,      // to be worked off, unless paused
  Finished,   // every row has an end
  Cancelled,  // nothing of it is begun any more
};
const char* to_text(RunState state);

// Why nobody takes rows of a run, until `until` or until a person resumes it.
struct RunPause {
  enum class Reason {
    Refusals,    // five unclear refusals alike in a row (doc/delivery.md)
    ServerAway,  // away longer than queue.give_up_after
    DailyLimit,  // the mail server's daily limit is used up
    Sender,      // the sender was refused
    Password,
    Quota,
  };
  Reason reason = Reason::Refusals;
  std::string words;  // ours and the server's
  Timestamp since;    // set by the store
  std::optional<Timestamp> until;
};

struct NewRun {
  std::string name;    // unique without case among runs
  std::string source;  // "users.csv", "standard input", "-PinNotSet": for people
  // Of the input's octets and of every option but the way; tells "the same file". May be empty until
  // RunStore::set_input_hash(): standard input is read once.
  std::string input_hash;
  bool force = false;  // -Force: decided once for each of its rows
};

struct RunRecord {
  RunId id;
  std::string name;
  std::string source;
  std::string input_hash;
  bool force = false;
  RunState state = RunState::Staging;
  std::optional<RunPause> pause;
  std::string operator_name;
  Timestamp created_at;
  std::optional<Timestamp> ready_at;
  std::optional<Timestamp> finished_at;
  std::optional<ProcessIdentity> stager;  // while Staging
};

// What all rows of one kind share: everything of a welcome but the person. `content.to` is not used.
struct RunPlan {
  WelcomeContent content;
  std::string template_text;  // kept once under content.template_hash
  WelcomeWay way;
};

// How a row of a run stands. Rows that have become welcomes end with them.
enum class RunRowState {
  Waiting,  // nothing has been decided yet
  Issued,   // a welcome of the outbox: its state counts
  Skipped,  // left alone on purpose: the PIN is set already, the person is locked or disabled, already sent
  Invalid,  // the row could not be taken, or its PIN could not when its turn came
  NotSent,  // something newer was decided about the person, or the run was cancelled, before it was issued
};

// A row to be staged. Exactly one of person (valid, skipped) and a problem (invalid) stands behind it.
struct StagedRow {
  std::int64_t line = 0;  // of the input, from 1; unique in the run
  std::string identity;   // as the input names the person; at most 320 octets
  RunRowState state = RunRowState::Waiting;
  std::optional<PersonId> person;
  int plan = 0;               // of RunStore::add_plan(); Waiting only
  std::optional<Mailbox> to;  // instead of the person's recorded address
  std::int64_t version = 0;   // PinRecord::version when it was staged: a later decision beats the run
  const Pin* pin = nullptr;   // of the row's Pin column; sealed at once
  bool had_pin = false;       // of an Invalid row: its Pin column was not empty; the PIN itself is not kept
  std::string code;           // "PinAlreadySet", "UserDoesNotExist", ...: empty for Waiting
  std::string detail;         // in words
};

// A waiting row with what choosing its PIN needs.
struct WaitingRow {
  std::int64_t line = 0;
  Person person;
  PinRecord record;  // now
  std::int64_t staged_version = 0;
  bool shares_number = false;  // others have the number: PinStore::sharers()
  int plan = 0;
  std::optional<Mailbox> to;
  std::optional<Pin> pin;           // of the Pin column
  bool unfinished_welcome = false;  // the person has one, of whichever command
};

// A waiting row that becomes a welcome and is claimed in the same transaction.
struct IssueRow {
  std::int64_t line = 0;
  PersonId person;
  std::int64_t expected_version = 0;
  std::vector<SharerVersion> sharers;
  const Pin* pin = nullptr;
  Mailbox to;
  bool to_is_from_record = false;
  int plan = 0;
  std::string message_id;
  bool replaces_pin = false;
};

struct RowIssue {
  enum class Outcome {
    Issued,          // `welcome`, claimed by `claim_id`
    VersionChanged,  // look at the row again
    Adopted,         // the person has an unfinished welcome: the row stands for that one from now on
    NotWaiting,      // another process was faster, the run was cancelled or paused, or a pause covers it
  };
  Outcome outcome = Outcome::NotWaiting;
  WelcomeId welcome;              // Issued, Adopted
  std::string claim_id;           // Issued
  std::optional<WelcomeRow> row;  // Issued: as it stands now, state Sending
};

struct SettledRow {
  std::int64_t line = 0;
  RunRowState state = RunRowState::Skipped;  // Skipped, Invalid or NotSent
  std::string code;
  std::string detail;
};

// By how its rows stand; the sum is the number of rows.
struct RunCounts {
  std::int64_t waiting = 0;  // not yet issued
  std::int64_t queued = 0;   // issued, not finished; held ones too
  std::int64_t held = 0;     // of these: refused for a reason that may be the sender's
  std::int64_t sent = 0;
  std::int64_t skipped = 0;
  std::int64_t failed = 0;
  std::int64_t uncertain = 0;
  std::int64_t invalid = 0;
  std::int64_t not_sent = 0;       // superseded, cancelled
  std::int64_t copies_failed = 0;  // not part of the sum

  std::int64_t all() const {
    return waiting + queued + sent + skipped + failed + uncertain + invalid + not_sent;
  }
  bool open() const { return waiting + queued > 0; }
  bool operator==(const RunCounts&) const = default;
};

// A row for the report.
struct RunReportRow {
  std::int64_t line = 0;
  std::string identity;  // the person's SIP URI where there is one, else as typed
  std::string address;   // where the mail went, or would go
  RunRowState state = RunRowState::Waiting;
  std::optional<WelcomeRow> welcome;  // Issued
  std::string code;                   // of the row; of a welcome: reply and enhanced code come from `welcome`
  std::string detail;
  std::vector<std::string> copy_failures;  // "audit@contoso.com: 550 5.1.1 no such user"
  bool had_pin = false;
};

}  // namespace dialin
