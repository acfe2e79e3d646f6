// SPDX-License-Identifier: Apache-2.0
// Spraying: one attacker who tries a few PINs at each of many people. How many PINs fall, against what the
// limits leave.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "check/check_engine.h"
#include "check/checked_name.h"
#include "support/fake_clock.h"

namespace dialin::test {
namespace {

constexpr int People = 100000;
constexpr unsigned CallerFailures = 30;
constexpr unsigned SystemFailures = 2000;

// A store in memory with the rules of pin/lockout.h: 100,000 people with durable counters would measure the
// disk.
class SprayedPeople final : public LockoutStore {
 public:
  SprayedPeople(const Clock& clock, std::mt19937& random) : clock_(clock) {
    for (int i = 0; i < People; ++i) pins_.push_back(random() % 100000);
  }
  std::vector<CheckCandidate> candidates(const CheckedName& name, std::size_t) override {
    std::vector<CheckCandidate> found;
    found.push_back(
        {.person = {.id = name.key, .sip_address = *SipAddress::parse("bob@contoso.com")}, .pin = {}});
    // The fake hasher reads the PIN back out of it.
    found[0].pin.verifier =
        Secret(fmt::format("$argon2id$v=19$m=8,t=1,p=1,l=05$c29tZXNhbHRzb21lc2FsdA$q2d+S/"
                           "sUCuWq3CwdcCLG5mkmnLexT8wjeJSO6FB91Pw"));
    asked_ = std::stoi(name.key);
    return found;
  }
  LockoutSubject nobody(const CheckedName&) override { return {"nobody", true}; }
  PaidAttempts pay(const std::vector<AttemptRequest>& requests) override {
    PaidAttempts paid;
    paid.now = clock_.now();
    for (const AttemptRequest& request : requests)
      paid.payments.push_back(pay_attempt(states_[request.subject.id], request.limits, paid.now));
    return paid;
  }
  void settle(const std::vector<AttemptOutcome>& outcomes, const std::string&, const CheckOrigin&,
              const Operator&) override {
    for (const AttemptOutcome& outcome : outcomes)
      settle_attempt(states_[outcome.subject.id], outcome.payment, outcome.end);
  }
  // Of the person who was asked for last.
  std::string digits() const { return fmt::format("{:05}", pins_.at(static_cast<std::size_t>(asked_))); }

 private:
  const Clock& clock_;
  std::vector<std::mt19937::result_type> pins_;
  std::map<std::string, LockoutState> states_;
  int asked_ = 0;
};

class OnlyLockouts final : public Store {
 public:
  explicit OnlyLockouts(LockoutStore& lockouts) : lockouts_(lockouts) {}
  PeopleStore& people() override { throw std::logic_error("not asked"); }
  PinStore& pins() override { throw std::logic_error("not asked"); }
  Outbox& outbox() override { throw std::logic_error("not asked"); }
  NumberStore& numbers() override { throw std::logic_error("not asked"); }
  RunStore& runs() override { throw std::logic_error("not asked"); }
  RelayStore& relays() override { throw std::logic_error("not asked"); }
  PolicyStore& policies() override { throw std::logic_error("not asked"); }
  LockoutStore& lockouts() override { return lockouts_; }
  AuditTrail& audit() override { throw std::logic_error("not asked"); }
  KeyStore& keys() override { throw std::logic_error("not asked"); }
  StoreStatus status() override { throw std::logic_error("not asked"); }
  std::string credential_stamp(const Secret&) override { throw std::logic_error("not asked"); }

 private:
  LockoutStore& lockouts_;
};

class ReadingHasher final : public PinHasher {
 public:
  explicit ReadingHasher(const SprayedPeople& people) : people_(people) {}
  bool matches(const Pin& pin, const Secret&) override {
    ++count;
    return pin.same_as(*Pin::parse(people_.digits()));
  }
  void spend(const Pin&) override { ++count; }
  std::optional<Secret> renewed(const Pin&, const Secret&, const PinOwnerNumbers&) override {
    return std::nullopt;
  }
  long count = 0;

 private:
  const SprayedPeople& people_;
};

// Tries everybody in turn, a new PIN each round, as fast as the limits let him; with `callers` numbers to
// call from. What he found out in `time`.
struct Haul {
  long compared = 0;
  int fallen = 0;
};
Haul spray(unsigned callers, std::chrono::hours time) {
  FakeClock clock;
  std::mt19937 random(20260301);
  SprayedPeople people(clock, random);
  OnlyLockouts store(people);
  ReadingHasher hasher(people);
  CheckThrottle throttle({.caller_failures = CallerFailures, .system_failures = SystemFailures}, clock);
  CheckEngine engine(store, hasher, {}, &throttle, {.name = "attacker"});
  Haul haul;
  const Timestamp end = clock.now() + time;
  std::size_t victim = 0;
  unsigned from = 0;
  unsigned refused_in_a_row = 0;
  std::chrono::seconds soonest = time;
  while (clock.now() < end) {
    const auto answer =
        engine.check({CheckedName::Kind::Extension, std::to_string(victim % People)},
                     *Pin::parse(fmt::format("{:05}", (victim / People * 7919 + 13) % 100000)),
                     {.caller = fmt::format("+{}", from % callers), .address = "192.0.2.7"});
    ++from;
    if (const auto* checked = std::get_if<CheckAnswer>(&answer)) {
      refused_in_a_row = 0;
      haul.fallen += checked->told == CheckWord::Success;
      ++victim;
      soonest = time;
    } else {
      soonest = std::min(soonest, std::get<CheckThrottled>(answer).retry_after);
      if (++refused_in_a_row < callers) continue;
      clock.advance(soonest);
      refused_in_a_row = 0;
      soonest = time;
    }
  }
  haul.compared = hasher.count;
  return haul;
}

TEST(Spraying, FindsNoMorePinsThanTheThrottlesLeave) {
  for (const auto& [callers, hours] : {std::pair(1u, 24 * 7), std::pair(40u, 48), std::pair(100u, 12)}) {
    const Haul haul = spray(callers, std::chrono::hours(hours));
    const double an_hour = std::min<double>(SystemFailures, static_cast<double>(callers) * CallerFailures);
    // A full allowance at the start, and one more each hour; every guess at a 5-digit PIN hits one in
    // 100,000.
    const double guesses = an_hour * (hours + 1);
    const double expected = guesses / 100000;
    fmt::print(
        "{} numbers to call from, {} hours, {} people: {} guesses compared (at most {:.0f}), {} PINs fell "
        "(calculated {:.2f})\n",
        callers, hours, People, haul.compared, guesses, haul.fallen, expected);
    EXPECT_LE(haul.compared, std::lround(guesses) + haul.fallen + 1);
    EXPECT_GE(haul.compared, std::lround(guesses * 0.9));
    EXPECT_LE(haul.fallen, expected + 4 * std::sqrt(expected) + 1);
  }
}

}  // namespace
}  // namespace dialin::test
