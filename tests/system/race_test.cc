// SPDX-License-Identifier: Apache-2.0
// Other decisions about a person while a welcome waits, and while it is being sent: the event table of
// doc/delivery.md, through the commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint_list.h"
#include "support/dialin_program.h"
#include "support/free_port.h"
#include "support/mail_receiver.h"

namespace dialin::test {
namespace {

using testing::HasSubstr;

const std::string bob = "bob@contoso.com";

class Race : public testing::TestWithParam<StoreKind> {
 protected:
  Race() { program_.import_people({"bob"}); }

  DialinProgram::Arguments command(const DialinProgram::Arguments& more = {}) const {
    return welcome_command("bob", receiver_.port(), more);
  }
  // A welcome that stays queued: nobody listens where it goes.
  void queue_welcome() {
    const Completed queued = program_.run(welcome_command("bob", free_port()));
    ASSERT_EQ(queued.exit_code, 75) << queued.error;
    EXPECT_EQ(object_of(queued).at("MailResult"), "Queued");
    EXPECT_EQ(object_of(queued).at("PinResult"), "Kept");
  }
  // A welcome whose mail the server has and has not answered for.
  std::unique_ptr<ChildProcess> send_welcome() {
    receiver_.hold(MailReceiver::At::Dot);
    auto process = program_.start(command());
    receiver_.wait_until_held();
    return process;
  }
  std::string mailed_pin() const { return receiver_.mails_to(bob).back().pin(); }
  // The mail has arrived, its PIN is not valid, and the command says so.
  void expect_arrived_invalid(ChildProcess& welcome) {
    const Completed ended = welcome.wait();
    EXPECT_EQ(ended.exit_code, 1) << ended.error;
    EXPECT_EQ(object_of(ended).at("MailResult"), "Sent");
    EXPECT_EQ(object_of(ended).at("PinResult"), "Kept");
    EXPECT_THAT(ended.error, HasSubstr("its PIN is not valid"));
  }
  void expect_superseded() {
    EXPECT_EQ(program_.outbox("Superseded"), 1U);
    const std::size_t mails = receiver_.mails().size();
    EXPECT_EQ(program_.run({"deliver"}).exit_code, 0);
    EXPECT_EQ(receiver_.mails().size(), mails);
  }

  DialinProgram program_{GetParam()};
  MailReceiver receiver_;
};

TEST_P(Race, SetSupersedesAQueuedWelcome) {
  queue_welcome();
  const Completed set = program_.run({"pin", "set", bob, "-Output", "json"});
  EXPECT_EQ(set.exit_code, 0) << set.error;
  expect_superseded();
  EXPECT_TRUE(program_.pin_is("bob", object_of(set).at("Pin")));
  // Typed again somewhere else (another way is the same command): the person has a PIN. What became of the
  // queued one is said first, for it was not shown.
  const Completed first = program_.run(command());
  EXPECT_EQ(first.exit_code, 1);
  EXPECT_THAT(object_of(first).at("Detail").get<std::string>(), HasSubstr("superseded"));
  const Completed second = program_.run(command());
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_EQ(object_of(second).at("PinResult"), "AlreadySet");
  EXPECT_TRUE(receiver_.mails().empty());
}

TEST_P(Race, LockSupersedesAQueuedWelcome) {
  queue_welcome();
  EXPECT_EQ(program_.run({"pin", "lock", bob}).exit_code, 0);
  expect_superseded();
  EXPECT_FALSE(program_.has_pin("bob"));
}

TEST_P(Race, DisableSupersedesAQueuedWelcome) {
  queue_welcome();
  EXPECT_EQ(program_.run({"people", "disable", bob}).exit_code, 0);
  expect_superseded();
}

TEST_P(Race, CancelTakesAQueuedWelcomeOut) {
  queue_welcome();
  EXPECT_EQ(program_.run({"cancel", bob}).exit_code, 0);
  EXPECT_EQ(program_.outbox("Cancelled"), 1U);
  EXPECT_EQ(program_.run({"deliver"}).exit_code, 0);
  EXPECT_TRUE(receiver_.mails().empty());
  EXPECT_EQ(program_.run({"cancel", bob}).exit_code, 1);
}

TEST_P(Race, ASecondWelcomeGoesOnWithAQueuedOne) {
  queue_welcome();
  const Completed second = program_.run(command({"-Force", "-Subject", "Another one"}));
  EXPECT_EQ(second.exit_code, 0) << second.error;
  EXPECT_THAT(second.error, HasSubstr("going on with it"));
  ASSERT_EQ(receiver_.mails().size(), 1U);
  EXPECT_EQ(receiver_.mails().front().header("Subject"), "Another one");
  EXPECT_TRUE(program_.pin_is("bob", mailed_pin()));
  EXPECT_EQ(program_.outbox("Sent"), 1U);
}

TEST_P(Race, SetWaitsForAWelcomeThatIsBeingSent) {
  const auto welcome = send_welcome();
  const auto set = program_.start({"pin", "set", bob, "-Output", "json"});
  ASSERT_TRUE(eventually([&] { return set->error().find("waiting for it") != std::string::npos; }));
  EXPECT_TRUE(set->running());
  receiver_.release();
  const Completed welcomed = welcome->wait();
  EXPECT_EQ(welcomed.exit_code, 0) << welcomed.error;
  EXPECT_EQ(object_of(welcomed).at("PinResult"), "Set");
  const Completed ended = set->wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  // The later decision wins.
  EXPECT_TRUE(program_.pin_is("bob", object_of(ended).at("Pin")));
  EXPECT_FALSE(program_.pin_is("bob", mailed_pin()));
}

TEST_P(Race, LockWinsOverAWelcomeThatIsBeingSent) {
  const auto welcome = send_welcome();
  EXPECT_EQ(program_.run({"pin", "lock", bob}).exit_code, 0);
  receiver_.release();
  expect_arrived_invalid(*welcome);
  EXPECT_FALSE(program_.has_pin("bob"));
  expect_superseded();
  // A lock that is lifted afterwards brings nothing back.
  EXPECT_EQ(program_.run({"pin", "unlock", bob}).exit_code, 0);
  EXPECT_FALSE(program_.pin_is("bob", mailed_pin()));
}

TEST_P(Race, DisableWinsOverAWelcomeThatIsBeingSent) {
  const auto welcome = send_welcome();
  EXPECT_EQ(program_.run({"people", "disable", bob}).exit_code, 0);
  receiver_.release();
  expect_arrived_invalid(*welcome);
  EXPECT_EQ(program_.check_pin("bob", mailed_pin()), "PinNotEnabledForUser");
  EXPECT_EQ(program_.run({"people", "enable", bob}).exit_code, 0);
  EXPECT_FALSE(program_.pin_is("bob", mailed_pin()));
}

TEST_P(Race, RemoveWinsOverAWelcomeThatIsBeingSent) {
  const auto welcome = send_welcome();
  EXPECT_EQ(program_.run({"people", "remove", bob, "--yes"}).exit_code, 0);
  receiver_.release();
  expect_arrived_invalid(*welcome);
  EXPECT_EQ(program_.check_pin("bob", mailed_pin()), "UserDoesNotExist");
}

TEST_P(Race, CancelIsRefusedWhileItIsBeingSent) {
  const auto welcome = send_welcome();
  const Completed refused = program_.run({"cancel", bob});
  EXPECT_EQ(refused.exit_code, 75) << refused.error;
  EXPECT_THAT(refused.error, HasSubstr("it is being delivered"));
  receiver_.release();
  EXPECT_EQ(welcome->wait().exit_code, 0);
  EXPECT_TRUE(program_.pin_is("bob", mailed_pin()));
}

TEST_P(Race, ASecondWelcomeWaitsForTheOneThatIsBeingSent) {
  const auto welcome = send_welcome();
  const auto same = program_.start(command());
  ASSERT_TRUE(eventually([&] { return same->error().find("waiting for it") != std::string::npos; }));
  // With other words it cannot be changed any more.
  const Completed other = program_.run(command({"-Subject", "Another one"}));
  EXPECT_EQ(other.exit_code, 75) << other.error;
  EXPECT_THAT(other.error, HasSubstr("cannot be changed"));
  receiver_.release();
  const Completed ended = welcome->wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  const Completed waited = same->wait();
  EXPECT_EQ(waited.exit_code, 0) << waited.error;
  EXPECT_EQ(object_of(waited).at("MessageId"), object_of(ended).at("MessageId"));
  EXPECT_EQ(object_of(waited).at("MailResult"), "Sent");
  EXPECT_EQ(receiver_.mails().size(), 1U);
  EXPECT_TRUE(program_.pin_is("bob", mailed_pin()));
}

// Copies show the PIN that was valid: another PIN takes the waiting ones out.
TEST_P(Race, SetSupersedesACopyThatWaits) {
  ASSERT_EQ(program_.run(command({"-Cc", "boss@contoso.com"}), {}, kill_at("recorded")).exit_code, killed);
  EXPECT_EQ(program_.run({"pin", "set", bob}).exit_code, 0);
  EXPECT_EQ(program_.run({"deliver"}).exit_code, 0);
  EXPECT_TRUE(receiver_.mails_to("boss@contoso.com").empty());
}

INSTANTIATE_TEST_SUITE_P(System, Race, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

}  // namespace
}  // namespace dialin::test
