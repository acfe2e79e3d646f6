// SPDX-License-Identifier: Apache-2.0
#include "check/check_workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <semaphore>

namespace dialin::test {
namespace {

CheckRequest request() {
  return {.who = "51297", .pin = Pin::parse("73519"), .caller = {}};
}

TEST(CheckWorkers, AnswerNoMoreAtATimeThanThereAreDesksAndQueueNoMoreThanAllowed) {
  std::promise<void> gate;
  const std::shared_future<void> open = gate.get_future().share();
  std::atomic<int> busy = 0, most = 0, answered = 0;
  std::counting_semaphore<> entered(0);
  const CheckWorkers::Desk desk = [&](const CheckRequest&, const std::string&) {
    const int now = ++busy;
    for (int before = most; before < now && !most.compare_exchange_weak(before, now);) {
    }
    entered.release();
    open.wait();
    --busy;
    return CheckReply{.kind = CheckReply::Kind::Word};
  };
  {
    CheckWorkers workers({desk, desk}, 3, std::chrono::hours(1));
    const auto done = [&](const CheckReply&) { ++answered; };
    EXPECT_TRUE(workers.submit(request(), "a", done));
    EXPECT_TRUE(workers.submit(request(), "a", done));
    for (int i = 0; i < 2; ++i) entered.acquire();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(workers.submit(request(), "a", done)) << i;
    EXPECT_FALSE(workers.submit(request(), "a", done));
    gate.set_value();
  }
  EXPECT_EQ(answered, 5);  // what was queued is answered before they end
  EXPECT_EQ(most, 2);
}

TEST(CheckWorkers, WhoHasWaitedTooLongIsNotAsked) {
  std::atomic<int> asked = 0;
  std::promise<CheckReply> reply;
  CheckWorkers workers({[&](const CheckRequest&, const std::string&) {
                         ++asked;
                         return CheckReply{.kind = CheckReply::Kind::Word};
                       }},
                       3, std::chrono::milliseconds(-1));
  EXPECT_TRUE(workers.submit(request(), "a", [&](const CheckReply& r) { reply.set_value(r); }));
  EXPECT_EQ(reply.get_future().get().kind, CheckReply::Kind::Unknown);
  EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace dialin::test
