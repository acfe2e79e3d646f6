// SPDX-License-Identifier: Apache-2.0
// Ctrl-C while the mail server keeps silent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "support/dialin_program.h"
#include "support/free_port.h"
#include "support/mail_receiver.h"

namespace dialin::test {
namespace {

using testing::HasSubstr;
using At = MailReceiver::At;

const std::string bob = "bob@contoso.com";

class Interrupted : public testing::TestWithParam<At> {
 protected:
  DialinProgram program_;
  MailReceiver receiver_;
};

TEST_P(Interrupted, EndsAtOnceAndLosesNothing) {
  program_.import_people({"bob"});
  receiver_.hold(GetParam());
  const auto process = program_.start(welcome_command("bob", receiver_.port()));
  receiver_.wait_until_held();
  process->signal(SIGINT);
  const Completed ended = process->wait();
  EXPECT_EQ(ended.exit_code, 130) << ended.error;
  EXPECT_THAT(ended.error, HasSubstr("othing is lost"));
  EXPECT_EQ(object_of(ended).at("MailResult"), "Queued");
  EXPECT_FALSE(program_.has_pin("bob"));
  receiver_.release();

  const Completed again = program_.run(welcome_command("bob", receiver_.port()));
  EXPECT_EQ(again.exit_code, 0) << again.error;
  ASSERT_EQ(receiver_.mails_to(bob).size(), 1U);
  EXPECT_TRUE(program_.pin_is("bob", receiver_.mails_to(bob).front().pin()));
}

INSTANTIATE_TEST_SUITE_P(System, Interrupted,
                         testing::Values(At::Connection, At::Hello, At::Mail, At::Rcpt, At::Data),
                         [](const auto& info) {
                           switch (info.param) {
                             case At::Connection:
                               return "Greeting";
                             case At::Hello:
                               return "Hello";
                             case At::Mail:
                               return "Mail";
                             case At::Rcpt:
                               return "Rcpt";
                             default:
                               return "Data";
                           }
                         });

// With the content handed over only the server knows: the first Ctrl-C waits for its answer, the second does
// not.
TEST(InterruptedAfterTheDot, WaitsForTheAnswer) {
  DialinProgram program;
  MailReceiver receiver;
  program.import_people({"bob"});
  receiver.hold(At::Dot);
  const auto process = program.start(welcome_command("bob", receiver.port()));
  receiver.wait_until_held();
  process->signal(SIGINT);
  // Signals are looked at five times a second: one that ended it would have done so by then.
  EXPECT_FALSE(eventually([&] { return !process->running(); }, std::chrono::seconds(1)));
  receiver.release();
  const Completed ended = process->wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_EQ(object_of(ended).at("PinResult"), "Set");
  EXPECT_TRUE(program.pin_is("bob", receiver.mails_to(bob).front().pin()));
}

TEST(InterruptedAfterTheDot, EndsAtTheSecondAndTheSameCommandGoesOn) {
  DialinProgram program;
  MailReceiver receiver;
  program.import_people({"bob"});
  receiver.hold(At::Dot);
  const auto process = program.start(welcome_command("bob", receiver.port()));
  receiver.wait_until_held();
  // Two signals that meet are one: sent again until it has ended.
  ASSERT_TRUE(eventually([&] {
    process->signal(SIGINT);
    return !process->running();
  }));
  EXPECT_EQ(process->wait().exit_code, 130);
  EXPECT_FALSE(program.has_pin("bob"));
  receiver.release();
  const Completed again = program.run(welcome_command("bob", receiver.port()));
  EXPECT_EQ(again.exit_code, 0) << again.error;
  const std::vector<KeptMail> mails = receiver.mails_to(bob);
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].pin(), mails[1].pin());
  EXPECT_EQ(mails[0].message_id(), mails[1].message_id());
  EXPECT_TRUE(program.pin_is("bob", mails[1].pin()));
}

}  // namespace
}  // namespace dialin::test
