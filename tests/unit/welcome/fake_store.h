// SPDX-License-Identifier: Apache-2.0
// A store of which only what a test sets can be asked; everything else fails the test that asks it.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/store.h"

namespace dialin::test {

[[noreturn]] inline void not_expected() {
  throw std::logic_error("the test did not expect this question to the store");
}

class FakeOutbox final : public Outbox {
 public:
  std::function<bool(const WelcomeId&, const std::string&, std::chrono::seconds)> on_renew;

  bool renew(const WelcomeId&, const std::string&, std::chrono::seconds) override { not_expected(); }
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
  std::vector<RecordResult> record(const std::vector<AttemptRecord>&, const Operator&) override {
    not_expected();
  }
  CancelResult cancel(const PersonId&, const Operator&) override { not_expected(); }
  std::size_t sweep(std::chrono::seconds) override { not_expected(); }
  void pause(const Pause&, const Operator&) override { not_expected(); }
  std::vector<Pause> pauses() override { not_expected(); }
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

class FakeStore final : public Store {
 public:
  PeopleStore& people() override { not_expected(); }
  FakePinStore& pins() override { return pins_; }
  FakeOutbox& outbox() override { return outbox_; }
  FakeNumberStore& numbers() override { return numbers_; }
  RunStore& runs() override { not_expected(); }
  RelayStore& relays() override { not_expected(); }
  PolicyStore& policies() override { not_expected(); }
  LockoutStore& lockouts() override { not_expected(); }
  StoreStatus status() override { not_expected(); }
  std::string credential_stamp(const Secret&) override { not_expected(); }

 private:
  FakePinStore pins_;
  FakeOutbox outbox_;
  FakeNumberStore numbers_;
};

}  // namespace dialin::test
