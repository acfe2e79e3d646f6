// SPDX-License-Identifier: Apache-2.0
// How a PIN came to be: who, by which mail, and the wrong ones since.
#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

class PinPasts : public StoreTest {
 protected:
  void fail_check(const PersonId& person, const std::string& caller) {
    LockoutStore& lockouts = store().lockouts();
    const PaidAttempts paid = lockouts.pay({{{person, false}, version_of(person), {10, 100}}});
    ASSERT_FALSE(paid.version_changed);
    lockouts.settle({{{person, false}, paid.payments.front(), AttemptEnd::Wrong, "IncorrectPin"}},
                    "IncorrectPin", {caller, "192.0.2.7"}, marco_);
  }
};
DIALIN_ON_BOTH_STORES(PinPasts);

TEST_P(PinPasts, NoneWithoutAPin) {
  const PinPast past = pins().past_of(add_person("bob"), 3);
  EXPECT_FALSE(past.change);
  EXPECT_EQ(past.failures, 0);
  EXPECT_THROW(pins().past_of("nobody", 3), Error);
}

TEST_P(PinPasts, APinThatWasSetHasNoMail) {
  const PersonId bob = add_person("bob");
  set_pin(bob);
  const PinPast past = pins().past_of(bob, 3);
  ASSERT_TRUE(past.change);
  EXPECT_EQ(past.change->by, marco_.name);
  EXPECT_EQ(past.change->origin, marco_.origin);
  EXPECT_FALSE(past.change->welcome);
}

TEST_P(PinPasts, AWelcomesPinIsItsIssuersWhoeverDelivered) {
  const PersonId bob = add_person("bob");
  const WelcomeId first = issue(bob);
  record(first, claim(first).claim_id, AttemptRecord::End::Accepted);
  const WelcomeId second = issue(bob);
  record(second, claim(second).claim_id, AttemptRecord::End::Refused);
  const PinPast past = pins().past_of(bob, 3);
  ASSERT_TRUE(past.change && past.change->welcome);
  EXPECT_EQ(past.change->welcome->id, first);  // not the newest, which brought no PIN
  EXPECT_EQ(past.change->by, outbox().get(first)->operator_name);
}

TEST_P(PinPasts, WrongPinsCountSinceThePinWasSetNewestFirst) {
  const PersonId bob = add_person("bob");
  set_pin(bob);
  fail_check(bob, "+14255550100");
  let_pass(std::chrono::seconds(1));
  set_pin(bob);
  for (const char* caller : {"+14255550101", "+14255550102", "+14255550103"}) {
    let_pass(std::chrono::seconds(1));
    fail_check(bob, caller);
  }
  const PinPast past = pins().past_of(bob, 2);
  EXPECT_EQ(past.failures, 3);
  ASSERT_EQ(past.last_failures.size(), 2U);
  EXPECT_EQ(past.last_failures[0].caller, "+14255550103");
  EXPECT_EQ(past.last_failures[1].caller, "+14255550102");
  EXPECT_EQ(past.last_failures[0].asked_by, "192.0.2.7");
  EXPECT_EQ(past.last_failures[0].result, "IncorrectPin");
  EXPECT_GT(past.last_failures[0].at, past.last_failures[1].at);
}

TEST_P(PinPasts, WhatWaitsForALaterAttemptIsCounted) {
  EXPECT_EQ(outbox().not_yet_due().rows, 0);
  EXPECT_FALSE(outbox().not_yet_due().first);
  const WelcomeId due = issue(add_person("bob"));
  const WelcomeId later = issue(add_person("eva"));
  record(later, claim(later).claim_id, AttemptRecord::End::Deferred);
  const Outbox::LaterAttempts waiting = outbox().not_yet_due();
  EXPECT_EQ(waiting.rows, 1);
  EXPECT_EQ(waiting.first, outbox().get(later)->next_attempt_at);
  EXPECT_EQ(outbox().due(10), std::vector<WelcomeId>{due});
  // What a pause covers waits for its end.
  Pause pause;
  pause.server = outbox().get(later)->way.server;
  pause.port = outbox().get(later)->way.port;
  pause.user = outbox().get(later)->way.user;
  outbox().pause(pause, marco_);
  EXPECT_EQ(outbox().not_yet_due().rows, 0);
}

TEST_P(PinPasts, TheStatusSaysWhetherTheKeyOpensWhatIsSealed) {
  EXPECT_FALSE(store().status().key_opens_seals);
  const PersonId bob = add_person("bob");
  set_pin(bob);
  EXPECT_EQ(store().status().key_opens_seals, true);
  EXPECT_TRUE(store().status().newest_audit_line);
  EXPECT_EQ(store().status().people_without_region, 1);
  tables().execute("UPDATE pins SET verifier = 'x' WHERE verifier IS NOT NULL");
  EXPECT_EQ(store().status().key_opens_seals, false);
}

}  // namespace
}  // namespace dialin::test
