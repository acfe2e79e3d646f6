// SPDX-License-Identifier: Apache-2.0
// A store whose calls fail when a test says so, and that can end for good, as for a process that was killed.
// It counts every call of every part, and passes all else through.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "store/store.h"

namespace dialin::test {

// Thrown where a process is killed: no Error, so that nothing in the program catches it.
struct Killed {};

enum class Fault {
  NotDone,     // Error(Unavailable), and nothing was done
  AnswerLost,  // it was done, and then Error(Unavailable)
};

// Decides about each call; shared by the parts.
class FaultPlan {
 public:
  // The `call`-th call from now (1 is the next) fails, and `times` - 1 more after it.
  void fail_at(int call, Fault fault, int times = 1) {
    first_ = calls_ + call;
    last_ = first_ + times - 1;
    fault_ = fault;
  }
  void heal() { last_ = 0; }
  // Every call from now on throws Killed.
  void kill() { killed_ = true; }
  bool killed() const { return killed_; }
  int calls() const { return calls_; }
  // How many calls were made to fail.
  int failed() const { return failed_; }
  // Claims are made in the name of this process.
  std::optional<ProcessIdentity> owner;

  template <class Call>
  auto pass(Call call) {
    if (killed_) throw Killed{};
    ++calls_;
    const bool fails = calls_ >= first_ && calls_ <= last_;
    if (!fails) return call();
    ++failed_;
    if (fault_ == Fault::AnswerLost) call();
    throw Error(ErrorCode::Unavailable, "the store could not be asked (a fault that the test made)");
  }

 private:
  int calls_ = 0;
  int first_ = 0;
  int last_ = 0;
  int failed_ = 0;
  Fault fault_ = Fault::NotDone;
  bool killed_ = false;
};

class FaultInjectingStore final : public Store {
 public:
  explicit FaultInjectingStore(std::unique_ptr<Store> store)
      : store_(std::move(store)),
        people_(*this),
        pins_(*this),
        outbox_(*this),
        numbers_(*this),
        runs_(*this),
        relays_(*this),
        lockouts_(*this) {}

  FaultPlan plan;

  PeopleStore& people() override { return people_; }
  PinStore& pins() override { return pins_; }
  Outbox& outbox() override { return outbox_; }
  NumberStore& numbers() override { return numbers_; }
  RunStore& runs() override { return runs_; }
  RelayStore& relays() override { return relays_; }
  PolicyStore& policies() override { return store_->policies(); }
  LockoutStore& lockouts() override { return lockouts_; }
  AuditTrail& audit() override { return store_->audit(); }
  KeyStore& keys() override { return store_->keys(); }
  StoreStatus status() override {
    return plan.pass([&] { return store_->status(); });
  }
  std::string credential_stamp(const Secret& password) override {
    return plan.pass([&] { return store_->credential_stamp(password); });
  }

 private:
  class People final : public PeopleStore {
   public:
    explicit People(FaultInjectingStore& all) : all_(all) {}
    std::vector<DirectoryMatch> find(const UserIdentifier& identifier, std::size_t limit) override {
      return all_.plan.pass([&] { return real().find(identifier, limit); });
    }
    std::optional<Person> get(const PersonId& id) override {
      return all_.plan.pass([&] { return real().get(id); });
    }
    std::vector<Person> list(const std::string& after, std::size_t limit) override {
      return all_.plan.pass([&] { return real().list(after, limit); });
    }
    PeopleImport apply(const std::vector<PersonRow>& rows, ImportMode mode, bool share_number,
                       const Operator& by) override {
      return all_.plan.pass([&] { return real().apply(rows, mode, share_number, by); });
    }
    bool disable(const PersonId& id, const Operator& by) override {
      return all_.plan.pass([&] { return real().disable(id, by); });
    }
    bool enable(const PersonId& id, bool keep_pin, const Operator& by) override {
      return all_.plan.pass([&] { return real().enable(id, keep_pin, by); });
    }
    bool remove(const PersonId& id, const Operator& by) override {
      return all_.plan.pass([&] { return real().remove(id, by); });
    }
    std::vector<std::string> common_mail_domains() override {
      return all_.plan.pass([&] { return real().common_mail_domains(); });
    }

   private:
    PeopleStore& real() { return all_.store_->people(); }
    FaultInjectingStore& all_;
  };

  class Pins final : public PinStore {
   public:
    explicit Pins(FaultInjectingStore& all) : all_(all) {}
    PinRecord pin_of(const PersonId& id) override {
      return all_.plan.pass([&] { return real().pin_of(id); });
    }
    std::vector<NumberSharer> sharers(const PersonId& id) override {
      return all_.plan.pass([&] { return real().sharers(id); });
    }
    std::vector<Secret> last_verifiers(const PersonId& id, unsigned count) override {
      return all_.plan.pass([&] { return real().last_verifiers(id, count); });
    }
    std::vector<KeptPin> kept(const std::string& after, std::size_t limit) override {
      return all_.plan.pass([&] { return real().kept(after, limit); });
    }
    std::vector<PersonId> people_with(PinCondition condition) override {
      return all_.plan.pass([&] { return real().people_with(condition); });
    }
    PinPast past_of(const PersonId& id, std::size_t limit) override {
      return all_.plan.pass([&] { return real().past_of(id, limit); });
    }
    SetPinResult set_pin(const SetPin& request, const Operator& by) override {
      return all_.plan.pass([&] { return real().set_pin(request, by); });
    }
    bool replace_verifier(const PersonId& id, std::int64_t expected_version,
                          const Secret& verifier) override {
      return all_.plan.pass([&] { return real().replace_verifier(id, expected_version, verifier); });
    }
    bool lock(const PersonId& id, const std::string& reason, const Operator& by) override {
      return all_.plan.pass([&] { return real().lock(id, reason, by); });
    }
    bool unlock(const PersonId& id, const Operator& by) override {
      return all_.plan.pass([&] { return real().unlock(id, by); });
    }

   private:
    PinStore& real() { return all_.store_->pins(); }
    FaultInjectingStore& all_;
  };

  class Outgoing final : public Outbox {
   public:
    explicit Outgoing(FaultInjectingStore& all) : all_(all) {}
    IssueResult issue(const NewWelcome& welcome, const Operator& by) override {
      return all_.plan.pass([&] { return real().issue(welcome, by); });
    }
    std::optional<WelcomeRow> get(const WelcomeId& id) override {
      return all_.plan.pass([&] { return real().get(id); });
    }
    std::optional<WelcomeRow> unfinished_of(const PersonId& person) override {
      return all_.plan.pass([&] { return real().unfinished_of(person); });
    }
    std::optional<WelcomeRow> latest_of(const PersonId& person) override {
      return all_.plan.pass([&] { return real().latest_of(person); });
    }
    std::optional<WelcomeRow> unreported(const PersonId& person, const Operator& by,
                                         const std::string& command_hash, Timestamp since) override {
      return all_.plan.pass([&] { return real().unreported(person, by, command_hash, since); });
    }
    void mark_reported(const WelcomeId& id) override {
      all_.plan.pass([&] { real().mark_reported(id); });
    }
    ContentChange change_content(const WelcomeId& id, const WelcomeContent& content,
                                 const std::string& template_text, const Pin* pin,
                                 const std::vector<SharerVersion>& sharers, const std::string& command_hash,
                                 const Operator& by) override {
      return all_.plan.pass(
          [&] { return real().change_content(id, content, template_text, pin, sharers, command_hash, by); });
    }
    void change_way(const WelcomeId& id, const WelcomeWay& way, const Operator& by) override {
      all_.plan.pass([&] { real().change_way(id, way, by); });
    }
    std::optional<bool> has_pin(const WelcomeId& id, const Pin& pin) override {
      return all_.plan.pass([&] { return real().has_pin(id, pin); });
    }
    LaterAttempts not_yet_due() override {
      return all_.plan.pass([&] { return real().not_yet_due(); });
    }
    std::vector<WelcomeId> due(std::size_t limit) override {
      return all_.plan.pass([&] { return real().due(limit); });
    }
    std::vector<WelcomeId> paused(std::size_t limit) override {
      return all_.plan.pass([&] { return real().paused(limit); });
    }
    std::vector<WelcomeId> copies_of(const WelcomeId& id) override {
      return all_.plan.pass([&] { return real().copies_of(id); });
    }
    ClaimResult claim(const WelcomeId& id, ClaimReason reason, const ProcessIdentity& owner,
                      std::chrono::seconds lease) override {
      return all_.plan.pass(
          [&] { return real().claim(id, reason, all_.plan.owner ? *all_.plan.owner : owner, lease); });
    }
    std::vector<ClaimResult> claim_many(const std::vector<WelcomeId>& ids, ClaimReason reason,
                                        const ProcessIdentity& owner, std::chrono::seconds lease) override {
      return all_.plan.pass(
          [&] { return real().claim_many(ids, reason, all_.plan.owner ? *all_.plan.owner : owner, lease); });
    }
    std::vector<WelcomeId> renew_many(const std::vector<Claimed>& claims,
                                      std::chrono::seconds lease) override {
      return all_.plan.pass([&] { return real().renew_many(claims, lease); });
    }
    std::vector<RecordResult> record(const std::vector<AttemptRecord>& records, const Operator& by) override {
      return all_.plan.pass([&] { return real().record(records, by); });
    }
    CancelResult cancel(const PersonId& person, const Operator& by) override {
      return all_.plan.pass([&] { return real().cancel(person, by); });
    }
    std::size_t sweep(std::chrono::seconds max_queue_time) override {
      return all_.plan.pass([&] { return real().sweep(max_queue_time); });
    }
    void pause(const Pause& pause, const Operator& by) override {
      all_.plan.pass([&] { real().pause(pause, by); });
    }
    std::vector<Pause> pauses() override {
      return all_.plan.pass([&] { return real().pauses(); });
    }
    void end_pause(const std::string& pause_id, const Operator& by) override {
      all_.plan.pass([&] { real().end_pause(pause_id, by); });
    }

   private:
    Outbox& real() { return all_.store_->outbox(); }
    FaultInjectingStore& all_;
  };

  class Numbers final : public NumberStore {
   public:
    explicit Numbers(FaultInjectingStore& all) : all_(all) {}
    Import import(const std::vector<AccessNumber>& numbers, ImportMode mode, const Operator& by) override {
      return all_.plan.pass([&] { return real().import(numbers, mode, by); });
    }
    std::vector<AccessNumber> of_region(const std::string& region) override {
      return all_.plan.pass([&] { return real().of_region(region); });
    }
    std::vector<EmptyRegion> empty_regions() override {
      return all_.plan.pass([&] { return real().empty_regions(); });
    }
    void create(const AccessNumber& number, const Operator& by) override {
      all_.plan.pass([&] { return real().create(number, by), 0; });
    }
    void change(const PhoneNumber& line, const AccessNumberChanges& changes, const Operator& by) override {
      all_.plan.pass([&] { return real().change(line, changes, by), 0; });
    }
    bool remove(const PhoneNumber& line, const Operator& by) override {
      return all_.plan.pass([&] { return real().remove(line, by); });
    }
    void reorder(const PhoneNumber& line, const std::string& region, std::size_t place,
                 const Operator& by) override {
      all_.plan.pass([&] { return real().reorder(line, region, place, by), 0; });
    }
    std::vector<DtmfConfiguration> dtmf() override {
      return all_.plan.pass([&] { return real().dtmf(); });
    }
    void change_dtmf(const ScopeIdentity& identity, const DtmfChanges& changes, const Operator& by) override {
      all_.plan.pass([&] { return real().change_dtmf(identity, changes, by), 0; });
    }
    bool reset_dtmf(const ScopeIdentity& identity, const Operator& by) override {
      return all_.plan.pass([&] { return real().reset_dtmf(identity, by); });
    }

   private:
    NumberStore& real() { return all_.store_->numbers(); }
    FaultInjectingStore& all_;
  };

  class Runs final : public RunStore {
   public:
    explicit Runs(FaultInjectingStore& all) : all_(all) {}
    RunId begin(const NewRun& run, const ProcessIdentity& stager, const Operator& by) override {
      return all_.plan.pass([&] { return real().begin(run, stager, by); });
    }
    int add_plan(const RunId& run, const RunPlan& plan) override {
      return all_.plan.pass([&] { return real().add_plan(run, plan); });
    }
    std::vector<Duplicate> stage(const RunId& run, const std::vector<StagedRow>& rows) override {
      return all_.plan.pass([&] { return real().stage(run, rows); });
    }
    void set_input_hash(const RunId& run, const std::string& input_hash) override {
      all_.plan.pass([&] { real().set_input_hash(run, input_hash); });
    }
    void make_ready(const RunId& run, const std::string& note, const Operator& by) override {
      all_.plan.pass([&] { real().make_ready(run, note, by); });
    }
    void discard(const RunId& run) override {
      all_.plan.pass([&] { real().discard(run); });
    }
    std::size_t sweep_abandoned() override {
      return all_.plan.pass([&] { return real().sweep_abandoned(); });
    }
    std::optional<RunRecord> get(const RunId& run) override {
      return all_.plan.pass([&] { return real().get(run); });
    }
    std::optional<RunRecord> find(const std::string& name) override {
      return all_.plan.pass([&] { return real().find(name); });
    }
    std::optional<RunRecord> latest_of_input(const std::string& input_hash) override {
      return all_.plan.pass([&] { return real().latest_of_input(input_hash); });
    }
    std::vector<RunRecord> list() override {
      return all_.plan.pass([&] { return real().list(); });
    }
    std::vector<RunRecord> ready() override {
      return all_.plan.pass([&] { return real().ready(); });
    }
    RunCounts counts(const RunId& run) override {
      return all_.plan.pass([&] { return real().counts(run); });
    }
    std::vector<RunPlan> plans(const RunId& run) override {
      return all_.plan.pass([&] { return real().plans(run); });
    }
    std::vector<WelcomeWay> ways(const RunId& run) override {
      return all_.plan.pass([&] { return real().ways(run); });
    }
    std::map<std::string, std::set<int>> plans_of_sites(const RunId& run) override {
      return all_.plan.pass([&] { return real().plans_of_sites(run); });
    }
    std::vector<RunReportRow> report(const RunId& run, std::int64_t after_line, std::size_t limit) override {
      return all_.plan.pass([&] { return real().report(run, after_line, limit); });
    }
    std::vector<WaitingRow> waiting(const RunId& run, const std::vector<int>& plans, std::int64_t after_line,
                                    std::size_t limit) override {
      return all_.plan.pass([&] { return real().waiting(run, plans, after_line, limit); });
    }
    std::vector<RowIssue> issue(const RunId& run, const std::vector<IssueRow>& rows,
                                const ProcessIdentity& owner, std::chrono::seconds lease,
                                const Operator& by) override {
      return all_.plan.pass(
          [&] { return real().issue(run, rows, all_.plan.owner ? *all_.plan.owner : owner, lease, by); });
    }
    void settle(const RunId& run, const std::vector<SettledRow>& rows, const Operator& by) override {
      all_.plan.pass([&] { real().settle(run, rows, by); });
    }
    std::vector<WelcomeId> due(const RunId& run, const std::vector<int>& plans, std::size_t limit) override {
      return all_.plan.pass([&] { return real().due(run, plans, limit); });
    }
    bool change_way(const RunId& run, const WelcomeWay& before, const WelcomeWay& now,
                    const Operator& by) override {
      return all_.plan.pass([&] { return real().change_way(run, before, now, by); });
    }
    bool anything_left(const RunId& run, const std::vector<int>& plans) override {
      return all_.plan.pass([&] { return real().anything_left(run, plans); });
    }
    bool change_sender(const RunId& run, const Mailbox& before, const Mailbox& now,
                       const Operator& by) override {
      return all_.plan.pass([&] { return real().change_sender(run, before, now, by); });
    }
    bool worked_on(const RunId& run) override {
      return all_.plan.pass([&] { return real().worked_on(run); });
    }
    std::optional<Timestamp> next_due(const RunId& run) override {
      return all_.plan.pass([&] { return real().next_due(run); });
    }
    std::vector<WelcomeId> fail_held(const RunId& run, const std::optional<std::string>& sender,
                                     const Operator& by) override {
      return all_.plan.pass([&] { return real().fail_held(run, sender, by); });
    }
    std::size_t release_held(const RunId& run) override {
      return all_.plan.pass([&] { return real().release_held(run); });
    }
    bool pause(const RunId& run, const RunPause& pause, const Operator& by) override {
      return all_.plan.pass([&] { return real().pause(run, pause, by); });
    }
    bool resume(const RunId& run, const Operator& by) override {
      return all_.plan.pass([&] { return real().resume(run, by); });
    }
    Retry retry(const RunId& run, const Operator& by) override {
      return all_.plan.pass([&] { return real().retry(run, by); });
    }
    std::vector<Duplicate> restage(const RunId& run, const std::vector<StagedRow>& rows,
                                   const Operator& by) override {
      return all_.plan.pass([&] { return real().restage(run, rows, by); });
    }
    std::int64_t cancel(const RunId& run, const Operator& by) override {
      return all_.plan.pass([&] { return real().cancel(run, by); });
    }
    bool finish(const RunId& run, const Operator& by) override {
      return all_.plan.pass([&] { return real().finish(run, by); });
    }

   private:
    RunStore& real() { return all_.store_->runs(); }
    FaultInjectingStore& all_;
  };

  class Relays final : public RelayStore {
   public:
    explicit Relays(FaultInjectingStore& all) : all_(all) {}
    void set_limit(const Relay& relay, const RelayLimit& limit, const Operator& by) override {
      all_.plan.pass([&] { real().set_limit(relay, limit, by); });
    }
    std::optional<RelayState> state(const Relay& relay) override {
      return all_.plan.pass([&] { return real().state(relay); });
    }
    RelayPermits take_permits(const Relay& relay, std::size_t wanted) override {
      return all_.plan.pass([&] { return real().take_permits(relay, wanted); });
    }
    std::optional<std::string> lease_connection(const Relay& relay, const ProcessIdentity& owner,
                                                std::chrono::seconds lease,
                                                const std::optional<std::string>& place) override {
      return all_.plan.pass([&] {
        return real().lease_connection(relay, all_.plan.owner ? *all_.plan.owner : owner, lease, place);
      });
    }
    std::vector<std::string> renew_connections(const std::vector<std::string>& ids,
                                               std::chrono::seconds lease) override {
      return all_.plan.pass([&] { return real().renew_connections(ids, lease); });
    }
    void release_connections(const std::vector<std::string>& ids) override {
      all_.plan.pass([&] { real().release_connections(ids); });
    }
    RelayState slow_down(const Relay& relay, double reached) override {
      return all_.plan.pass([&] { return real().slow_down(relay, reached); });
    }
    RelayState speed_up(const Relay& relay) override {
      return all_.plan.pass([&] { return real().speed_up(relay); });
    }

   private:
    RelayStore& real() { return all_.store_->relays(); }
    FaultInjectingStore& all_;
  };

  class Lockouts final : public LockoutStore {
   public:
    explicit Lockouts(FaultInjectingStore& all) : all_(all) {}
    std::vector<CheckCandidate> candidates(const CheckedName& name, std::size_t limit) override {
      return all_.plan.pass([&] { return real().candidates(name, limit); });
    }
    LockoutSubject nobody(const CheckedName& name) override { return real().nobody(name); }
    PaidAttempts pay(const std::vector<AttemptRequest>& requests) override {
      return all_.plan.pass([&] { return real().pay(requests); });
    }
    void settle(const std::vector<AttemptOutcome>& outcomes, const std::string& answer,
                const CheckOrigin& origin, const Operator& by) override {
      all_.plan.pass([&] { real().settle(outcomes, answer, origin, by); });
    }

   private:
    LockoutStore& real() { return all_.store_->lockouts(); }
    FaultInjectingStore& all_;
  };

  std::unique_ptr<Store> store_;
  People people_;
  Pins pins_;
  Outgoing outbox_;
  Numbers numbers_;
  Runs runs_;
  Relays relays_;
  Lockouts lockouts_;
};

}  // namespace dialin::test
