// SPDX-License-Identifier: Apache-2.0
// Several connections at once, and connections that are lost.
#include <fmt/format.h>

#include <atomic>
#include <functional>

#include "contract/store/answer_dropping_proxy.h"
#include "contract/store/store_test.h"
#include "support/at_once.h"
#include "support/postgresql_server.h"

namespace dialin::test {
namespace {

using End = AttemptRecord::End;
using std::chrono::seconds;

class Races : public StoreTest {
 protected:
  // Runs `body` in `count` threads, each with a store of its own, at the same time.
  void at_once(int count, const std::function<void(int, Store&)>& body) {
    std::vector<std::unique_ptr<Store>> stores;
    for (int i = 0; i < count; ++i) stores.push_back(open());
    test::at_once(count, [&](int i) { body(i, *stores[static_cast<std::size_t>(i)]); });
  }
};
DIALIN_ON_BOTH_STORES(Races);

TEST_P(Races, OfManyWhoIssueAtOnceOneDoes) {
  const PersonId bob = add_person("bob", "+1 425 555 1297");
  std::atomic<int> issued = 0, others = 0;
  const Pin the_pin = pin("73519");
  NewWelcome welcome = new_welcome(bob);
  welcome.pin = &the_pin;
  at_once(8, [&](int, Store& store) {
    const IssueResult result = store.outbox().issue(welcome, marco_);
    ++(result.outcome == IssueResult::Outcome::Issued ? issued : others);
  });
  EXPECT_EQ(issued, 1);
  EXPECT_EQ(others, 7);
  EXPECT_EQ(number("SELECT COUNT(*) FROM welcomes"), 1);
  EXPECT_EQ(version_of(bob), 2);
}

TEST_P(Races, OfTwoWhoShareANumberOneDecidesFirstAndTheOtherComparesAgain) {
  for (int round = 0; round < 5; ++round) {
    const std::string line = fmt::format("+1 425 555 13{:02}", round);
    const PersonId people[] = {add_person(fmt::format("bob{}", round), line),
                               add_person(fmt::format("eva{}", round), line)};
    const Pin the_pin = pin("73519");
    NewWelcome welcomes[] = {new_welcome(people[0]), new_welcome(people[1])};
    std::atomic<int> issued = 0, again = 0;
    at_once(2, [&](int i, Store& store) {
      welcomes[i].pin = &the_pin;
      const IssueResult result = store.outbox().issue(welcomes[i], marco_);
      ++(result.outcome == IssueResult::Outcome::Issued ? issued : again);
    });
    EXPECT_EQ(issued, 1);
    EXPECT_EQ(again, 1);
  }
}

TEST_P(Races, OfManyWhoClaimOneDoes) {
  const WelcomeId id = issue(add_person("bob"));
  std::atomic<int> claimed = 0, in_progress = 0;
  at_once(8, [&](int, Store& store) {
    const ClaimResult result = store.outbox().claim(id, ClaimReason::Due, living_, seconds(60));
    claimed += result.outcome == ClaimResult::Outcome::Claimed;
    in_progress += result.outcome == ClaimResult::Outcome::InProgress;
  });
  EXPECT_EQ(claimed, 1);
  EXPECT_EQ(in_progress, 7);
}

TEST_P(Races, ASetAndAClaimNeverBothHappen) {
  for (int round = 0; round < 6; ++round) {
    const PersonId person = add_person(fmt::format("person{}", round));
    const WelcomeId id = issue(person);
    const Secret verifier{std::string_view("set in a race")};
    SetPin request;
    request.person = person;
    request.expected_version = version_of(person);
    request.verifier = &verifier;
    SetPinResult set;
    ClaimResult claim;
    at_once(2, [&](int i, Store& store) {
      if (i == 0) {
        set = store.pins().set_pin(request, marco_);
      } else {
        claim = store.outbox().claim(id, ClaimReason::SameCommand, living_, seconds(60));
      }
    });
    if (claim.claimed) {
      EXPECT_EQ(set.outcome, SetPinResult::Outcome::DeliveryInProgress);
    } else {
      EXPECT_EQ(set.outcome, SetPinResult::Outcome::Set);
      EXPECT_EQ(state_of(id), WelcomeState::Superseded);
    }
  }
}

TEST_P(Races, ALockAndAnAcceptedMailEndInOneOrderOrTheOther) {
  for (int round = 0; round < 6; ++round) {
    const PersonId person = add_person(fmt::format("person{}", round));
    const WelcomeId id = issue(person, "73519", {mailbox("copy@contoso.com")});
    const std::string claim_id = claim(id).claim_id;
    const Secret verifier{std::string_view("$argon2id$v=19$m=8,t=1,p=1$welcome")};
    const Pin shown = pin("73519");
    AttemptRecord accepted;
    accepted.id = id;
    accepted.claim_id = claim_id;
    accepted.end = End::Accepted;
    accepted.sent_to = "bob@contoso.com";
    accepted.verifier = &verifier;
    accepted.pin = &shown;
    RecordResult result;
    at_once(2, [&](int i, Store& store) {
      if (i == 0) {
        EXPECT_TRUE(store.pins().lock(person, "race", marco_));
      } else {
        result = store.outbox().record({accepted}, marco_).at(0);
      }
    });
    EXPECT_TRUE(pins().pin_of(person).lock);
    EXPECT_FALSE(has_seal(id));
    if (result.outcome == RecordResult::Outcome::Sent) {
      EXPECT_EQ(verifier_of(person), "welcome");
      EXPECT_EQ(result.copies.size(), 1u);
    } else {
      EXPECT_EQ(result.outcome, RecordResult::Outcome::ArrivedInvalid);
      EXPECT_EQ(verifier_of(person), "");
      EXPECT_EQ(state_of(id), WelcomeState::Superseded);
    }
  }
}

TEST_P(Races, ImportsAtOnceMakeEachPersonOnce) {
  std::vector<PersonRow> rows;
  for (int i = 0; i < 30; ++i) {
    PersonRow row{.line = static_cast<std::size_t>(i) + 2,
                  .sip_address = *SipAddress::parse(fmt::format("person{}@contoso.com", i))};
    row.line_uri = {true, PhoneNumber::parse(fmt::format("+1425555{:04}", i))};
    rows.push_back(row);
  }
  std::atomic<std::size_t> added = 0;
  at_once(4, [&](int, Store& store) {
    added += store.people().apply(rows, ImportMode::Apply, false, marco_).added.size();
  });
  EXPECT_EQ(added, 30u);
  EXPECT_EQ(store().status().people, 30);
}

// Calls `hook` once, when `name` is reached.
class Hook final : public Checkpoints {
 public:
  Hook(std::string name, std::function<void()> hook) : name_(std::move(name)), hook_(std::move(hook)) {}
  void reach(std::string_view name) override {
    if (name == name_ && !std::exchange(done_, true)) hook_();
  }
  bool done() const { return done_; }

 private:
  std::string name_;
  std::function<void()> hook_;
  bool done_ = false;
};

class LostConnection : public StoreTest {
 protected:
  void cut_all_others() {
    tables().rows(
        "SELECT CAST(pg_terminate_backend(pid, 5000) AS TEXT) FROM pg_stat_activity WHERE datname = "
        "current_database() AND pid <> pg_backend_pid()",
        1);
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, LostConnection, testing::Values(Backend::Postgresql), backend_name);

TEST_P(LostConnection, IsMadeAgainBetweenTwoCalls) {
  const PersonId bob = add_person("bob");
  cut_all_others();
  EXPECT_EQ(version_of(bob), 1);
  cut_all_others();
  EXPECT_TRUE(pins().lock(bob, "lost telephone", marco_));
}

TEST_P(LostConnection, BeforeTheCommitMakesTheTransactionRunAgain) {
  const PersonId bob = add_person("bob");
  Hook hook("before-commit-lock", [&] { cut_all_others(); });
  const auto own = open_store(location_, OpenMode::MustExist, clock_, random_, hook, nullptr);
  EXPECT_TRUE(own->pins().lock(bob, "lost telephone", marco_));
  EXPECT_TRUE(hook.done());
  EXPECT_EQ(version_of(bob), 2);
  EXPECT_EQ(events(), (std::vector<std::string>{"person-added", "pin-locked"}));
}

TEST_P(LostConnection, WithoutAnAnswerToTheCommitNothingIsDoneTwice) {
  const PersonId bob = add_person("bob");
  AnswerDroppingProxy proxy(PostgresqlServer::shared().port());
  const std::string direct = location_.url;
  const std::size_t at = direct.find("port=") + 5;
  location_.url.replace(at, direct.find(' ', at) - at, std::to_string(proxy.port()));
  const auto own = open(OpenMode::MustExist);
  // True, not "was locked already": the first time it was.
  proxy.drop_next_commit_answer();
  EXPECT_TRUE(own->pins().lock(bob, "lost telephone", marco_));
  EXPECT_TRUE(proxy.dropped());
  EXPECT_EQ(version_of(bob), 2);
  EXPECT_EQ(number("SELECT COUNT(*) FROM audit WHERE event = 'pin-locked'"), 1);
  own->pins().unlock(bob, marco_);
  NewWelcome welcome = new_welcome(bob);
  const Pin the_pin = pin("73519");
  welcome.pin = &the_pin;
  proxy.drop_next_commit_answer();
  const IssueResult issued = own->outbox().issue(welcome, marco_);
  EXPECT_EQ(issued.outcome, IssueResult::Outcome::Issued);
  EXPECT_EQ(outbox().unfinished_of(bob)->id, issued.id);
  EXPECT_EQ(version_of(bob), 3);
}

TEST_P(LostConnection, AServerThatIsGoneIsUnavailableAndWorksAgainWhenItIsBack) {
  PostgresqlServer server;
  location_.url = server.create_database();
  location_.data_directory = directory_ / "other";
  const auto own = open();
  server.stop();
  try {
    own->people().list("", 1);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Unavailable);
    EXPECT_NE(std::string(error.what()).find("listing people"), std::string::npos);
  }
  server.start();
  EXPECT_TRUE(own->people().list("", 1).empty());
}

TEST_P(LostConnection, WhoeverSleepsInATransactionIsEndedAndTheOthersGoOn) {
  const PersonId bob = add_person("bob");
  // What the server does after 15 s to a process that was stopped, here after a moment.
  Hook hook("before-commit-lock", [&] {
    const auto other = open();
    tables().execute("SET lock_timeout = '100ms'");
    EXPECT_THROW(tables().execute("UPDATE pins SET version = version WHERE person = :id", {{"id", bob}}),
                 Error);
    cut_all_others();
    EXPECT_EQ(tables().execute("UPDATE pins SET version = version + 10 WHERE person = :id", {{"id", bob}}),
              1u);
  });
  const auto own = open_store(location_, OpenMode::MustExist, clock_, random_, hook, nullptr);
  EXPECT_TRUE(own->pins().lock(bob, "lost telephone", marco_));
  EXPECT_EQ(version_of(bob), 12);
}

}  // namespace
}  // namespace dialin::test
