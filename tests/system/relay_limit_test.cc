// SPDX-License-Identifier: Apache-2.0
// Eight processes, runs and single commands, against one limit of a mail server: judged by what the server
// saw.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <thread>

#include "checkpoint_list.h"
#include "run_view.h"
#include "support/free_port.h"

namespace dialin::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr std::size_t connections_allowed = 3;
constexpr std::size_t messages_a_second = 30;

std::size_t most_in_a_second(const std::vector<KeptMail>& mails) {
  std::vector<std::chrono::steady_clock::time_point> times;
  for (const KeptMail& mail : mails) times.push_back(mail.begun);
  std::sort(times.begin(), times.end());
  std::size_t most = 0;
  for (auto first = times.begin(), last = first; last != times.end(); ++last) {
    while (*last - *first >= seconds(1)) ++first;
    most = std::max(most, static_cast<std::size_t>(last - first) + 1);
  }
  return most;
}

class RelayLimit : public testing::TestWithParam<StoreKind> {
 protected:
  RelayLimit() {
    program_.set("smtp", "server", fmt::format("\"127.0.0.1:{}\"", receiver_.port()));
    program_.set("smtp", "connections", std::to_string(connections_allowed));
    program_.set("smtp", "rate", fmt::format("\"{}/s\"", messages_a_second));
  }

  DialinProgram program_{GetParam()};
  MailReceiver receiver_;
};

TEST_P(RelayLimit, HoldsForEightProcesses) {
  constexpr std::size_t runs = 4, people_a_run = 30, loops = 4, people_a_loop = 6;
  std::vector<std::string> everybody;
  std::vector<std::vector<std::string>> of_runs, of_loops;
  for (std::size_t i = 0; i < runs; ++i) of_runs.push_back(numbered(fmt::format("r{}-", i), people_a_run));
  for (std::size_t i = 0; i < loops; ++i) of_loops.push_back(numbered(fmt::format("s{}-", i), people_a_loop));
  for (const auto& people : of_runs) everybody.insert(everybody.end(), people.begin(), people.end());
  for (const auto& people : of_loops) everybody.insert(everybody.end(), people.begin(), people.end());
  program_.import_people(everybody);

  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<ChildProcess>> processes;
  for (std::size_t i = 0; i < runs; ++i) {
    processes.push_back(
        program_.start(run_command(program_, fmt::format("run{}", i), of_runs[i], receiver_.port())));
  }
  std::vector<std::thread> singles;
  for (const auto& people : of_loops) {
    singles.emplace_back([&] {
      for (const std::string& person : people) {
        const Completed done = program_.run(welcome_command(person, receiver_.port()));
        EXPECT_EQ(done.exit_code, 0) << done.error;
      }
    });
  }
  // One dies with connections and permits in its hands; what it leaves behind is another's.
  const std::string killed_run = "run0";
  EXPECT_TRUE(eventually([&] {
    const auto sorted = by_recipient(receiver_.mails());
    return std::any_of(of_runs[0].begin(), of_runs[0].end(),
                       [&](const auto& person) { return sorted.contains(person + "@contoso.com"); });
  }));
  processes.front()->kill();
  const Completed resumed = program_.run(resume_command(killed_run));
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error;
  for (std::size_t i = 1; i < runs; ++i) {
    const Completed done = processes[i]->wait();
    EXPECT_EQ(done.exit_code, 0) << done.error;
  }
  for (std::thread& single : singles) single.join();
  const auto took = std::chrono::steady_clock::now() - begun;

  const std::vector<KeptMail> mails = receiver_.mails();
  const std::size_t repeats = expect_welcomed(program_, everybody, mails);
  EXPECT_LE(repeats, most_repeats_of_a_kill);
  const std::size_t most = most_in_a_second(mails);
  std::cout << fmt::format("{} mails in {} ms, at most {} in a second, {} connections, {} repeats\n",
                           mails.size(), std::chrono::duration_cast<std::chrono::milliseconds>(took).count(),
                           most, receiver_.most_connections(), repeats);
  EXPECT_LE(most, messages_a_second);
  EXPECT_LE(receiver_.most_connections(), connections_allowed);
  for (std::size_t i = 0; i < runs; ++i) expect_finished(program_, fmt::format("run{}", i), of_runs[i]);
}

// All connections are in use by somebody who takes their time.
TEST_P(RelayLimit, ASingleWelcomeWaitsForAConnectionAndCanBeInterrupted) {
  program_.set("smtp", "connections", "1");
  program_.import_people({"ann", "bob"});
  receiver_.hold(MailReceiver::At::Dot);
  const auto first = program_.start(welcome_command("ann", receiver_.port()));
  receiver_.wait_until_held();
  const auto second = program_.start(welcome_command("bob", receiver_.port()));
  ASSERT_TRUE(eventually([&] { return second->error().find("waiting for one") != std::string::npos; }));
  second->signal(SIGINT);
  const Completed interrupted = second->wait();
  EXPECT_EQ(interrupted.exit_code, 130) << interrupted.error;
  EXPECT_EQ(object_of(interrupted).at("MailResult"), "Queued");
  EXPECT_THAT(interrupted.error, HasSubstr("othing is lost"));

  const auto third = program_.start(welcome_command("bob", receiver_.port()));
  ASSERT_TRUE(eventually([&] { return third->error().find("waiting for one") != std::string::npos; }));
  // Killed, the first one holds its connection no longer.
  first->kill();
  receiver_.release();
  const Completed done = third->wait();
  EXPECT_EQ(done.exit_code, 0) << done.error;
  EXPECT_EQ(receiver_.mails_to("bob@contoso.com").size(), 1U);
  EXPECT_EQ(receiver_.most_connections(), 1U);
}

// A run that has all connections hands one on to who has none.
TEST_P(RelayLimit, ASingleWelcomeNeedNotWaitForTheEndOfARun) {
  program_.set("smtp", "connections", "1");
  program_.set("smtp", "rate", "\"10/s\"");
  const std::vector<std::string> people = numbered("p", 70);
  program_.import_people(people);
  program_.import_people({"bob"});
  const auto run = program_.start(run_command(program_, "march", people, receiver_.port()));
  ASSERT_TRUE(eventually([&] { return receiver_.mail_count() > 0; }));
  const Completed single = program_.run(welcome_command("bob", receiver_.port()));
  EXPECT_EQ(single.exit_code, 0) << single.error;
  EXPECT_LT(receiver_.mail_count(), people.size()) << "the run was not over";
  const Completed done = run->wait();
  EXPECT_EQ(done.exit_code, 0) << done.error;
  expect_finished(program_, "march", people);
  EXPECT_EQ(receiver_.mails().size(), people.size() + 1);
  EXPECT_EQ(receiver_.most_connections(), 1U);
}

// The second is told how long, stays queued, and is not sent before.
TEST_P(RelayLimit, ADailyLimitCountsSingleWelcomes) {
  program_.set("smtp", "rate", "\"2/d\"");
  program_.import_people({"ann", "bob", "eve"});
  EXPECT_EQ(program_.run(welcome_command("ann", receiver_.port())).exit_code, 0);
  EXPECT_EQ(program_.run(welcome_command("bob", receiver_.port())).exit_code, 0);
  const Completed third = program_.run(welcome_command("eve", receiver_.port()));
  EXPECT_EQ(third.exit_code, 75) << third.error;
  EXPECT_THAT(third.error, HasSubstr("the daily limit of"));
  EXPECT_EQ(object_of(third).at("MailResult"), "Queued");
  EXPECT_EQ(program_.run({"deliver"}).exit_code, 75);
  EXPECT_TRUE(receiver_.mails_to("eve@contoso.com").empty());
}

INSTANTIATE_TEST_SUITE_P(System, RelayLimit, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

}  // namespace
}  // namespace dialin::test
