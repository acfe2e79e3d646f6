// SPDX-License-Identifier: Apache-2.0
// The key of a store is changed while others work.
#include <algorithm>
#include <future>
#include <thread>

#include "contract/store/run_test.h"
#include "keys/key_directory.h"

namespace dialin::test {
namespace {

using State = StoredKey::State;

// Calls `hook` each time that `name` is reached.
class AtCheckpoint final : public Checkpoints {
 public:
  AtCheckpoint(std::string name, std::function<void()> hook)
      : name_(std::move(name)), hook_(std::move(hook)) {}
  void reach(std::string_view name) override {
    if (name == name_) hook_();
  }

 private:
  std::string name_;
  std::function<void()> hook_;
};

class Keys : public RunTest {
 protected:
  KeyStore& keys() { return store().keys(); }
  KeyDirectory directory() { return {location_.data_directory + "/keys", random_}; }

  // Bob has a PIN and had another one; a copy that shows it waits, so does anna's welcome, so does eva in a
  // run.
  void seal_of_every_kind() {
    bob_ = add_person("bob");
    anna_ = add_person("anna");
    eva_ = add_person("eva");
    give_pin_with_history(bob_);
    const WelcomeId sent = issue(bob_, "73519", {mailbox("copy@contoso.com")});
    copy_ = record(sent, claim(sent).claim_id, AttemptRecord::End::Accepted).copies.at(0);
    give_pin_with_history(anna_);
    welcome_ = issue(anna_, "48213");
    run_ = runs().begin(new_run(), living_, marco_);
    runs().add_plan(run_, plan());
    const Pin own = pin("590173");
    runs().stage(run_, {waiting_row(1, eva_, &own)});
    runs().make_ready(run_, "", marco_);
  }
  void give_pin_with_history(const PersonId& person) {
    const Secret verifier{std::string_view("$argon2id$v=19$m=8,t=1,p=1$set")};
    SetPin request;
    request.person = person;
    request.expected_version = version_of(person);
    request.verifier = &verifier;
    request.history_count = 5;
    EXPECT_EQ(pins().set_pin(request, marco_).outcome == SetPinResult::Outcome::VersionChanged, false);
  }
  void expect_everything_opens(Store& from) {
    EXPECT_TRUE(from.pins().pin_of(bob_).verifier);
    EXPECT_EQ(from.pins().last_verifiers(bob_, 5).size(), 1u);
    EXPECT_EQ(from.pins().last_verifiers(anna_, 5).size(), 1u);
    EXPECT_EQ(from.outbox().has_pin(welcome_, pin("48213")), true);
    EXPECT_EQ(from.outbox().has_pin(copy_, pin("73519")), true);
    const auto rows = from.runs().waiting(run_, {0}, 0, 10);
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_TRUE(rows[0].pin->same_as(pin("590173")));
  }
  KeyId change_key(KeyStore& of) {
    const KeyId made = directory().create();
    EXPECT_TRUE(of.use(made, of.in_use(), marco_));
    return made;
  }
  SealedRows finish(KeyStore& of, std::size_t limit = 1) {
    Reencryption at;
    while (of.reencrypt(at, limit)) {
    }
    EXPECT_EQ(of.retire(marco_).total(), 0);
    return at.done;
  }
  StoredKey key(const KeyId& id) {
    for (const StoredKey& one : keys().list()) {
      if (one.id == id) return one;
    }
    throw std::runtime_error("no such key");
  }

  PersonId bob_, anna_, eva_;
  WelcomeId welcome_, copy_;
  RunId run_;
};
DIALIN_ON_BOTH_STORES(Keys);

TEST_P(Keys, EverythingIsSealedAnewAndTheFormerKeyIsNotNeeded) {
  seal_of_every_kind();
  const KeyId first = keys().in_use();
  EXPECT_EQ(key(first).state, State::InUse);
  EXPECT_EQ(key(first).rows.verifiers, 2);
  EXPECT_EQ(key(first).rows.history, 1);  // of anna: bob's went with a welcome that keeps none
  EXPECT_EQ(key(first).rows.welcomes, 2);
  EXPECT_EQ(key(first).rows.run_rows, 1);
  const std::string stamp = store().credential_stamp(Secret(std::string_view("password")));
  const std::string nobody = store().lockouts().nobody({CheckedName::Kind::Extension, "51297"}).id;

  const KeyId second = change_key(keys());
  EXPECT_EQ(keys().in_use(), second);
  EXPECT_EQ(store().status().key_id, second.text());
  EXPECT_EQ(key(first).state, State::Former);
  expect_everything_opens(store());
  EXPECT_EQ(keys().forget(first, marco_), KeyStore::Forget::Needed);
  EXPECT_EQ(keys().forget(second, marco_), KeyStore::Forget::InUse);

  const SealedRows done = finish(keys());
  EXPECT_EQ(done.total(), 6);
  EXPECT_EQ(key(first).state, State::Retired);
  EXPECT_EQ(key(first).rows.total(), 0);
  EXPECT_EQ(key(second).rows.total(), 6);
  EXPECT_EQ(keys().forget(first, marco_), KeyStore::Forget::Forgotten);
  EXPECT_EQ(keys().forget(first, marco_), KeyStore::Forget::AlreadyForgotten);
  directory().remove(first);
  const auto later = open();
  expect_everything_opens(*later);
  EXPECT_EQ(later->credential_stamp(Secret(std::string_view("password"))), stamp);
  EXPECT_EQ(later->lockouts().nobody({CheckedName::Kind::Extension, "51297"}).id, nobody);
  const std::vector<std::string> all = events();
  for (const char* event : {"key-changed", "key-retired", "key-forgotten"})
    EXPECT_EQ(std::count(all.begin(), all.end(), event), 1) << event;
}

TEST_P(Keys, WhoWasThereBeforeSealsUnderTheNewKeyFromItsCommitOn) {
  seal_of_every_kind();
  const auto other = open();
  EXPECT_TRUE(other->pins().pin_of(bob_).verifier);  // it knows the first key
  const KeyId first = keys().in_use();
  const KeyId second = change_key(keys());
  finish(keys());
  // Everything that seals.
  give_pin_with_history(eva_);
  const Pin the_pin = pin("64209");
  NewWelcome welcome = new_welcome(eva_);
  welcome.pin = &the_pin;
  const IssueResult issued = other->outbox().issue(welcome, marco_);
  ASSERT_EQ(issued.outcome, IssueResult::Outcome::Issued);
  EXPECT_TRUE(other->pins().replace_verifier(bob_, version_of(bob_), Secret(std::string_view("$argon2id$"))));
  const ClaimResult claimed =
      other->outbox().claim(issued.id, ClaimReason::SameCommand, living_, std::chrono::seconds(60));
  const Secret verifier{std::string_view("$argon2id$v=19$m=8,t=1,p=1$welcome")};
  AttemptRecord accepted{.id = issued.id, .claim_id = claimed.claimed->claim_id};
  accepted.end = AttemptRecord::End::Accepted;
  accepted.verifier = &verifier;
  accepted.pin = &the_pin;
  accepted.sent_to = "eva@contoso.com";
  EXPECT_EQ(other->outbox().record({accepted}, marco_).at(0).outcome, RecordResult::Outcome::Sent);
  EXPECT_EQ(key(first).rows.total(), 0);
  EXPECT_EQ(key(second).rows.verifiers, 3);
}

TEST_P(Keys, NothingIsSealedUnderAFormerKeyByATransactionThatHadBegun) {
  seal_of_every_kind();
  const KeyId first = keys().in_use();
  const KeyId made = directory().create();
  const auto changing = open();
  std::future<bool> changed;
  // The other has sealed and not committed: the change of the key waits for it.
  AtCheckpoint hook("before-commit-issue", [&] {
    changed = std::async(std::launch::async, [&] { return changing->keys().use(made, first, marco_); });
    if (!on_postgresql()) return;
    while (
        number("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type "
               "= 'Lock'") == 0)
      std::this_thread::yield();
  });
  const auto issuing = open_store(location_, OpenMode::MustExist, clock_, random_, hook, nullptr);
  const Pin the_pin = pin("64209");
  NewWelcome welcome = new_welcome(bob_);
  welcome.pin = &the_pin;
  ASSERT_EQ(issuing->outbox().issue(welcome, marco_).outcome, IssueResult::Outcome::Issued);
  ASSERT_TRUE(changed.get());
  EXPECT_EQ(key(first).rows.welcomes, 3);
  finish(keys());
  EXPECT_EQ(key(first).rows.total(), 0);
}

TEST_P(Keys, AChangeThatWasBrokenOffIsGoneOnWithByAnybody) {
  seal_of_every_kind();
  const KeyId first = keys().in_use();
  change_key(keys());
  Reencryption broken_off;
  for (int i = 0; i < 3; ++i) keys().reencrypt(broken_off, 1);
  EXPECT_GT(broken_off.done.total(), 0);
  EXPECT_EQ(keys().retire(marco_).total(), 6 - broken_off.done.total());
  EXPECT_EQ(key(first).state, State::Former);
  const auto other = open();
  EXPECT_EQ(finish(other->keys(), 200).total(), 6 - broken_off.done.total());
  expect_everything_opens(*other);
}

TEST_P(Keys, OfTwoWhoChangeAtOnceOneDoes) {
  const KeyId first = keys().in_use();
  const KeyId one = directory().create(), two = directory().create();
  EXPECT_TRUE(keys().use(one, first, marco_));
  EXPECT_FALSE(keys().use(two, first, marco_));
  EXPECT_EQ(keys().in_use(), one);
  EXPECT_EQ(keys().list().size(), 2u);
}

TEST_P(Keys, APreparedKeySealsNothingUntilItIsUsed) {
  seal_of_every_kind();
  const KeyId first = keys().in_use(), made = directory().create();
  EXPECT_TRUE(keys().prepare(made, marco_));
  EXPECT_FALSE(keys().prepare(made, marco_));
  EXPECT_EQ(key(made).state, State::Prepared);
  EXPECT_EQ(keys().in_use(), first);
  EXPECT_FALSE(keys().exported_since_made());
  keys().note_export(first, marco_);
  EXPECT_TRUE(keys().exported_since_made());
  keys().note_export(made, marco_);
  EXPECT_TRUE(keys().use(made, first, marco_));
  EXPECT_TRUE(keys().exported_since_made());
  EXPECT_EQ(refusal([&] { keys().note_export(directory().create(), marco_); }), ErrorCode::NotFound);
  EXPECT_EQ(keys().forget(directory().create(), marco_), KeyStore::Forget::Unknown);
}

TEST_P(Keys, ASealThatSomebodyAlteredIsNamedAndStopsNobody) {
  seal_of_every_kind();
  const KeyId first = keys().in_use();
  tables().execute(
      "UPDATE pins SET verifier = (SELECT verifier FROM pins WHERE person = :bob) WHERE person = "
      ":anna",
      {{"bob", bob_}, {"anna", anna_}});
  change_key(keys());
  Reencryption at;
  while (keys().reencrypt(at, 1)) {
  }
  EXPECT_EQ(at.unreadable, std::vector<std::string>{anna_});
  EXPECT_EQ(keys().retire(marco_).verifiers, 1);
  EXPECT_EQ(key(first).state, State::Former);
  people().disable(anna_, marco_);
  people().enable(anna_, false, marco_);  // her PIN is erased
  finish(keys());
  EXPECT_EQ(key(first).state, State::Retired);
}

TEST_P(Keys, AKeyThatIsNotHereIsNoReasonToPassOver) {
  seal_of_every_kind();
  const KeyId first = keys().in_use();
  change_key(keys());
  directory().remove(first);
  const auto other = open();
  Reencryption at;
  EXPECT_EQ(refusal([&] { other->keys().reencrypt(at, 10); }), ErrorCode::Configuration);
  EXPECT_EQ(refusal([&] { other->pins().pin_of(bob_); }), ErrorCode::Configuration);
}

}  // namespace
}  // namespace dialin::test
