// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class OutboxCommands : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0) << bench.error();
  }

  // Leaves Bob's welcome in the outbox.
  int welcome() {
    return bench.run(
        {"welcome", "bob@contoso.com", "--from", "marco@contoso.com", "--smtp-server", "mail.contoso.com"});
  }
  WelcomeRow row() { return *bench.open_store()->outbox().latest_of(bench.person("bob@contoso.com").id); }

  CommandBench bench;
};

class Cancel : public OutboxCommands {};

TEST_F(Cancel, TakesAWaitingWelcomeOutOfTheOutbox) {
  bench.transport.session_problem =
      Delivery{.problem = SessionProblem::Unreachable, .text = "connection refused"};
  ASSERT_EQ(welcome(), 75) << bench.error();
  EXPECT_EQ(bench.run({"cancel", "bob@contoso.com", "--what-if"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("queued"), HasSubstr("bob@contoso.com")));
  EXPECT_EQ(row().state, WelcomeState::Queued);
  ASSERT_EQ(bench.run({"cancel", "bob@contoso.com"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("Cancelled         : True"), HasSubstr("no mail was sent")));
  EXPECT_EQ(row().state, WelcomeState::Cancelled);
  EXPECT_EQ(bench.run({"cancel", "bob@contoso.com"}), 1);
  EXPECT_THAT(bench.error(), HasSubstr("nothing to cancel"));
  // The same command again is a new welcome: its operator knows what became of the other.
  bench.transport.session_problem.reset();
  EXPECT_EQ(welcome(), 0) << bench.error();
  EXPECT_EQ(row().state, WelcomeState::Sent);
}

TEST_F(Cancel, SaysThatAMailMayHaveArrived) {
  bench.transport.answer = {.result = DeliveryResult::Unknown, .scope = DeliveryScope::None};
  EXPECT_NE(welcome(), 0);
  ASSERT_EQ(bench.run({"cancel", "bob@contoso.com"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("may have arrived"));
}

TEST_F(Cancel, RefusesOneThatIsBeingDelivered) {
  bench.transport.session_problem =
      Delivery{.problem = SessionProblem::Unreachable, .text = "connection refused"};
  ASSERT_EQ(welcome(), 75);
  const auto store = bench.open_store();
  ASSERT_EQ(store->outbox()
                .claim(row().id, ClaimReason::SameCommand, this_process(), std::chrono::seconds(60))
                .outcome,
            ClaimResult::Outcome::Claimed);
  EXPECT_EQ(bench.run({"cancel", "bob@contoso.com"}), 75);
  EXPECT_THAT(bench.error(), HasSubstr(std::to_string(this_process().process_id)));
  EXPECT_EQ(row().state, WelcomeState::Sending);
}

TEST_F(Cancel, OfNobodyIsAnError) {
  EXPECT_EQ(bench.run({"cancel", "nobody@contoso.com"}), 1);
  EXPECT_EQ(bench.run({"cancel"}), 64);
}

class Deliver : public OutboxCommands {};

TEST_F(Deliver, SaysWhatStaysQueuedForALaterAttempt) {
  EXPECT_EQ(bench.run({"deliver"}), 0) << bench.error();
  bench.transport.answer = {
      .result = DeliveryResult::Deferred, .scope = DeliveryScope::Recipient, .reply_code = 450};
  ASSERT_EQ(welcome(), 75) << bench.error();
  ASSERT_GT(row().next_attempt_at, SystemClock().now());
  EXPECT_EQ(bench.run({"deliver"}), 75);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("1 mail stays queued"), HasSubstr("typed again")));
  ASSERT_EQ(bench.run({"cancel", "bob@contoso.com"}), 0);
  EXPECT_EQ(bench.run({"deliver"}), 0);
  EXPECT_THAT(bench.error(), IsEmpty());
}

TEST_F(Deliver, SaysWhatAPauseHoldsBackAlsoBeforeItIsDue) {
  bench.transport.answer = {
      .result = DeliveryResult::Deferred, .scope = DeliveryScope::Recipient, .reply_code = 450};
  ASSERT_EQ(welcome(), 75) << bench.error();
  bench.open_store()->outbox().pause({.id = {},
                                      .server = "mail.contoso.com",
                                      .port = 25,
                                      .user = {},
                                      .sender = {},
                                      .reason = Pause::Reason::Password,
                                      .words = "535 no",
                                      .credential_stamp = "stamp",
                                      .since = {},
                                      .until = {}},
                                     {.name = "marco", .origin = "test"});
  EXPECT_EQ(bench.run({"deliver"}), 77);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("535 no"), Not(HasSubstr("later attempt"))));
}

class WelcomeOne : public OutboxCommands {};

TEST_F(WelcomeOne, NamesEachAllowedDomainOnce) {
  EXPECT_EQ(bench.run({"welcome", "bob@contoso.com", "--from", "marco@contoso.com", "--smtp-server",
                       "mail.contoso.com", "--user-email-address", "bob@example.net"}),
            64);
  EXPECT_THAT(bench.error(), HasSubstr("outside of the allowed domains (contoso.com)."));
}

TEST(CatchMail, RefusesAddressesThatOthersCanReach) {
  CommandBench bench;
  const std::string folder = (bench.directory / "mails").string();
  EXPECT_EQ(bench.run({"catch-mail", "--listen", "0.0.0.0:2525", "--directory", folder}), 64);
  EXPECT_EQ(bench.run({"catch-mail"}), 64);
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(CatchMail, EndsWithZeroWhenItIsInterrupted) {
  CommandBench bench;
  bench.interrupted = true;
  EXPECT_EQ(bench.run({"catch-mail", "--listen", "127.0.0.1:0", "--directory",
                       (bench.directory / "mails").string()}),
            0)
      << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("Listening on 127.0.0.1:"));
  EXPECT_THAT(bench.output(), IsEmpty());
}

}  // namespace
}  // namespace dialin::test
