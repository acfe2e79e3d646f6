// SPDX-License-Identifier: Apache-2.0
// A kill at every checkpoint, a fault at every call of the store, and then the same command again: exactly
// one PIN, nobody left out, and a second mail only where delivery.md allows it.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "contract/welcome/welcome_test.h"

namespace dialin::test {
namespace {

using std::chrono::seconds;

class Faults : public WelcomeTest {
 protected:
  void SetUp() override { bob_ = person("bob"); }

  // With a former PIN, so that what is valid can be told at any time; with copies.
  WelcomeRequest command() const {
    WelcomeRequest typed = request(*bob_);
    typed.force = true;
    typed.content.bcc = {mailbox("archive@contoso.com")};
    rehash(typed);
    return typed;
  }
  // A new person for the next round.
  void begin() {
    ++round_;
    bob_ = person(fmt::format("bob{}", round_));
    server_.arrived.clear();
    server_.forget_script();
    set_pin_to(*bob_, "86204");
  }
  std::string address() const { return bob_->mail->address(); }

  // The same command until it says that all is well.
  void type_until_done() {
    for (int i = 0; i < 5; ++i) {
      Process process(*this);
      const WelcomeReport report = process.run(command());
      if (!report.error) return;
      let_pass(seconds(61));
    }
    FAIL() << "never done";
  }

  void expect_one_pin_and_at_most(std::size_t mails) {
    const std::vector<ArrivedMail> got = mails_to(address());
    ASSERT_GE(got.size(), 1u);
    EXPECT_LE(got.size(), mails);
    for (const ArrivedMail& mail : got) {
      EXPECT_EQ(pin_in(mail), pin_in(got.front()));
      EXPECT_EQ(message_id_in(mail), message_id_in(got.front()));
    }
    EXPECT_TRUE(is_valid(*bob_, pin_in(got.front())));
    EXPECT_EQ(
        number("SELECT COUNT(*) FROM welcomes WHERE state IN ('queued', 'sending', 'uncertain') AND kind = "
               "'welcome'"),
        0);
    EXPECT_EQ(
        number("SELECT COUNT(*) FROM welcomes WHERE kind = 'welcome' AND person = :p", {{"p", bob_->id}}), 1)
        << "no second welcome was issued";
  }

  std::optional<Person> bob_;
  int round_ = 0;
};
DIALIN_ON_BOTH_STORES(Faults);

TEST_P(Faults, AKillAtEveryCheckpointAndTheSameCommandAgain) {
  begin();
  std::vector<std::string> all;
  {
    Process process(*this);
    process.run(command());
    all = process.checkpoints.reached;
  }
  ASSERT_GT(all.size(), 15u);
  ASSERT_EQ(all.back(), "after-commit-reported");
  all.pop_back();  // then it is over, and the same command is a new one
  for (int at = 1; at <= static_cast<int>(all.size()); ++at) {
    const std::string& name = all[at - 1];
    SCOPED_TRACE(fmt::format("killed at {} ({})", at, name));
    begin();
    {
      Process process(*this);
      process.checkpoints.at_count = at;
      EXPECT_THROW(process.run(command()), Killed);
      EXPECT_EQ(process.checkpoints.reached.back(), name);
    }
    const std::size_t arrived = mails_to(address()).size();
    if (arrived == 0) {
      EXPECT_TRUE(is_valid(*bob_, "86204"));
    }
    type_until_done();
    const bool recorded = std::find(all.begin(), all.begin() + at, "after-commit-record") != all.begin() + at;
    expect_one_pin_and_at_most(arrived == 0 || recorded ? 1 : 2);
    deliver();
    EXPECT_EQ(mails_to("archive@contoso.com").empty(), false);
    for (const ArrivedMail& copy : mails_to("archive@contoso.com"))
      EXPECT_EQ(pin_in(copy), pin_in(mails_to(address()).front()));
  }
}

TEST_P(Faults, AFaultAtEveryCallAndTheSameCommandAgain) {
  begin();
  int calls = 0;
  {
    Process process(*this);
    process.run(command());
    calls = process.plan->calls();
  }
  ASSERT_GT(calls, 8);
  for (const Fault fault : {Fault::NotDone, Fault::AnswerLost}) {
    for (const int times : {1, 1000}) {            // once, or the store is gone from then on
      if (on_postgresql() && times > 1) continue;  // the same code, and slower
      for (int at = 1; at <= calls; ++at) {
        SCOPED_TRACE(fmt::format("{} at call {}, {} times",
                                 fault == Fault::NotDone ? "not done" : "answer lost", at, times));
        begin();
        bool failed = false;
        {
          Process process(*this);
          process.plan->fail_at(at, fault, times);
          try {
            process.run(command());
          } catch (const Error& error) {
            failed = true;
            EXPECT_EQ(exit_code(error.code()), 69) << error.what();
          }
          EXPECT_GT(process.plan->failed(), 0);
        }
        const std::vector<ArrivedMail> before = mails_to(address());
        if (before.empty()) {
          EXPECT_TRUE(is_valid(*bob_, "86204"));
        }
        if (failed) type_until_done();
        expect_one_pin_and_at_most(before.empty() || !failed ? 1 : 2);
      }
    }
  }
}

TEST_P(Faults, AFaultWhileAWaitingOneIsGoneOnWith) {
  begin();
  int calls = 0;
  const auto queue = [&] {
    server_.answer(deferred_recipient());
    Process process(*this);
    process.run(command());
  };
  queue();
  {
    Process process(*this);
    process.run(command());
    calls = process.plan->calls();
  }
  for (const Fault fault : {Fault::NotDone, Fault::AnswerLost}) {
    for (int at = 1; at <= calls; ++at) {
      SCOPED_TRACE(fmt::format("{} at call {}", fault == Fault::NotDone ? "not done" : "answer lost", at));
      begin();
      queue();
      bool failed = false;
      {
        Process process(*this);
        process.plan->fail_at(at, fault);
        try {
          process.run(command());
        } catch (const Error&) {
          failed = true;
        }
      }
      const bool arrived = !mails_to(address()).empty();
      if (failed) type_until_done();
      expect_one_pin_and_at_most(arrived && failed ? 2 : 1);
    }
  }
}

TEST_P(Faults, AStoreThatIsAwayForAMomentAfterTheAnswerIsAskedAgain) {
  begin();
  for (const Fault fault : {Fault::NotDone, Fault::AnswerLost}) {
    begin();
    Process process(*this);
    server_.answering = [&](const OutgoingMessage&) {
      server_.answering = nullptr;
      process.plan->fail_at(1, fault, 3);
    };
    const WelcomeReport report = process.run(command());
    EXPECT_EQ(report.mail_result, MailResult::Sent);
    EXPECT_FALSE(report.error);
    expect_one_pin_and_at_most(1);
    EXPECT_EQ(mails_to("archive@contoso.com").size(), 1u) << "its copies follow all the same";
  }
}

TEST_P(Faults, ARefusalWhoseAnswerFromTheStoreWasLostIsToldAsWhatItIs) {
  begin();
  Process process(*this);
  server_.answer(refused_recipient());
  server_.answering = [&](const OutgoingMessage&) { process.plan->fail_at(1, Fault::AnswerLost); };
  const WelcomeReport report = process.run(command());
  EXPECT_EQ(report.mail_result, MailResult::Failed);
  EXPECT_THAT(report.detail, testing::HasSubstr("no such user"));
}

TEST_P(Faults, DeliverKilledAtEveryCheckpointIsGoneOnWith) {
  const auto queue_two = [&] {
    std::vector<Person> two;
    for (int i = 0; i < 2; ++i) {
      begin();
      two.push_back(*bob_);
      server_.answer(deferred_recipient());
      Process process(*this);
      process.run(command());
    }
    let_pass(seconds(61));
    return two;
  };
  queue_two();
  std::size_t count = 0;
  {
    Process process(*this);
    process.deliver();
    count = process.checkpoints.reached.size();
  }
  for (std::size_t at = 1; at <= count; ++at) {
    SCOPED_TRACE(at);
    const std::vector<Person> two = queue_two();
    {
      Process process(*this);
      process.checkpoints.at_count = static_cast<int>(at);
      EXPECT_THROW(process.deliver(), Killed) << process.checkpoints.reached.size();
    }
    deliver();
    for (const Person& person : two) {
      const std::vector<ArrivedMail> mails = mails_to(person.mail->address());
      ASSERT_GE(mails.size(), 1u);
      EXPECT_LE(mails.size(), 2u);
      EXPECT_EQ(pin_in(mails.front()), pin_in(mails.back()));
      EXPECT_TRUE(is_valid(person, pin_in(mails.front())));
    }
  }
}

}  // namespace
}  // namespace dialin::test
