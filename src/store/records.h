// SPDX-License-Identifier: Apache-2.0
// What the store keeps, as its callers see it. Plain values; no behaviour. doc/delivery.md explains the
// outbox.
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

namespace dialin {

// Whether a change is made, or only planned: what it would do, and what stands in its way.
enum class ImportMode { Apply, WhatIf };

// ---- PINs --------------------------------------------------------------------------------------

struct DeliberateLock {
  std::string reason;
  std::string by;
  Timestamp since;
};

// Locked out by failures (pin/lockout.h), as far as that holds now.
struct FailureCounts {
  unsigned local = 0;   // in the window of 30 minutes that goes on now
  unsigned global = 0;  // since the PIN was set or unlocked
  bool locked_out = false;
  std::optional<Timestamp> locked_out_until;  // none though locked out: until Unlock-CsClientPin
};

// The PIN of a person: never the digits. `version` is raised by every decision about the PIN (set, issued,
// locked, disabled, removed, activated); it is compared again wherever something follows from what was read.
struct PinRecord {
  std::int64_t version = 0;
  std::optional<Secret> verifier;       // PHC string (pin/pin_verifier.h); none: no PIN is set
  std::optional<Timestamp> changed_at;  // LastPinChangeTime
  std::optional<Timestamp> expires_at;  // PinExpirationTime; none: never
  std::optional<DeliberateLock> lock;
  FailureCounts failures;
};

// Somebody else with the same telephone number: (number, PIN) must stay unique.
struct NumberSharer {
  PersonId person;
  std::int64_t version = 0;
  std::optional<Secret> verifier;
  std::optional<Pin> pending;  // of an unfinished welcome, opened for comparing
};

struct SharerVersion {
  PersonId person;
  std::int64_t version = 0;
};

// ---- Outbox ------------------------------------------------------------------------------------

using WelcomeId = std::string;

enum class WelcomeKind { Welcome, Copy, Notice };

enum class WelcomeState { Queued, Sending, Sent, Failed, Uncertain, Cancelled, Superseded };

// What the mail says and to whom; frozen once anything may have arrived. The PIN belongs to it and lies
// sealed beside it.
struct WelcomeContent {
  Mailbox to;
  bool to_is_from_record = false;  // `to` is read again from the person at each claim
  Mailbox from;
  std::optional<Mailbox> reply_to;
  std::string envelope_sender;  // address; empty: the address of `from`
  std::string subject;          // -Subject; empty: the template's <title>
  std::string language;         // of the chosen template
  std::vector<Mailbox> cc;
  std::vector<Mailbox> bcc;
  bool mask_pin_in_copies = false;
  bool plain_text_only = false;  // -BodyAsPlainText
  bool without_link = false;     // -NoLink
  std::string template_hash;     // of the text in the store
};

// How it gets there; may be changed by the same command typed with another way.
struct WelcomeWay {
  enum class Tls { Opportunistic, Required, Implicit };
  std::string server;
  std::uint16_t port = 25;
  Tls tls = Tls::Opportunistic;  // never weaker on a later try than the welcome asked
  std::string user;              // empty: no AUTH
  // Where the password comes from, never the password: "prompt", "file:/etc/dialin/smtp-password",
  // "environment", or empty with no user; of an OAuth 2 access token: "oauth-file:/run/token" or
  // "oauth-command" (smtp.oauth_token_command).
  std::string password_source;
};
inline bool same_way(const WelcomeWay& a, const WelcomeWay& b) {
  return a.server == b.server && a.port == b.port && a.tls == b.tls && a.user == b.user &&
         a.password_source == b.password_source;
}

// Tells the person's own address that their PIN has become valid another way: without a mail, or by one to
// another address. A row of the outbox without a PIN, made in the transaction that makes the PIN valid.
struct PinNotice {
  WelcomeContent content;     // `to`: the person's own address
  std::string template_text;  // serialize(TemplateSource) of content.template_hash
  WelcomeWay way;
  std::string sent_to;  // the address to which the PIN was mailed; empty: it was not
};

// The last words of a mail server about a row.
struct ServerWords {
  int reply_code = 0;
  std::string enhanced_code;
  std::string text;
};

// A row of the outbox.
struct WelcomeRow {
  WelcomeId id;
  WelcomeKind kind = WelcomeKind::Welcome;
  PersonId person;
  std::string run;  // RunId; empty: of a command for one person
  bool held = false;
  WelcomeId parent;                // of a copy, and of a notice if there is one: its welcome
  std::int64_t version = 0;        // the person's PIN version when issued
  std::string message_id;          // without angle brackets, fixed at creation
  WelcomeContent content;          // of a copy: that of its welcome
  std::optional<Mailbox> copy_to;  // of a copy or a notice: its only recipient
  std::string sent_elsewhere;      // of a notice: PinNotice::sent_to
  WelcomeWay way;
  WelcomeState state = WelcomeState::Queued;
  bool replaces_pin = false;  // the person had a PIN when it was issued
  int attempts = 0;
  int unknowns = 0;
  bool may_have_arrived = false;
  bool arrived_invalid = false;  // its mail has arrived, and the PIN in it is not valid
  Timestamp created_at;
  std::optional<Timestamp> next_attempt_at;
  std::optional<Timestamp> finished_at;
  std::optional<Timestamp> reported_at;
  ServerWords words;
  std::string detail;  // in words, why it is in this state: "superseded by Set-CsClientPin"
  std::string operator_name;
  // Live while state is Sending:
  std::optional<ProcessIdentity> claim_owner;
  std::optional<Timestamp> claim_until;
};

struct NewWelcome {
  PersonId person;
  std::int64_t expected_version = 0;   // PinRecord::version that the decision was made on
  std::vector<SharerVersion> sharers;  // compared under the number's lock
  const Pin* pin = nullptr;
  WelcomeContent content;
  std::string template_text;  // serialize(TemplateSource), kept once under content.template_hash
  WelcomeWay way;
  std::string message_id;
  bool replaces_pin = false;
  bool ignores_history = false;  // for the audit trail
  std::string command_hash;      // of the command's content, for "typed again"
  std::string audit_note;        // what the operator confirmed, for the audit line; may be empty
};

struct IssueResult {
  enum class Outcome {
    Issued,
    VersionChanged,  // somebody decided something about the person, or a sharer, meanwhile: begin again
    Unfinished,      // the person has an unfinished welcome: `id`
  };
  Outcome outcome = Outcome::VersionChanged;
  WelcomeId id;
};

enum class ContentChange {
  Changed,
  MayHaveArrived,  // frozen
  InProgress,      // somebody is sending it
  Finished,        // also: something newer was decided about the PIN, and it has been finished now
  VersionChanged,  // of another PIN: `sharers` are no longer right; compare again
};

enum class ClaimReason {
  SameCommand,  // the same command typed again: takes uncertain rows too, and does not wait for the next
                // attempt
  Due,          // deliver: only rows that are due
};

struct Pause {
  enum class Reason { Password, SenderRefused, ServerAway, Quota };
  std::string id;
  std::string server;
  std::uint16_t port = 0;
  std::string user;
  std::string sender;  // address in From; empty: every sender of that relay and account
  Reason reason = Reason::Password;
  std::string words;  // the server's
  // Of a refused password: Store::credential_stamp() of what was tried; another password ends the pause.
  std::string credential_stamp;
  Timestamp since;  // set by the store
  std::optional<Timestamp> until;
};

// A claimed row with everything that sending it needs.
struct ClaimedWelcome {
  WelcomeRow row;  // state Sending
  std::string claim_id;
  std::optional<Pin> pin;  // none for a masked copy or a notice
  Person person;           // as recorded now
  std::string template_text;
};

struct ClaimResult {
  enum class Outcome {
    Claimed,
    InProgress,  // a live lease of `owner` until `until`
    Paused,      // `pause` covers it
    NotDue,    // `until` says when; for an uncertain one, which only the same command takes, it says nothing
    Finished,  // `state`
    Superseded,  // something newer was decided about the PIN; it has been finished now
  };
  Outcome outcome = Outcome::Finished;
  std::optional<ClaimedWelcome> claimed;
  ProcessIdentity owner;
  Timestamp claimed_at;
  Timestamp until;
  std::optional<Pause> pause;
  WelcomeState state = WelcomeState::Queued;
};

// How one attempt ended, for recording.
struct AttemptRecord {
  // Held: refused for a reason that may be the sender's (a run only): queued, but not due until it is known.
  enum class End { Accepted, Deferred, Refused, Unknown, Held };
  WelcomeId id;
  std::string claim_id;
  End end = End::Deferred;
  bool counts_as_attempt = false;       // Deferred: false for session and sender scope
  std::chrono::seconds retry_after{0};  // Deferred, Unknown: until the next attempt
  ServerWords words;
  std::string server;   // host:port, for the audit trail
  std::string sent_to;  // the address that was used
  // Accepted welcomes: the verifier that was computed before sending, the PIN for unmasked copies, and
  // what the policy says about lifetime and history.
  const Secret* verifier = nullptr;
  const Pin* pin = nullptr;
  std::optional<std::chrono::seconds> lifetime;
  unsigned history_count = 0;
  std::optional<PinNotice> notice;  // to be sent too; for nobody who gets a copy
};

struct RecordResult {
  enum class Outcome {
    Sent,             // a welcome: its PIN is valid now; a copy: delivered
    ArrivedInvalid,   // accepted, but its PIN is not valid: superseded or cancelled meanwhile (`state`)
    AlreadyRecorded,  // accepted, and already sent: nothing changed
    Queued,           // deferred, held, or unknown for the first or second time
    Failed,
    Uncertain,
    Superseded,  // not accepted, and something newer was decided about the PIN meanwhile: not tried again
    NotOurs,     // the claim is no longer the row's: nothing was written (`state`)
  };
  Outcome outcome = Outcome::NotOurs;
  WelcomeState state = WelcomeState::Queued;
  std::vector<WelcomeId> copies;  // made by this Accepted, its notice among them
};

struct CancelResult {
  enum class Outcome { Nothing, Cancelled, CancelledMayHaveArrived, InProgress };
  Outcome outcome = Outcome::Nothing;
  std::optional<ProcessIdentity> owner;
  std::optional<WelcomeRow> row;
};

// ---- Access numbers ----------------------------------------------------------------------------

struct AccessNumber {
  std::string primary_uri;     // sip:..., may be empty
  PhoneNumber line_uri;        // unique
  std::string display_number;  // as printed in mails
  std::string display_name;
  std::vector<std::string> regions;
  std::string primary_language;                  // BCP 47
  std::vector<std::string> secondary_languages;  // at most 4
  int priority = 0;                              // 0 first, where a region has no order of its own
  std::string site{};                            // empty: for everybody, else for people of this site only
};

// What an operator changes; everything else stays.
struct AccessNumberChanges {
  std::optional<PhoneNumber> line_uri;
  std::optional<std::string> display_number;
  std::optional<std::string> display_name;
  std::optional<std::vector<std::string>> regions;
  std::optional<std::string> primary_language;
  std::optional<std::vector<std::string>> secondary_languages;
  std::optional<std::string> site;

  bool empty() const {
    return !line_uri && !display_number && !display_name && !regions && !primary_language &&
           !secondary_languages && !site;
  }
};

// A region that people have and no number has.
struct EmptyRegion {
  std::string region;
  std::int64_t people = 0;
};

// "queued", "sending", ...
const char* to_text(WelcomeState state);

}  // namespace dialin
