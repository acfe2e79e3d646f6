// SPDX-License-Identifier: Apache-2.0
// What the tests of the store's contract stand on: an empty store of each kind, people in it, and a second
// connection that looks into the tables.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/checkpoint.h"
#include "base/random_source.h"
#include "store/soci_session.h"
#include "store/store.h"
#include "support/fake_clock.h"
#include "support/temporary_directory.h"

namespace dialin::test {

enum class Backend { Sqlite, Postgresql };

class StoreTest : public testing::TestWithParam<Backend> {
 protected:
  StoreTest();
  ~StoreTest() override;

  bool on_postgresql() const { return GetParam() == Backend::Postgresql; }
  // A connection of its own to the test's database; made at the first call.
  std::unique_ptr<Store> open(OpenMode mode = OpenMode::CreateIfAbsent);
  Store& store();
  // With another, empty store.
  void begin_again();
  PinStore& pins() { return store().pins(); }
  Outbox& outbox() { return store().outbox(); }
  PeopleStore& people() { return store().people(); }

  // Straight into the tables.
  SociSession& tables();
  std::string text(const std::string& sql, const Binds& binds = {});
  std::int64_t number(const std::string& sql, const Binds& binds = {});

  // On SQLite the clock goes on; on PostgreSQL, whose own time is used, everything in the tables becomes
  // older.
  void let_pass(std::chrono::microseconds time);

  // People and what happens to them.
  PersonId add_person(const std::string& name, const std::string& line = {});
  NewWelcome new_welcome(const PersonId& person);
  // Issues a welcome with `digits`, which must succeed.
  WelcomeId issue(const PersonId& person, const std::string& digits = "73519", std::vector<Mailbox> cc = {},
                  bool masked = false);
  // Claims it, which must succeed; with an owner that lives unless another one is given.
  ClaimedWelcome claim(const WelcomeId& id, ClaimReason reason = ClaimReason::SameCommand);
  ClaimResult try_claim(const WelcomeId& id, ClaimReason reason = ClaimReason::SameCommand);
  // Whether the claim could be renewed, for a minute.
  bool still_holds(const WelcomeId& id, const std::string& claim_id) {
    return !outbox().renew_many({{id, claim_id}}, std::chrono::seconds(60)).empty();
  }
  RecordResult record(const WelcomeId& id, const std::string& claim_id, AttemptRecord::End end);
  SetPinResult set_pin(const PersonId& person);

  WelcomeState state_of(const WelcomeId& id);
  bool has_seal(const WelcomeId& id);
  std::int64_t version_of(const PersonId& person) { return pins().pin_of(person).version; }
  // The verifier as it was given; empty if no PIN is set.
  std::string verifier_of(const PersonId& person);
  // The events of the audit trail, in order.
  std::vector<std::string> events();

  static Pin pin(const std::string& digits);
  static Mailbox mailbox(const std::string& text);

  TemporaryDirectory directory_;
  FakeClock clock_;
  SystemRandom random_;
  Checkpoints checkpoints_;
  StoreLocation location_;
  Operator marco_{.name = "marco", .role = Role::Administrator, .origin = "host/pts/1"};
  ProcessIdentity living_ = this_process();
  ProcessIdentity gone_;  // of this host, ended

 private:
  std::unique_ptr<Store> store_;
  std::unique_ptr<SociSession> tables_;
  int stores_before_ = 0;
};

std::string backend_name(const testing::TestParamInfo<Backend>& info);

#define DIALIN_ON_BOTH_STORES(suite) \
  INSTANTIATE_TEST_SUITE_P(Stores, suite, testing::Values(Backend::Sqlite, Backend::Postgresql), backend_name)

}  // namespace dialin::test
