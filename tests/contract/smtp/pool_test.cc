// SPDX-License-Identifier: Apache-2.0
// Several sessions of one submit(): when they are opened, wait, end and are replaced.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "base/error.h"
#include "contract/smtp/serving.h"
#include "contract/smtp/submission.h"
#include "support/supplied_messages.h"

namespace dialin::test {
namespace {

// Ends what it watches when a test stops early.
class Submitting {
 public:
  Submitting(const SubmissionServer& server, SuppliedMessages& messages,
             const smtp::Timeouts& timeouts = patient)
      : messages_(messages) {
    done_ = std::async(std::launch::async, [this, server, timeouts] {
      SmtpTransport transport(timeouts);
      return transport.submit(server, messages_, nullptr, [this] { return cancelled_.load(); });
    });
  }
  ~Submitting() { cancelled_ = true; }
  std::optional<Delivery> end() {
    messages_.end();
    return done_.get();
  }
  std::optional<Delivery> cancel() {
    cancelled_ = true;
    return done_.get();
  }

 private:
  SuppliedMessages& messages_;
  std::atomic<bool> cancelled_ = false;
  std::future<std::optional<Delivery>> done_;
};

TEST(Pool, OneMessageOpensOneConnection) {
  ScriptedSmtpServer server(obliging({}), Playing::AtOnce);
  SuppliedMessages messages(16);
  Submitting submitting(at(server.port()), messages);
  messages.supply("a@contoso.com");
  ASSERT_TRUE(messages.wait_for(1));
  EXPECT_FALSE(submitting.end());
  EXPECT_TRUE(played_to_the_end(server));
  EXPECT_EQ(messages.connections, (std::vector<int>{1, 0}));
}

TEST(Pool, ManyMessagesOpenWhatTheLimitAllows) {
  for (const Pipelining pipelining : {Pipelining::Message, Pipelining::Across}) {
    // No content is answered before all sessions have sent one.
    std::atomic<int> waiting = 0;
    ScriptedSmtpServer server(obliging({.arrived =
                                            [&] {
                                              if (++waiting > 8) return;
                                              while (waiting < 8) std::this_thread::yield();
                                            }}),
                              Playing::AtOnce);
    SuppliedMessages messages(8);
    messages.supply_many(400);
    messages.end();
    SubmissionServer way = at(server.port());
    way.pipelining = pipelining;
    Submitting submitting(way, messages);
    // With one message each they wait for each other: Message needs the second message for a second session.
    if (pipelining == Pipelining::Message) waiting = 8;
    EXPECT_FALSE(submitting.end());
    EXPECT_TRUE(played_to_the_end(server));
    EXPECT_EQ(messages.count(DeliveryResult::Accepted), 400u);
    EXPECT_LE(messages.most_connections(), 8);
    EXPECT_GE(messages.most_connections(), pipelining == Pipelining::Across ? 8 : 2);
    EXPECT_EQ(messages.connections.back(), 0);
    EXPECT_EQ(server.connections(), static_cast<std::size_t>(messages.most_connections()));
  }
}

TEST(Pool, IdleSessionWaitsForAWakeWithoutAsking) {
  ScriptedSmtpServer server(obliging({}), Playing::AtOnce);
  SuppliedMessages messages(1);
  // So rarely asked that only the wake can have brought the messages.
  smtp::Timeouts rarely = patient;
  rarely.poll = std::chrono::seconds(10);
  const auto begin = std::chrono::steady_clock::now();
  Submitting submitting(at(server.port()), messages, rarely);
  ASSERT_TRUE(messages.wait_for_connections(1));
  for (int i = 1; i <= 20; ++i) {
    messages.supply("p" + std::to_string(i) + "@contoso.com");
    ASSERT_TRUE(messages.wait_for(static_cast<std::size_t>(i)));
  }
  EXPECT_FALSE(submitting.end());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  // Each message was asked for, and at most twice in vain; nobody asked in a circle.
  EXPECT_LE(messages.asked, 1 + 3 * 20 + 2);
  EXPECT_EQ(server.connections(), 1u);
}

// Ends the connection `how` after its first message, while it is idle.
void one_message_then(ScriptedPeer& peer, const std::string& farewell) {
  peer.greet(usual_extensions);
  peer.take_envelope();
  peer.read_content();
  peer.send("250 queued\r\n" + farewell);
}

TEST(Pool, IdleConnectionThatTheServerClosesIsNoProblem) {
  for (const std::string farewell : {"", "421 4.4.2 idle too long\r\n"}) {
    ScriptedSmtpServer server([&](ScriptedPeer& peer) { one_message_then(peer, farewell); }, Playing::AtOnce);
    SuppliedMessages messages(2);
    Submitting submitting(at(server.port()), messages);
    for (int i = 1; i <= 3; ++i) {
      messages.supply("p" + std::to_string(i) + "@contoso.com");
      ASSERT_TRUE(messages.wait_for(static_cast<std::size_t>(i)));
      // It is seen without any message, and nothing is opened before there is one.
      ASSERT_TRUE(messages.wait_for_connections(0));
    }
    EXPECT_FALSE(submitting.end());
    EXPECT_TRUE(messages.problems.empty());
    EXPECT_EQ(messages.count(DeliveryResult::Accepted), 3u);
    EXPECT_EQ(server.connections(), 3u);
  }
}

TEST(Pool, SessionOverALoweredLimitEndsAfterItsMessage) {
  ScriptedSmtpServer server(obliging({}), Playing::AtOnce);
  SuppliedMessages messages(6);
  messages.supply_many(600);
  messages.after_finished = [&](std::size_t count) {
    if (count == 300) messages.set_limit(2);
    if (count == 450) messages.set_limit(4);
  };
  Submitting submitting(at(server.port()), messages);
  ASSERT_TRUE(messages.wait_for(600));
  messages.set_limit(0);
  ASSERT_TRUE(messages.wait_for_connections(0));
  messages.set_limit(1);
  EXPECT_FALSE(submitting.end());
  EXPECT_TRUE(messages.problems.empty());
  EXPECT_EQ(messages.count(DeliveryResult::Accepted), 600u);
  // It went down to two and came up again.
  const std::vector<int>& seen = messages.connections;
  const auto down = std::find(std::find(seen.begin(), seen.end(), 3), seen.end(), 2);
  EXPECT_NE(down, seen.end());
  EXPECT_LE(messages.most_connections(), 6);
}

TEST(Pool, OthersGoOnWhenOneSessionEndsWithAProblem) {
  std::atomic<bool> failed = false;
  const auto lose_a_reply = [&](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.take_envelope();
    peer.read_content();
    failed = true;
    peer.reset();
  };
  ScriptedSmtpServer server({obliging({}), lose_a_reply, obliging({})}, Playing::AtOnce);
  SuppliedMessages messages(2);
  SubmissionServer way = at(server.port());
  way.pipelining = Pipelining::Across;
  const auto begin = std::chrono::steady_clock::now();
  Submitting submitting(way, messages);
  int sent = 0;
  while (!failed) {
    messages.supply("p" + std::to_string(sent++) + "@contoso.com");
    messages.supply("p" + std::to_string(sent++) + "@contoso.com");
    ASSERT_TRUE(messages.wait_for(static_cast<std::size_t>(sent) - 1));
  }
  // Another one is opened a second later, not at once.
  while (server.connections() < 3) {
    messages.supply("p" + std::to_string(sent++) + "@contoso.com");
    messages.supply("p" + std::to_string(sent++) + "@contoso.com");
    ASSERT_TRUE(messages.wait_for(static_cast<std::size_t>(sent) - 1));
    ASSERT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_FALSE(submitting.end());
  ASSERT_EQ(messages.problems.size(), 1u);
  EXPECT_EQ(messages.problems[0].problem, SessionProblem::Unreachable);
  // Only the message whose reply was lost is unknown; the one whose envelope went along was sent by another.
  EXPECT_EQ(messages.count(DeliveryResult::Unknown), 1u);
  EXPECT_EQ(messages.count(DeliveryResult::Accepted), messages.taken.size() - 1);
  EXPECT_EQ(messages.deliveries().size(), static_cast<std::size_t>(sent));
}

TEST(Pool, LastSessionsProblemIsTheAnswer) {
  std::atomic<int> content = 0;
  ScriptedSmtpServer server(
      [&](ScriptedPeer& peer) {
        peer.greet(usual_extensions);
        peer.take_envelope();
        peer.read_content();
        ++content;
        while (content < 2) std::this_thread::yield();
        peer.reset();
      },
      Playing::AtOnce);
  SuppliedMessages messages(2);
  messages.supply_many(10);
  SubmissionServer way = at(server.port());
  way.pipelining = Pipelining::Across;
  Submitting submitting(way, messages);
  const std::optional<Delivery> problem = submitting.end();
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->problem, SessionProblem::Unreachable);
  EXPECT_EQ(messages.problems.size(), 1u);
  EXPECT_EQ(messages.deliveries().size(), messages.taken.size());
  EXPECT_EQ(messages.count(DeliveryResult::Unknown), 2u);
  EXPECT_EQ(messages.count(DeliveryResult::Deferred), messages.taken.size() - 2);
  EXPECT_EQ(messages.connections.back(), 0);
}

TEST(Pool, StalledServerHoldsUpNobodyElse) {
  // The second connection gets no greeting, and is given up when the messages end.
  std::promise<void> over;
  const std::shared_future<void> ended = over.get_future().share();
  ScriptedSmtpServer server({obliging({}), [ended](ScriptedPeer&) { ended.wait(); }}, Playing::AtOnce);
  SuppliedMessages messages(2);
  messages.supply_many(200);
  Submitting submitting(at(server.port()), messages);
  ASSERT_TRUE(messages.wait_for(200));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(submitting.end());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  over.set_value();
  EXPECT_EQ(messages.count(DeliveryResult::Accepted), 200u);
  EXPECT_TRUE(messages.problems.empty());
}

TEST(Pool, ReplyThatCannotBelongSwitchesPipeliningOffForAll) {
  const auto out_of_step = [](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    peer.expect("MAIL");
    peer.expect("RCPT");
    peer.expect("DATA");
    peer.send("250 ok\r\n354 go on\r\n250 ok\r\n");
    peer.read_rest();
  };
  const auto step_by_step = [](ScriptedPeer& peer) {
    peer.greet(usual_extensions);
    for (;;) play_without_pipelining(peer);
  };
  ScriptedSmtpServer server({out_of_step, step_by_step}, Playing::AtOnce);
  SuppliedMessages messages(1);
  messages.supply_many(20);
  SubmissionServer way = at(server.port());
  way.pipelining = Pipelining::Across;
  Submitting submitting(way, messages);
  EXPECT_FALSE(submitting.end());
  EXPECT_EQ(messages.count(DeliveryResult::Accepted), 20u);
  EXPECT_EQ(server.connections(), 2u);
}

TEST(Pool, ErrorsOfTheStreamCloseEverythingAndComeOut) {
  for (const char* where : {"next", "may_write", "finished"}) {
    ScriptedSmtpServer server(obliging({}), Playing::AtOnce);
    SuppliedMessages messages(4);
    messages.supply_many(400);
    int calls = 0;
    const auto fail_at_last = [&](const char* here) {
      if (std::string(here) == where && ++calls == 100)
        throw Error(ErrorCode::Unavailable, "the store is down");
    };
    messages.before_next = [&] { fail_at_last("next"); };
    messages.refuse = [&](const std::string&) {
      fail_at_last("may_write");
      return false;
    };
    messages.after_finished = [&](std::size_t) { fail_at_last("finished"); };
    SubmissionServer way = at(server.port());
    way.pipelining = Pipelining::Across;
    Submitting submitting(way, messages);
    EXPECT_THROW(submitting.end(), Error) << where;
    EXPECT_TRUE(played_to_the_end(server)) << where;
    EXPECT_EQ(messages.deliveries().size(), messages.taken.size()) << where;
    EXPECT_LT(messages.taken.size(), 400u) << where;
    EXPECT_EQ(messages.connections.back(), 0) << where;
  }
}

TEST(Pool, WithdrawnMessageEndsItsSessionAndNoOther) {
  ScriptedSmtpServer server(obliging({}), Playing::AtOnce);
  SuppliedMessages messages(4);
  messages.supply_many(300);
  messages.refuse = [](const std::string& id) { return id == "id-of-p150@contoso.com"; };
  SubmissionServer way = at(server.port());
  way.pipelining = Pipelining::Across;
  Submitting submitting(way, messages);
  EXPECT_FALSE(submitting.end());
  EXPECT_EQ(messages.count(DeliveryResult::Accepted), 299u);
  EXPECT_EQ(messages.delivery("p150@contoso.com").problem, SessionProblem::LeaseLost);
  ASSERT_EQ(messages.problems.size(), 1u);
  EXPECT_EQ(messages.problems[0].problem, SessionProblem::LeaseLost);
}

TEST(Pool, CancelledWhileSessionsWait) {
  ScriptedSmtpServer server(obliging({}), Playing::AtOnce);
  SuppliedMessages messages(4);
  messages.supply_many(100);
  Submitting submitting(at(server.port()), messages);
  ASSERT_TRUE(messages.wait_for(100));
  const std::optional<Delivery> problem = submitting.cancel();
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->problem, SessionProblem::None);
  EXPECT_TRUE(messages.problems.empty());
  EXPECT_EQ(messages.connections.back(), 0);
}

TEST(Pool, WakeAfterTheEndDoesNothing) {
  ScriptedSmtpServer server(obliging({}), Playing::AtOnce);
  SuppliedMessages messages(1);
  Submitting submitting(at(server.port()), messages);
  EXPECT_FALSE(submitting.end());
  messages.supply("late@contoso.com");
  EXPECT_TRUE(messages.taken.empty());
}

}  // namespace
}  // namespace dialin::test
