// SPDX-License-Identifier: Apache-2.0
// The server takes the mail and its answer is lost: whether it arrived is not known, and that is never "no".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/dialin_program.h"
#include "support/mail_receiver.h"

namespace dialin::test {
namespace {

using testing::HasSubstr;
using At = MailReceiver::At;

const std::string bob = "bob@contoso.com";

class LostReply : public testing::TestWithParam<StoreKind> {
 protected:
  LostReply() { program_.import_people({"bob"}); }
  Completed welcome(const DialinProgram::Arguments& more = {}) {
    return program_.run(welcome_command("bob", receiver_.port(), more));
  }
  void expect_same_mail_each_time(std::size_t count) {
    const std::vector<KeptMail> mails = receiver_.mails_to(bob);
    ASSERT_EQ(mails.size(), count);
    for (const KeptMail& mail : mails) {
      EXPECT_EQ(mail.pin(), mails.front().pin());
      EXPECT_EQ(mail.message_id(), mails.front().message_id());
    }
  }

  DialinProgram program_{GetParam()};
  MailReceiver receiver_;
};

TEST_P(LostReply, ThenAccepted) {
  receiver_.answer(At::Dot, {""});
  const Completed first = welcome();
  EXPECT_EQ(first.exit_code, 75) << first.error;
  EXPECT_EQ(object_of(first).at("MailResult"), "Queued");
  EXPECT_FALSE(program_.has_pin("bob"));
  const Completed second = welcome();
  EXPECT_EQ(second.exit_code, 0) << second.error;
  EXPECT_EQ(object_of(second).at("PinResult"), "Set");
  expect_same_mail_each_time(2);
  EXPECT_TRUE(program_.pin_is("bob", receiver_.mails().front().pin()));
}

TEST_P(LostReply, ThenRefusedIsUncertainAndGoesOn) {
  receiver_.answer(At::Dot, {"", "550 5.6.0 not like this"});
  EXPECT_EQ(welcome().exit_code, 75);
  const Completed second = welcome();
  EXPECT_EQ(second.exit_code, 1) << second.error;
  EXPECT_EQ(object_of(second).at("MailResult"), "Uncertain");
  EXPECT_EQ(object_of(second).at("PinResult"), "Kept");
  EXPECT_FALSE(program_.has_pin("bob"));
  // Nobody but the same command goes on with it.
  EXPECT_EQ(program_.run({"deliver"}).exit_code, 0);
  expect_same_mail_each_time(2);
  const Completed third = welcome();
  EXPECT_EQ(third.exit_code, 0) << third.error;
  EXPECT_EQ(object_of(third).at("PinResult"), "Set");
  expect_same_mail_each_time(3);
  EXPECT_TRUE(program_.pin_is("bob", receiver_.mails().front().pin()));
}

TEST_P(LostReply, AtTheRecipientAfterwardsIsUncertainToo) {
  receiver_.answer(At::Dot, {""});
  receiver_.answer(At::Rcpt, {"250 2.1.5 ok", "550 5.1.1 no such user"});
  EXPECT_EQ(welcome().exit_code, 75);
  const Completed second = welcome();
  EXPECT_EQ(second.exit_code, 1) << second.error;
  EXPECT_EQ(object_of(second).at("MailResult"), "Uncertain");
}

TEST_P(LostReply, ThreeTimesIsUncertain) {
  receiver_.answer(At::Dot, {"", "", ""});
  EXPECT_EQ(welcome().exit_code, 75);
  EXPECT_EQ(welcome().exit_code, 75);
  const Completed third = welcome();
  EXPECT_EQ(third.exit_code, 1) << third.error;
  EXPECT_EQ(object_of(third).at("MailResult"), "Uncertain");
  expect_same_mail_each_time(3);
}

// Its content is frozen: other words are an error that names both and the way out.
TEST_P(LostReply, FreezesTheContent) {
  receiver_.answer(At::Dot, {""});
  EXPECT_EQ(welcome().exit_code, 75);
  const Completed other = welcome({"-Subject", "Another one"});
  EXPECT_EQ(other.exit_code, 1) << other.error;
  EXPECT_THAT(other.error, HasSubstr("may have arrived already and cannot be changed"));
  EXPECT_THAT(other.error, HasSubstr("Another one"));
  EXPECT_THAT(other.error, HasSubstr("dialin cancel"));
  expect_same_mail_each_time(1);
  const Completed cancelled = program_.run({"cancel", bob, "-Output", "json"});
  EXPECT_EQ(cancelled.exit_code, 0) << cancelled.error;
  EXPECT_THAT(object_of(cancelled).at("Detail").get<std::string>(), HasSubstr("may have arrived"));
  // And now they make a new welcome.
  EXPECT_EQ(welcome({"-Subject", "Another one"}).exit_code, 0);
  const std::vector<KeptMail> mails = receiver_.mails_to(bob);
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_NE(mails[0].message_id(), mails[1].message_id());
  EXPECT_TRUE(program_.pin_is("bob", mails[1].pin()));
}

// A reply that was lost while -Force replaces a PIN: the former one stays until it is known.
TEST_P(LostReply, KeepsTheFormerPin) {
  const std::string former = object_of(program_.run({"pin", "set", bob, "-Output", "json"})).at("Pin");
  receiver_.answer(At::Dot, {"", "550 5.6.0 not like this"});
  EXPECT_EQ(welcome({"-Force"}).exit_code, 75);
  EXPECT_TRUE(program_.pin_is("bob", former));
  EXPECT_EQ(welcome({"-Force"}).exit_code, 1);
  EXPECT_TRUE(program_.pin_is("bob", former));
  EXPECT_EQ(welcome({"-Force"}).exit_code, 0);
  EXPECT_FALSE(program_.pin_is("bob", former));
  expect_same_mail_each_time(3);
  EXPECT_TRUE(program_.pin_is("bob", receiver_.mails().front().pin()));
}

INSTANTIATE_TEST_SUITE_P(System, LostReply, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

}  // namespace
}  // namespace dialin::test
