// SPDX-License-Identifier: Apache-2.0
// A process that is stopped (SIGSTOP) for longer than its lease while another one goes on: it may come back
// at any point and does no harm.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "checkpoint_list.h"
#include "support/dialin_program.h"
#include "support/free_port.h"
#include "support/mail_receiver.h"

namespace dialin::test {
namespace {

class Stopped : public testing::TestWithParam<StoreKind> {
 protected:
  Stopped() { program_.set("queue", "lease", "\"3s\""); }

  DialinProgram program_{GetParam()};
  MailReceiver receiver_;
};

// A person for each checkpoint that lies outside of a transaction; all are stopped at the same time.
TEST_P(Stopped, AtEveryCheckpoint) {
  std::vector<std::string> people;
  for (int i = 0; i <= 40; ++i) people.push_back(fmt::format("p{}", i));
  program_.import_people(people);
  const std::vector<std::string> names =
      checkpoints_in(program_.run(welcome_command("p0", receiver_.port()), {}, tell()).error);
  ASSERT_LE(names.size(), 40U);

  struct Late {
    std::size_t number;
    std::unique_ptr<ChildProcess> process;
    std::future<Completed> other;
  };
  std::vector<Late> all;
  for (std::size_t number = 1; number <= names.size(); ++number) {
    if (names[number - 1].rfind("before-commit-", 0) == 0) continue;
    all.push_back(
        {number, program_.start(welcome_command(people[number], receiver_.port()), stop_at(number)), {}});
    wait_until_stopped(*all.back().process);
  }
  ASSERT_GE(all.size(), 12U);
  // The same command by others, which wait for the leases of those who have one.
  for (Late& late : all) {
    late.other = std::async(std::launch::async, [this, name = people[late.number]] {
      return program_.run(welcome_command(name, receiver_.port()));
    });
  }
  for (Late& late : all) {
    SCOPED_TRACE(names[late.number - 1]);
    const Completed other = late.other.get();
    EXPECT_EQ(other.exit_code, 0) << other.error;
    EXPECT_TRUE(program_.pin_is(people[late.number],
                                receiver_.mails_to(people[late.number] + "@contoso.com").back().pin()));
  }
  for (Late& late : all) late.process->resume();
  for (Late& late : all) {
    SCOPED_TRACE(names[late.number - 1]);
    const Completed ended = late.process->wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.error;
    const std::vector<KeptMail> mails = receiver_.mails_to(people[late.number] + "@contoso.com");
    ASSERT_EQ(mails.size(), names[late.number - 1] == "answered" ? 2U : 1U);
    EXPECT_EQ(mails.front().pin(), mails.back().pin());
    EXPECT_EQ(mails.front().message_id(), mails.back().message_id());
    EXPECT_TRUE(program_.pin_is(people[late.number], mails.back().pin()));
  }
  const std::size_t mails = receiver_.mails().size();
  EXPECT_EQ(program_.run({"deliver"}).exit_code, 0);
  EXPECT_EQ(receiver_.mails().size(), mails);
}

// The same while a copy is on its way: `dialin deliver` sends it in place of the stopped process.
TEST_P(Stopped, AtEveryCheckpointOfACopy) {
  std::vector<std::string> people;
  for (int i = 0; i <= 60; ++i) people.push_back(fmt::format("p{}", i));
  program_.import_people(people);
  const auto command = [this](const std::string& name) {
    return welcome_command(name, receiver_.port(), {"-Cc", "boss-" + name + "@contoso.com"});
  };
  const auto copies_of = [this](const std::string& name) {
    return receiver_.mails_to("boss-" + name + "@contoso.com");
  };
  const std::vector<std::string> names = checkpoints_in(program_.run(command("p0"), {}, tell()).error);
  const auto begin = std::find(names.begin(), names.end(), "recorded");
  const auto end = std::find(begin, names.end(), "copy-recorded");
  ASSERT_NE(end, names.end());

  struct Late {
    std::size_t number;
    std::unique_ptr<ChildProcess> process;
  };
  std::vector<Late> all;
  for (auto name = begin; name <= end; ++name) {
    if (name->rfind("before-commit-", 0) == 0) continue;
    const auto number = static_cast<std::size_t>(name - names.begin()) + 1;
    all.push_back({number, program_.start(command(people[number]), stop_at(number))});
    wait_until_stopped(*all.back().process);
  }
  ASSERT_GE(all.size(), 6U);
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(program_.run({"deliver"}).exit_code, 0);
    return std::all_of(all.begin(), all.end(), [&](const Late& late) {
      const std::vector<KeptMail> copies = copies_of(people[late.number]);
      const bool before_the_answer = names[late.number - 1] != "copy-answered";
      return copies.size() == (before_the_answer ? 1U : 2U);
    });
  }));
  for (Late& late : all) late.process->resume();
  for (Late& late : all) {
    SCOPED_TRACE(names[late.number - 1]);
    const Completed ended = late.process->wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.error;
    const std::vector<KeptMail> copies = copies_of(people[late.number]);
    ASSERT_EQ(copies.size(), names[late.number - 1] == "copy-answered" ? 2U : 1U);
    EXPECT_EQ(copies.front().message_id(), copies.back().message_id());
    const std::vector<KeptMail> mails = receiver_.mails_to(people[late.number] + "@contoso.com");
    ASSERT_EQ(mails.size(), 1U);
    EXPECT_TRUE(program_.pin_is(people[late.number], mails.front().pin()));
  }
}

// The server holds the answer to the dot, and the sender is stopped meanwhile: the mail goes out again with
// the same PIN, and the late answer is one more Accepted of the same welcome.
TEST_P(Stopped, WhileTheServerHasTheMail) {
  program_.import_people({"bob"});
  receiver_.hold(MailReceiver::At::Dot);
  const auto late = program_.start(welcome_command("bob", receiver_.port()));
  receiver_.wait_until_held();
  late->stop();
  receiver_.release();
  const Completed other = program_.run(welcome_command("bob", receiver_.port()));
  EXPECT_EQ(other.exit_code, 0) << other.error;
  late->resume();
  EXPECT_EQ(late->wait().exit_code, 0);
  const std::vector<KeptMail> mails = receiver_.mails_to("bob@contoso.com");
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].pin(), mails[1].pin());
  EXPECT_EQ(mails[0].message_id(), mails[1].message_id());
  EXPECT_TRUE(program_.pin_is("bob", mails[0].pin()));
}

// Late after its lease, and a newer decision stands: it may neither send nor set its PIN.
TEST_P(Stopped, WhileThePinIsSet) {
  const std::vector<std::string> checkpoints = {"claimed", "composed", "before-content"};
  program_.import_people(checkpoints);
  std::vector<std::unique_ptr<ChildProcess>> late;
  for (const std::string& name : checkpoints) {
    late.push_back(program_.start(welcome_command(name, receiver_.port()), stop_at(name)));
    wait_until_stopped(*late.back());
  }
  std::vector<std::string> pins;
  for (const std::string& name : checkpoints) {
    // Waits until the lease of the stopped one has run out.
    const Completed set = program_.run({"pin", "set", name + "@contoso.com", "-Output", "json"});
    ASSERT_EQ(set.exit_code, 0) << set.error;
    pins.push_back(object_of(set).at("Pin"));
  }
  for (std::size_t i = 0; i < late.size(); ++i) {
    SCOPED_TRACE(checkpoints[i]);
    late[i]->resume();
    const Completed ended = late[i]->wait();
    EXPECT_EQ(ended.exit_code, 1) << ended.error;
    EXPECT_EQ(object_of(ended).at("PinResult"), "Kept");
    EXPECT_EQ(object_of(ended).at("MailResult"), "NotSent");
    EXPECT_TRUE(program_.pin_is(checkpoints[i], pins[i]));
  }
  EXPECT_TRUE(receiver_.mails().empty());
}

INSTANTIATE_TEST_SUITE_P(System, Stopped, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

// Inside of a transaction that writes it holds everybody up: on SQLite they give up after 10 s and lose
// nothing.
TEST(StoppedInATransaction, OnSqliteOthersSayThatTheStoreIsHeld) {
  DialinProgram program;
  MailReceiver receiver;
  program.import_people({"bob", "ann"});
  const auto stopped =
      program.start(welcome_command("bob", receiver.port()), stop_at("before-commit-record"));
  wait_until_stopped(*stopped);
  const std::string pin = receiver.mails_to("bob@contoso.com").at(0).pin();
  EXPECT_FALSE(program.has_pin("bob"));  // reading goes on

  const auto same = program.start(welcome_command("bob", receiver.port()));
  const auto other = program.start(welcome_command("ann", receiver.port()));
  for (ChildProcess* process : {same.get(), other.get()}) {
    const Completed ended = process->wait();
    EXPECT_EQ(ended.exit_code, 69) << ended.error;
    EXPECT_NE(ended.error.find("another process has held the store"), std::string::npos) << ended.error;
  }
  stopped->resume();
  EXPECT_EQ(stopped->wait().exit_code, 0);
  EXPECT_TRUE(program.pin_is("bob", pin));
  EXPECT_EQ(program.run(welcome_command("ann", receiver.port())).exit_code, 0);
  EXPECT_EQ(receiver.mails_to("bob@contoso.com").size(), 1U);
  EXPECT_EQ(receiver.mails_to("ann@contoso.com").size(), 1U);
}

// On PostgreSQL the server ends such a transaction after 15 s, and others go on.
TEST(StoppedInATransaction, OnPostgresqlOthersGoOnAfterFifteenSeconds) {
  DialinProgram program(StoreKind::Postgresql);
  MailReceiver receiver;
  program.import_people({"bob", "ann"});
  const auto stopped =
      program.start(welcome_command("bob", receiver.port()), stop_at("before-commit-record"));
  wait_until_stopped(*stopped);
  const auto since = std::chrono::steady_clock::now();
  const std::string pin = receiver.mails_to("bob@contoso.com").at(0).pin();
  Completed other;
  // Whoever comes early is told to try again, after the 10 s that a lock is waited for.
  do {
    other = program.run(welcome_command("ann", receiver.port()));
    EXPECT_TRUE(other.exit_code == 0 || other.exit_code == 69) << other.exit_code << ": " << other.error;
  } while (other.exit_code != 0 && std::chrono::steady_clock::now() - since < std::chrono::seconds(60));
  EXPECT_EQ(other.exit_code, 0) << other.error;
  EXPECT_FALSE(program.has_pin("bob"));  // what was not committed is undone

  stopped->resume();
  const Completed ended = stopped->wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_TRUE(program.pin_is("bob", pin));
  EXPECT_EQ(receiver.mails_to("bob@contoso.com").size(), 1U);
  EXPECT_EQ(receiver.mails_to("ann@contoso.com").size(), 1U);
}

}  // namespace
}  // namespace dialin::test
