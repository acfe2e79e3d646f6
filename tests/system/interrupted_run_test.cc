// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and a closed terminal in a run; and the same file again and again.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "run_view.h"
#include "support/free_port.h"

namespace dialin::test {
namespace {

using testing::HasSubstr;
using At = MailReceiver::At;

class InterruptedRun : public testing::TestWithParam<int> {
 protected:
  InterruptedRun() { program_.import_people(people_); }

  std::unique_ptr<ChildProcess> start_and_hold() {
    receiver_.hold(At::Dot);
    auto process = program_.start(command_);
    receiver_.wait_until_held();
    return process;
  }

  const std::vector<std::string> people_ = numbered("p", 60);
  DialinProgram program_;
  MailReceiver receiver_;
  const DialinProgram::Arguments command_ = run_command(program_, "march", people_, receiver_.port());
};

TEST_P(InterruptedRun, FinishesWhatIsInFlightAndIsResumedByTheSameFile) {
  const auto process = start_and_hold();
  process->signal(GetParam());
  // Signals are looked at five times a second: one that ended it would have done so by then.
  EXPECT_FALSE(eventually([&] { return !process->running(); }, std::chrono::seconds(1)));
  receiver_.release();
  const Completed ended = process->wait();
  EXPECT_EQ(ended.exit_code, 130) << ended.error;
  EXPECT_THAT(ended.error, HasSubstr("run resume march"));
  const std::size_t sent = receiver_.mails().size();
  EXPECT_GE(sent, 1U);
  // On each connection the one whose content is on its way, and the next one, whose envelope went along with
  // it: a session looks ahead when it writes content, and after a signal it does not
  // (SessionPool::must_leave).
  EXPECT_LE(sent, 2 * connections_of_a_run);
  EXPECT_EQ(object_of(ended).at("Sent"), sent);
  EXPECT_EQ(object_of(ended).at("Left"), people_.size() - sent);
  EXPECT_EQ(object_of(ended).at("State"), "ready");

  const Completed again = program_.run(command_);
  EXPECT_EQ(again.exit_code, 0) << again.error;
  EXPECT_EQ(expect_welcomed(program_, people_, receiver_.mails()), 0U);
  EXPECT_EQ(receiver_.mails().size(), people_.size());
  expect_finished(program_, "march", people_);
}

TEST_P(InterruptedRun, EndsAtTheSecondSignal) {
  const auto process = start_and_hold();
  // Two signals that meet are one: sent again until it has ended.
  ASSERT_TRUE(eventually([&] {
    process->signal(GetParam());
    return !process->running();
  }));
  EXPECT_EQ(process->wait().exit_code, 128 + GetParam());
  const std::size_t on_the_way = receiver_.mails().size();
  EXPECT_LE(on_the_way, connections_of_a_run);
  receiver_.release();

  const Completed again = program_.run(resume_command("march"));
  EXPECT_EQ(again.exit_code, 0) << again.error;
  EXPECT_LE(expect_welcomed(program_, people_, receiver_.mails()), on_the_way);
  expect_finished(program_, "march", people_);
}

INSTANTIATE_TEST_SUITE_P(System, InterruptedRun, testing::Values(SIGINT, SIGHUP),
                         [](const auto& info) { return info.param == SIGINT ? "Int" : "Hup"; });

// A customer's habits: always -Force, and the same file again after a partial failure.
class SameFileAgain : public testing::TestWithParam<StoreKind> {
 protected:
  DialinProgram program_{GetParam()};
  MailReceiver receiver_;
};

TEST_P(SameFileAgain, MailsOnlyThoseThatFailed) {
  constexpr std::size_t all = 12, refused = 4;
  const std::vector<std::string> people = numbered("p", all);
  program_.import_people(people);
  for (const std::string& person : people)
    ASSERT_EQ(program_.run({"pin", "set", person + "@contoso.com"}).exit_code, 0);
  DialinProgram::Arguments command = run_command(program_, "march", people, receiver_.port(), {"-Force"});
  receiver_.answer(At::Rcpt, std::vector<std::string>(refused, "550 5.1.1 no such user"));
  const Completed first = program_.run(command);
  EXPECT_EQ(first.exit_code, 1) << first.error;
  EXPECT_EQ(object_of(first).at("Sent"), all - refused);
  EXPECT_EQ(object_of(first).at("Failed"), refused);
  EXPECT_EQ(receiver_.mails().size(), all - refused);
  std::map<std::string, std::string> pins;
  for (const KeptMail& mail : receiver_.mails()) pins[mail.recipient] = mail.pin();

  const Completed second = program_.run(command);
  EXPECT_EQ(second.exit_code, 0) << second.error;
  EXPECT_EQ(expect_welcomed(program_, people, receiver_.mails()), 0U);
  EXPECT_EQ(receiver_.mails().size(), all);
  expect_finished(program_, "march", people, "Replaced");
  for (const auto& [address, pin] : pins)
    EXPECT_TRUE(program_.pin_is(address.substr(0, address.find('@')), pin)) << address;

  const Completed third = program_.run(command);
  EXPECT_EQ(third.exit_code, 0) << third.error;
  EXPECT_THAT(third.error, HasSubstr("nothing left to do"));
  EXPECT_EQ(receiver_.mails().size(), all);

  // The name is taken; with another one it is another run, and everybody gets another PIN.
  command.emplace_back("-NewRun");
  EXPECT_EQ(program_.run(command).exit_code, 1);
  EXPECT_EQ(receiver_.mails().size(), all);
  std::replace(command.begin(), command.end(), std::string("march"), std::string("april"));
  const Completed fourth = program_.run(command);
  EXPECT_EQ(fourth.exit_code, 0) << fourth.error;
  EXPECT_EQ(receiver_.mails().size(), 2 * all);
  for (const auto& [address, mails] : by_recipient(receiver_.mails())) {
    ASSERT_EQ(mails.size(), 2U) << address;
    EXPECT_NE(mails[0].message_id(), mails[1].message_id());
    EXPECT_TRUE(program_.pin_is(address.substr(0, address.find('@')), mails[1].pin())) << address;
  }
  expect_finished(program_, "april", people, "Replaced");
}

// The failed addresses are corrected in the file, which is another input then: nobody's new PIN is replaced
// without the customer being told and asked.
TEST_P(SameFileAgain, ACorrectedFileDoesNotReplaceFreshPinsUnasked) {
  constexpr std::size_t all = 6;
  const std::vector<std::string> people = numbered("p", all);
  program_.import_people(people);
  const auto write_file = [&](const std::string& corrected) {
    std::string rows = "UserUri;UserEmailAddress\r\n";
    for (const std::string& person : people)
      rows += fmt::format("{}@contoso.com;{}{}@contoso.com\r\n", person, person == corrected ? "new-" : "",
                          person);
    program_.directory().write("utilisateurs.csv", rows);
  };
  DialinProgram::Arguments typed = {"welcome",
                                    "-Csv",
                                    "utilisateurs.csv",
                                    "-From",
                                    "marco@contoso.com",
                                    "-SmtpServer",
                                    fmt::format("127.0.0.1:{}", receiver_.port()),
                                    "-NoLink",
                                    "-Output",
                                    "json",
                                    "-Force"};
  write_file("");
  receiver_.answer(At::Rcpt, {"550 5.1.1 no such user"});
  const Completed first = program_.run(typed);
  ASSERT_EQ(first.exit_code, 1) << first.error;
  std::map<std::string, std::string> pins;
  for (const KeptMail& mail : receiver_.mails())
    pins[mail.recipient.substr(0, mail.recipient.find('@'))] = mail.pin();
  ASSERT_EQ(pins.size(), all - 1);
  const std::string failed =
      *std::find_if(people.begin(), people.end(), [&](const auto& person) { return !pins.contains(person); });

  write_file(failed);
  const Completed second = program_.run(typed);
  EXPECT_EQ(second.exit_code, 64) << second.error;
  EXPECT_THAT(second.error, HasSubstr("5 PINs are replaced, 5 of them less than 7 days old"));
  EXPECT_EQ(receiver_.mails().size(), all - 1);

  // Without -Force only who has none.
  typed.pop_back();
  const Completed third = program_.run(typed);
  EXPECT_EQ(third.exit_code, 0) << third.error;
  // And a notice to the person's own address, because the PIN went to another one.
  ASSERT_EQ(receiver_.mails().size(), all + 1);
  EXPECT_EQ(receiver_.mails_to("new-" + failed + "@contoso.com").size(), 1U);
  const std::vector<KeptMail> notices = receiver_.mails_to(failed + "@contoso.com");
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_THAT(notices[0].header("Subject"), testing::Not(HasSubstr("Welcome")));
  for (const auto& [person, pin] : pins) EXPECT_TRUE(program_.pin_is(person, pin)) << person;
}

// A name belongs to one input.
TEST_P(SameFileAgain, AnotherFileUnderATakenNameIsRefused) {
  const std::vector<std::string> people = numbered("p", 2);
  program_.import_people(people);
  ASSERT_EQ(program_.run(run_command(program_, "march", {"p1"}, receiver_.port())).exit_code, 0);
  const Completed refused = program_.run(run_command(program_, "march", {"p2"}, receiver_.port()));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.error, HasSubstr("there is a run march already"));
  EXPECT_EQ(receiver_.mails().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(System, SameFileAgain, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

}  // namespace
}  // namespace dialin::test
