// SPDX-License-Identifier: Apache-2.0
#include "check/check_desk.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace dialin::test {
namespace {

// A store of which nothing but the counters is asked, and those fail as long as it is away.
class AwayStore final : public Store, public LockoutStore {
 public:
  bool away = true;
  int asked = 0;

  std::vector<CheckCandidate> candidates(const CheckedName&, std::size_t) override {
    ++asked;
    if (away) throw Error(ErrorCode::Unavailable, "looking for the person: the store is away");
    return {};
  }
  LockoutSubject nobody(const CheckedName&) override { return {"nobody", true}; }
  PaidAttempts pay(const std::vector<AttemptRequest>& requests) override {
    PaidAttempts paid;
    paid.payments.resize(requests.size());
    for (AttemptPayment& payment : paid.payments) payment.paid = true;
    return paid;
  }
  void settle(const std::vector<AttemptOutcome>&, const std::string&, const CheckOrigin&,
              const Operator&) override {}

  LockoutStore& lockouts() override { return *this; }
  AuditTrail& audit() override { throw std::logic_error("not asked"); }
  KeyStore& keys() override { throw std::logic_error("not asked"); }
  PeopleStore& people() override { throw std::logic_error("not asked"); }
  PinStore& pins() override { throw std::logic_error("not asked"); }
  Outbox& outbox() override { throw std::logic_error("not asked"); }
  NumberStore& numbers() override { throw std::logic_error("not asked"); }
  RunStore& runs() override { throw std::logic_error("not asked"); }
  RelayStore& relays() override { throw std::logic_error("not asked"); }
  PolicyStore& policies() override { throw std::logic_error("not asked"); }
  StoreStatus status() override { throw std::logic_error("not asked"); }
  std::string credential_stamp(const Secret&) override { throw std::logic_error("not asked"); }
};

class Desk : public testing::Test {
 protected:
  Desk() {
    auto store = std::make_unique<AwayStore>();
    store_ = store.get();
    desk_ = std::make_unique<CheckDesk>(std::move(store), hasher_, CheckRules(), throttle_, health_,
                                        Operator{.name = "dialin"});
  }
  CheckReply ask(const std::string& who = "51297", const std::string& pin = "73519") {
    return desk_->answer({.who = who, .pin = Pin::parse(pin), .caller = {}}, "192.0.2.7");
  }

  FakeClock clock_;
  ArgonPinHasher hasher_{{8, 1}};
  CheckThrottle throttle_{{.caller_failures = 3, .system_failures = 0}, clock_};
  std::vector<std::string> said_;
  StoreHealth health_{clock_, [this](const std::string& sentence) { said_.push_back(sentence); }};
  std::unique_ptr<CheckDesk> desk_;
  AwayStore* store_;
};

TEST_F(Desk, AStoreThatIsAwayIsUnknownAndIsLeftAloneForAMoment) {
  for (int i = 0; i < 5; ++i) {
    const CheckReply reply = ask();
    EXPECT_EQ(reply.kind, CheckReply::Kind::Unknown);
    EXPECT_GE(reply.retry_after.count(), 1);
  }
  EXPECT_EQ(store_->asked, 1);
  ASSERT_EQ(said_.size(), 1u);
  EXPECT_NE(said_[0].find("the store is away"), std::string::npos);
  clock_.advance(std::chrono::seconds(2));
  EXPECT_EQ(ask().kind, CheckReply::Kind::Unknown);
  EXPECT_EQ(store_->asked, 2);
  EXPECT_EQ(said_.size(), 1u);
  clock_.advance(std::chrono::seconds(2));
  store_->away = false;
  EXPECT_EQ(ask().kind, CheckReply::Kind::Word);
  EXPECT_EQ(said_.size(), 2u);
}

TEST_F(Desk, WhatCannotBeAPinOrANameIsWrongAndCostsNothing) {
  for (const auto& [who, pin] : {std::pair("51297", "123"), std::pair("1234567890123456", "73519")}) {
    const CheckReply reply = ask(who, pin);
    EXPECT_EQ(reply.kind, CheckReply::Kind::Word);
    EXPECT_EQ(reply.word, CheckWord::IncorrectPin);
  }
  EXPECT_EQ(store_->asked, 0);
}

TEST_F(Desk, AThrottledCallerIsToldWhenToComeBack) {
  store_->away = false;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask().kind, CheckReply::Kind::Word);
  const CheckReply reply = ask();
  EXPECT_EQ(reply.kind, CheckReply::Kind::Throttled);
  EXPECT_EQ(reply.retry_after, std::chrono::minutes(20));
}

}  // namespace
}  // namespace dialin::test
