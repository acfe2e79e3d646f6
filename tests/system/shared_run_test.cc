// SPDX-License-Identifier: Apache-2.0
// Several processes that send the same people's welcomes at once: each person gets exactly one mail.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "run_view.h"
#include "support/free_port.h"

namespace dialin::test {
namespace {

using testing::AnyOf;

class SharedRun : public testing::TestWithParam<StoreKind> {
 protected:
  void expect_one_mail_each(const std::vector<std::string>& people) {
    const std::vector<KeptMail> mails = receiver_.mails();
    EXPECT_EQ(expect_welcomed(program_, people, mails), 0U);
    EXPECT_EQ(mails.size(), people.size());
  }
  std::string state_of(const std::string& run) const {
    return object_of(program_.run({"run", "show", run, "-Output", "json"})).at("State");
  }
  void expect_ends_at_once(ChildProcess& watch) {
    watch.signal(SIGTERM);
    const Completed ended = watch.wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.error;
  }

  DialinProgram program_{GetParam()};
  MailReceiver receiver_;
};

TEST_P(SharedRun, IsFollowedByWhoeverResumesItMeanwhile) {
  const std::vector<std::string> people = numbered("p", 30);
  program_.import_people(people);
  const DialinProgram::Arguments command = run_command(program_, "march", people, receiver_.port());
  receiver_.hold(MailReceiver::At::Dot);
  const auto first = program_.start(command);
  receiver_.wait_until_held();
  const auto second = program_.start(command);
  const auto third = program_.start(resume_command("march"));
  for (ChildProcess* follower : {second.get(), third.get()}) {
    ASSERT_TRUE(eventually([&] { return follower->error().find("it is followed") != std::string::npos; }))
        << follower->error();
  }
  receiver_.release();
  for (ChildProcess* process : {first.get(), second.get(), third.get()}) {
    const Completed done = process->wait();
    EXPECT_EQ(done.exit_code, 0) << done.error;
    EXPECT_EQ(object_of(done).at("State"), "finished");
    EXPECT_EQ(object_of(done).at("Sent"), people.size());
  }
  expect_one_mail_each(people);
  expect_finished(program_, "march", people);
}

// A follower takes over when the one that it follows is killed.
TEST_P(SharedRun, IsTakenOverByItsFollower) {
  const std::vector<std::string> people = numbered("p", 30);
  program_.import_people(people);
  const DialinProgram::Arguments command = run_command(program_, "march", people, receiver_.port());
  receiver_.hold(MailReceiver::At::Rcpt);
  const auto first = program_.start(command);
  receiver_.wait_until_held();
  const auto follower = program_.start(resume_command("march"));
  ASSERT_TRUE(eventually([&] { return follower->error().find("it is followed") != std::string::npos; }))
      << follower->error();
  first->kill();
  receiver_.release();
  const Completed done = follower->wait();
  EXPECT_EQ(done.exit_code, 0) << done.error;
  expect_one_mail_each(people);
  expect_finished(program_, "march", people);
}

TEST_P(SharedRun, IsWorkedOffByTwoAtOnce) {
  const std::vector<std::string> people = numbered("p", 60);
  program_.import_people(people);
  const Completed queued = program_.run(run_command(program_, "march", people, receiver_.port(), {"-AsJob"}));
  ASSERT_EQ(queued.exit_code, 0) << queued.error;
  EXPECT_TRUE(receiver_.mails().empty());
  const auto one = program_.start({"deliver"});
  const auto other = program_.start({"deliver"});
  for (ChildProcess* process : {one.get(), other.get()}) {
    const Completed done = process->wait();
    // What the other one is sending has to wait.
    EXPECT_THAT(done.exit_code, AnyOf(0, 75)) << done.error;
  }
  EXPECT_EQ(program_.run({"deliver"}).exit_code, 0);
  expect_one_mail_each(people);
  expect_finished(program_, "march", people);
}

TEST_P(SharedRun, ALongWatchSendsWhatIsQueuedForIt) {
  const std::vector<std::string> people = numbered("p", 20);
  program_.import_people(people);
  const auto watch = program_.start({"deliver", "--watch"});
  ASSERT_TRUE(eventually([&] { return watch->error().find("until it is stopped") != std::string::npos; }));
  const Completed queued = program_.run(run_command(program_, "march", people, receiver_.port(), {"-AsJob"}));
  ASSERT_EQ(queued.exit_code, 0) << queued.error;
  EXPECT_TRUE(eventually([&] { return state_of("march") == "finished"; }));
  EXPECT_TRUE(eventually([&] { return watch->output().find("Run march") != std::string::npos; }));
  expect_ends_at_once(*watch);
  expect_one_mail_each(people);
  expect_finished(program_, "march", people);
}

// A run, eight single commands for people of the same file, and `deliver --watch`.
TEST_P(SharedRun, AndSingleCommandsAndAWatchAtOnce) {
  const std::vector<std::string> people = numbered("p", 60);
  program_.import_people(people);
  const auto watch = program_.start({"deliver", "--watch"});
  const auto run = program_.start(run_command(program_, "march", people, receiver_.port()));
  std::vector<std::unique_ptr<ChildProcess>> singles;
  for (std::size_t i = 0; i < 8; ++i)
    singles.push_back(program_.start(welcome_command(people[7 * i + 3], receiver_.port())));
  for (const auto& single : singles) {
    const Completed done = single->wait();
    EXPECT_EQ(done.exit_code, 0) << done.error;
  }
  const Completed done = run->wait();
  EXPECT_EQ(done.exit_code, 0) << done.error;
  EXPECT_EQ(object_of(done).at("State"), "finished");
  expect_ends_at_once(*watch);
  expect_one_mail_each(people);
  EXPECT_EQ(program_.outbox("Queued") + program_.outbox("Sending"), 0U);
  EXPECT_EQ(program_.outbox("Sent"), people.size());
}

INSTANTIATE_TEST_SUITE_P(System, SharedRun, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

}  // namespace
}  // namespace dialin::test
