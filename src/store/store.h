// SPDX-License-Identifier: Apache-2.0
// The port to what is kept. One implementation (SociStore) serves SQLite and PostgreSQL; one contract suite
// (tests/contract/store_*) runs on both and on every later one.
//
// Rules for implementations
// - Each function is one transaction, all or nothing. One that lost against another, or whose connection
// broke,
//   is repeated whole; a COMMIT that was not answered is asked for before it is repeated. No transaction is
//   held over a hash, a socket, a prompt or a wait.
// - Stores store. Which PIN is allowed, who may do what, when to try again: decided elsewhere.
// - Every decision and every outcome writes its audit line in the same transaction, with the operator, never
// a
//   PIN (store/audit.h lists the events). Claims, renewals and marks of what was reported write none.
// - What could not be asked is Error(Unavailable) (busy for 10 s, disk full, connection lost), never
//   "absent". A damaged database or a newer schema is Error(Configuration).
// - A text of a library that may hold bound values is never part of an Error. A text that holds NUL
//   or is not UTF-8 is Error(InvalidInput); words of mail servers are made fit, because a delivery must be
//   recorded.
// - The verifier is encrypted and PINs are sealed here, under the key that the store names (keys/).
// - An unknown id is Error(NotFound), unless the function returns an optional.
//
// Checkpoints (base/checkpoint.h): before-commit-NAME and after-commit-NAME, where NAME is one of issue,
// change-content, change-way, reported, claim, renew, record (a group with a welcome in it), record-copy
// (copies and notices only), cancel, sweep, pause, end-pause, set-pin, replace-verifier, lock, unlock,
// disable, enable, remove, pay-check, settle-check, import-people, import-numbers, number-create,
// number-change, number-remove, number-reorder, dtmf-change, dtmf-reset, key-exported, key-prepare, key-use,
// key-reencrypt, key-retire, key-forget, sign, journal, archive, remove-archived, create (a new store);
// before-commit-upgrade; and after-key-create, between a new store's key and the store.
//
// One Store belongs to one thread at a time; several processes and threads each open their own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/checkpoint.h"
#include "base/clock.h"
#include "base/journal.h"
#include "base/operator.h"
#include "base/random_source.h"
#include "people/directory.h"
#include "people/people_file.h"
#include "store/audit_trail.h"
#include "store/dtmf_configuration.h"
#include "store/key_store.h"
#include "store/lockout_store.h"
#include "store/pin_past.h"
#include "store/policy_store.h"
#include "store/records.h"
#include "store/relay_store.h"
#include "store/run_store.h"
#include "store/store_status.h"

namespace dialin {

struct PeopleImport {
  struct Conflict {
    std::size_t line;
    std::string reason;  // in words: "sip:a@b.c already belongs to ...", "the number is held by ..."
  };
  std::vector<Conflict> conflicts;  // not empty: nothing was changed
  struct Changed {
    std::string sip_address;
    std::vector<std::string> fields;  // names of the columns that changed
    std::string renamed_from = {};    // the SIP URI before, if it is another address now
  };
  std::vector<std::string> added;  // SIP URIs
  std::vector<Changed> updated;
  std::vector<std::string> disabled, enabled;
  std::size_t unchanged = 0;
};

class PeopleStore : public Directory {
 public:
  virtual std::optional<Person> get(const PersonId& id) = 0;
  // In order of the SIP address; `after` is the last one of the page before, empty at first.
  virtual std::vector<Person> list(const std::string& after, std::size_t limit) = 0;
  // Rows (people/people_file.h; line 0 for a typed one) match by external id first, then by SIP address. A
  // telephone number that another enabled person holds is a conflict unless `share_number`. Disabling does
  // what disable() does.
  virtual PeopleImport apply(const std::vector<PersonRow>& rows, ImportMode mode, bool share_number,
                             const Operator& by) = 0;
  // Raises the version, supersedes a waiting welcome and its copies. False: was already so.
  virtual bool disable(const PersonId& id, const Operator& by) = 0;
  // Without `keep_pin` the former PIN is erased. False: was enabled already.
  virtual bool enable(const PersonId& id, bool keep_pin, const Operator& by) = 0;
  // Disables, then erases verifier, history and personal fields; audit lines keep the internal id.
  virtual bool remove(const PersonId& id, const Operator& by) = 0;
  // The domains of mail addresses that at least two enabled people have.
  virtual std::vector<std::string> common_mail_domains() = 0;
};

struct SetPin {
  PersonId person;
  std::int64_t expected_version = 0;
  std::vector<SharerVersion> sharers;
  const Secret* verifier = nullptr;
  std::optional<std::chrono::seconds> lifetime;
  unsigned history_count = 0;
  bool ignores_history = false;  // for the audit trail
  const PinNotice* notice = nullptr;
};

struct SetPinResult {
  enum class Outcome {
    Set,
    Replaced,
    VersionChanged,      // begin again
    DeliveryInProgress,  // a welcome is being sent under a live lease: wait, then begin again
  };
  Outcome outcome = Outcome::VersionChanged;
  std::optional<ProcessIdentity> owner;  // of the live lease
  WelcomeId notice;                      // its row in the outbox; empty: none was asked for
};

// A PIN that is set, for what can be known of it without the PIN (pin/policy_fit.h).
struct KeptPin {
  Person person;
  Secret verifier;
  Timestamp changed_at;
};

enum class PinCondition {
  NotSet,   // enabled people only
  Locked,   // on purpose, or locked out by failures now
  Expired,  // neither one that never expires nor one that waits to be changed at its first use
};

class PinStore {
 public:
  virtual ~PinStore() = default;
  // Every person has one, set or not. Error(NotFound) for an unknown id.
  virtual PinRecord pin_of(const PersonId& id) = 0;
  // Everybody else, enabled or not, with this number; empty if the person has none.
  virtual std::vector<NumberSharer> sharers(const PersonId& id) = 0;
  // The verifiers of the last `count` PINs of the person, the present one included, newest first.
  virtual std::vector<Secret> last_verifiers(const PersonId& id, unsigned count) = 0;
  // With at most `limit` of the wrong PINs.
  virtual PinPast past_of(const PersonId& id, std::size_t limit) = 0;
  // In order of the SIP address.
  virtual std::vector<PersonId> people_with(PinCondition condition) = 0;
  // Of everybody who has one, in order of the SIP address; `after` is the last one of the page before, empty
  // at first.
  virtual std::vector<KeptPin> kept(const std::string& after, std::size_t limit) = 0;
  virtual SetPinResult set_pin(const SetPin& request, const Operator& by) = 0;
  // After a right check with a verifier of older cost. Does not raise the version; false if it changed
  // meanwhile.
  virtual bool replace_verifier(const PersonId& id, std::int64_t expected_version,
                                const Secret& verifier) = 0;
  // False: was locked already; the first reason stays.
  virtual bool lock(const PersonId& id, const std::string& reason, const Operator& by) = 0;
  // Ends a deliberate lock and a lockout, and counts failures from 0. False: was neither locked nor locked
  // out.
  virtual bool unlock(const PersonId& id, const Operator& by) = 0;
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  virtual IssueResult issue(const NewWelcome& welcome, const Operator& by) = 0;
  virtual std::optional<WelcomeRow> get(const WelcomeId& id) = 0;
  virtual std::optional<WelcomeRow> unfinished_of(const PersonId& person) = 0;
  virtual std::optional<WelcomeRow> latest_of(const PersonId& person) = 0;
  // A finished welcome that this operator's same command issued (or went on with), unreported, finished after
  // `since`.
  virtual std::optional<WelcomeRow> unreported(const PersonId& person, const Operator& by,
                                               const std::string& command_hash, Timestamp since) = 0;
  // Committed after the output was written.
  virtual void mark_reported(const WelcomeId& id) = 0;
  // `pin` null: the PIN stays. `command_hash` becomes the row's.
  virtual ContentChange change_content(const WelcomeId& id, const WelcomeContent& content,
                                       const std::string& template_text, const Pin* pin,
                                       const std::vector<SharerVersion>& sharers,
                                       const std::string& command_hash, const Operator& by) = 0;
  // A weaker TLS than the row's is never written: the stronger one stays.
  virtual void change_way(const WelcomeId& id, const WelcomeWay& way, const Operator& by) = 0;
  // Whether the row's sealed PIN is `pin`; nothing if there is no seal.
  virtual std::optional<bool> has_pin(const WelcomeId& id, const Pin& pin) = 0;

  // The rows without a run, copies too, that are due and that no pause covers: queued ones whose time has
  // come, and sending ones whose lease has run out; in order of creation. Those of runs: RunStore::due().
  virtual std::vector<WelcomeId> due(std::size_t limit) = 0;
  // Those that a pause covers, due or not: whether it still holds may be for the caller to find out
  // (another password).
  virtual std::vector<WelcomeId> paused(std::size_t limit) = 0;
  // Queued rows without a run whose time has not come and that no pause covers.
  struct LaterAttempts {
    std::int64_t rows = 0;
    std::optional<Timestamp> first;  // when the first of them is due
  };
  virtual LaterAttempts not_yet_due() = 0;
  // And its notice.
  virtual std::vector<WelcomeId> copies_of(const WelcomeId& id) = 0;
  virtual ClaimResult claim(const WelcomeId& id, ClaimReason reason, const ProcessIdentity& owner,
                            std::chrono::seconds lease) = 0;
  // One transaction for all; one answer a row, in the order of `ids`. A row that is no longer there, because
  // its person was removed, is Finished, superseded.
  virtual std::vector<ClaimResult> claim_many(const std::vector<WelcomeId>& ids, ClaimReason reason,
                                              const ProcessIdentity& owner, std::chrono::seconds lease) = 0;
  // One statement for all; those that are still claimed so.
  struct Claimed {
    WelcomeId id;
    std::string claim_id;
  };
  virtual std::vector<WelcomeId> renew_many(const std::vector<Claimed>& claims,
                                            std::chrono::seconds lease) = 0;
  virtual std::vector<RecordResult> record(const std::vector<AttemptRecord>& records, const Operator& by) = 0;
  virtual CancelResult cancel(const PersonId& person, const Operator& by) = 0;
  // Finishes what waited too long: queued longer than `max_queue_time` (failed, or uncertain if it may have
  // arrived), uncertain for 7 days (failed). Returns how many.
  virtual std::size_t sweep(std::chrono::seconds max_queue_time) = 0;

  virtual void pause(const Pause& pause, const Operator& by) = 0;
  virtual std::vector<Pause> pauses() = 0;
  virtual void end_pause(const std::string& pause_id, const Operator& by) = 0;
};

class NumberStore {
 public:
  virtual ~NumberStore() = default;
  struct Import {
    std::size_t added = 0, updated = 0, unchanged = 0;
  };
  virtual Import import(const std::vector<AccessNumber>& numbers, ImportMode mode, const Operator& by) = 0;
  // In the order that reorder() gave the region, then by priority. `region` empty: all, by priority.
  virtual std::vector<AccessNumber> of_region(const std::string& region) = 0;
  virtual std::vector<EmptyRegion> empty_regions() = 0;
  // Error(AlreadyExists) if a number has the line or the primary URI.
  virtual void create(const AccessNumber& number, const Operator& by) = 0;
  // `line`: which one. Error(NotFound); Error(AlreadyExists) if it would get the line of another.
  virtual void change(const PhoneNumber& line, const AccessNumberChanges& changes, const Operator& by) = 0;
  // False: there was none.
  virtual bool remove(const PhoneNumber& line, const Operator& by) = 0;
  // Puts the number at `place` (0 is the first) among those of the region, which all keep their places from
  // then on. Error(NotFound); Error(Precondition) if the number is not of that region.
  virtual void reorder(const PhoneNumber& line, const std::string& region, std::size_t place,
                       const Operator& by) = 0;

  // The global telephone commands first, as they are or by default, then those of sites.
  virtual std::vector<DtmfConfiguration> dtmf() = 0;
  // A site that has none begins with the global ones. Error(InvalidInput) with the words of
  // explain_bad_dtmf().
  virtual void change_dtmf(const ScopeIdentity& identity, const DtmfChanges& changes, const Operator& by) = 0;
  // Global becomes the defaults; a site has the global ones again. False: it was so already.
  virtual bool reset_dtmf(const ScopeIdentity& identity, const Operator& by) = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual PeopleStore& people() = 0;
  virtual PinStore& pins() = 0;
  virtual Outbox& outbox() = 0;
  virtual NumberStore& numbers() = 0;
  virtual RunStore& runs() = 0;
  virtual RelayStore& relays() = 0;
  virtual PolicyStore& policies() = 0;
  virtual LockoutStore& lockouts() = 0;
  virtual KeyStore& keys() = 0;
  virtual AuditTrail& audit() = 0;
  virtual StoreStatus status() = 0;
  // A keyed digest of a password, under a key of the store's that is never changed: tells whether two are the
  // same, and nothing else.
  virtual std::string credential_stamp(const Secret& password) = 0;
};

struct StoreLocation {
  std::string url;             // "postgresql://..." or empty: the SQLite file dialin.db in data_directory
  std::string data_directory;  // also holds keys/ and store.lock
};

enum class OpenMode {
  CreateIfAbsent,  // a new, empty store with a new key; said through `announce`
  MustExist,       // nothing is made: a null pointer if there is none
};

// Opens (and if asked creates) the store, checks owner and permissions, schema and key.
// Error(Configuration): key missing or wrong, newer schema, PostgreSQL schema older (names `dialin store
// upgrade`). Error(Permission): a place that may not be read or written, or belongs to another account.
// `journal` gets the signed heads of the audit trail; without one they wait in the store.
std::unique_ptr<Store> open_store(const StoreLocation& location, OpenMode mode, Clock& clock,
                                  RandomSource& random, Checkpoints& checkpoints,
                                  const std::function<void(const std::string&)>& announce,
                                  Journal* journal = nullptr);

}  // namespace dialin
