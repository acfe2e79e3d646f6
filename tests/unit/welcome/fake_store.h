// SPDX-License-Identifier: Apache-2.0
// A store of which only what a test sets can be asked; everything else fails the test that asks it.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/store.h"

namespace dialin::test {

[[noreturn]] inline void not_expected() {
  throw std::logic_error("the test did not expect this question to the store");
}

class FakeOutbox final : public Outbox {
 public:
  std::function<bool(const WelcomeId&, const std::string&, std::chrono::seconds)> on_renew;
  std::function<std::vector<RecordResult>(const std::vector<AttemptRecord>&)> on_record;

  IssueResult issue(const NewWelcome&, const Operator&) override { not_expected(); }
  std::optional<WelcomeRow> get(const WelcomeId&) override { not_expected(); }
  std::optional<WelcomeRow> unfinished_of(const PersonId&) override { not_expected(); }
  std::optional<WelcomeRow> latest_of(const PersonId&) override { not_expected(); }
  std::optional<WelcomeRow> unreported(const PersonId&, const Operator&, const std::string&,
                                       Timestamp) override {
    not_expected();
  }
  void mark_reported(const WelcomeId&) override { not_expected(); }
  ContentChange change_content(const WelcomeId&, const WelcomeContent&, const std::string&, const Pin*,
                               const std::vector<SharerVersion>&, const std::string&,
                               const Operator&) override {
    not_expected();
  }
  void change_way(const WelcomeId&, const WelcomeWay&, const Operator&) override { not_expected(); }
  std::optional<bool> has_pin(const WelcomeId&, const Pin&) override { not_expected(); }
  std::vector<WelcomeId> due(std::size_t) override { not_expected(); }
  std::vector<WelcomeId> paused(std::size_t) override { not_expected(); }
  LaterAttempts not_yet_due() override { not_expected(); }
  std::vector<WelcomeId> copies_of(const WelcomeId&) override { not_expected(); }
  ClaimResult claim(const WelcomeId&, ClaimReason, const ProcessIdentity&, std::chrono::seconds) override {
    not_expected();
  }
  std::vector<ClaimResult> claim_many(const std::vector<WelcomeId>&, ClaimReason, const ProcessIdentity&,
                                      std::chrono::seconds) override {
    not_expected();
  }
  std::vector<WelcomeId> renew_many(const std::vector<Claimed>& claims, std::chrono::seconds lease) override {
    if (!on_renew) not_expected();
    std::vector<WelcomeId> kept;
    for (const Claimed& claimed : claims) {
      if (on_renew(claimed.id, claimed.claim_id, lease)) kept.push_back(claimed.id);
    }
    return kept;
  }
  std::vector<RecordResult> record(const std::vector<AttemptRecord>& records, const Operator&) override {
    if (!on_record) not_expected();
    return on_record(records);
  }
  CancelResult cancel(const PersonId&, const Operator&) override { not_expected(); }
  std::size_t sweep(std::chrono::seconds) override { not_expected(); }
  void pause(const Pause&, const Operator&) override { not_expected(); }
  std::vector<Pause> pauses() override { return {}; }
  void end_pause(const std::string&, const Operator&) override { not_expected(); }
};

class FakePinStore final : public PinStore {
 public:
  std::int64_t version = 7;
  std::function<std::vector<NumberSharer>()> on_sharers = [] { return std::vector<NumberSharer>(); };

  std::function<std::vector<Secret>(unsigned)> on_last_verifiers = [](unsigned) {
    return std::vector<Secret>();
  };

  PinRecord pin_of(const PersonId&) override {
    PinRecord record;
    record.version = version;
    return record;
  }
  std::vector<NumberSharer> sharers(const PersonId&) override { return on_sharers(); }
  std::vector<Secret> last_verifiers(const PersonId&, unsigned count) override {
    return on_last_verifiers(count);
  }
  PinPast past_of(const PersonId&, std::size_t) override { not_expected(); }
  std::vector<PersonId> people_with(PinCondition) override { not_expected(); }
  std::vector<KeptPin> kept(const std::string&, std::size_t) override { not_expected(); }
  SetPinResult set_pin(const SetPin&, const Operator&) override { not_expected(); }
  bool replace_verifier(const PersonId&, std::int64_t, const Secret&) override { not_expected(); }
  bool lock(const PersonId&, const std::string&, const Operator&) override { not_expected(); }
  bool unlock(const PersonId&, const Operator&) override { not_expected(); }
};

class FakeNumberStore final : public NumberStore {
 public:
  std::vector<AccessNumber> all;
  std::vector<DtmfConfiguration> commands;

  std::vector<EmptyRegion> empty_regions() override { not_expected(); }
  void create(const AccessNumber&, const Operator&) override { not_expected(); }
  void change(const PhoneNumber&, const AccessNumberChanges&, const Operator&) override { not_expected(); }
  bool remove(const PhoneNumber&, const Operator&) override { not_expected(); }
  void reorder(const PhoneNumber&, const std::string&, std::size_t, const Operator&) override {
    not_expected();
  }
  std::vector<DtmfConfiguration> dtmf() override { return commands; }
  void change_dtmf(const ScopeIdentity&, const DtmfChanges&, const Operator&) override { not_expected(); }
  bool reset_dtmf(const ScopeIdentity&, const Operator&) override { not_expected(); }

  Import import(const std::vector<AccessNumber>&, ImportMode, const Operator&) override { not_expected(); }
  std::vector<AccessNumber> of_region(const std::string& region) override {
    std::vector<AccessNumber> found;
    for (const AccessNumber& number : all) {
      for (const std::string& of_number : number.regions) {
        if (region.empty() || of_number == region) {
          found.push_back(number);
          break;
        }
      }
    }
    return found;
  }
};

// One relay. What is asked of it is kept, by the name of the call.
class FakeRelayStore final : public RelayStore {
 public:
  std::optional<RelayState> present;
  RelayPermits permits;                // what the next take_permits() gives
  std::vector<std::size_t> asked_for;  // permits
  int free_connections = 1000;
  std::vector<std::string> leased;
  std::optional<std::string> queued;  // the place with which a connection was asked for in vain
  bool unavailable = false;
  std::vector<std::string> calls;

  void set_limit(const Relay&, const RelayLimit& limit, const Operator&) override {
    note("set_limit");
    present.emplace().limit = limit;
  }
  std::optional<RelayState> state(const Relay&) override {
    note("state");
    return present;
  }
  RelayPermits take_permits(const Relay&, std::size_t wanted) override {
    note("take_permits");
    asked_for.push_back(wanted);
    return permits;
  }
  std::optional<std::string> lease_connection(const Relay&, const ProcessIdentity&, std::chrono::seconds,
                                              const std::optional<std::string>& place) override {
    note("lease_connection");
    if (free_connections == 0) {
      queued = place;
      return std::nullopt;
    }
    queued.reset();
    --free_connections;
    leased.push_back("connection" + std::to_string(++made_));
    return leased.back();
  }
  std::vector<std::string> renew_connections(const std::vector<std::string>& ids,
                                             std::chrono::seconds) override {
    return ids;
  }
  void release_connections(const std::vector<std::string>& ids) override {
    note("release_connections");
    for (const std::string& id : ids) {
      if (std::erase(leased, id) == 1) ++free_connections;
      if (queued == id) queued.reset();
    }
  }
  RelayState slow_down(const Relay&, double reached) override {
    note("slow_down");
    present->slowed = true;
    present->rate_now = reached / 2;
    return *present;
  }
  RelayState speed_up(const Relay&) override {
    note("speed_up");
    present->rate_now = *present->rate_now * 2;
    return *present;
  }

  long times(const std::string& call) const { return std::count(calls.begin(), calls.end(), call); }

 private:
  void note(const char* call) {
    if (unavailable) throw Error(ErrorCode::Unavailable, "the store could not be asked");
    calls.emplace_back(call);
  }
  int made_ = 0;
};

class FakeStore final : public Store {
 public:
  RunStore* run_store = nullptr;

  PeopleStore& people() override { not_expected(); }
  FakePinStore& pins() override { return pins_; }
  FakeOutbox& outbox() override { return outbox_; }
  FakeNumberStore& numbers() override { return numbers_; }
  RunStore& runs() override {
    if (run_store == nullptr) not_expected();
    return *run_store;
  }
  FakeRelayStore& relays() override { return relays_; }
  PolicyStore& policies() override { not_expected(); }
  LockoutStore& lockouts() override { not_expected(); }
  AuditTrail& audit() override { not_expected(); }
  KeyStore& keys() override { not_expected(); }
  StoreStatus status() override { not_expected(); }
  std::string credential_stamp(const Secret&) override { not_expected(); }

 private:
  FakePinStore pins_;
  FakeOutbox outbox_;
  FakeNumberStore numbers_;
  FakeRelayStore relays_;
};

}  // namespace dialin::test
