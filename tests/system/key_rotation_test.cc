// SPDX-License-Identifier: Apache-2.0
// The key of a store is changed: killed at every step, and while a run is being sent and PINs are checked.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "checkpoint_list.h"
#include "run_view.h"

namespace dialin::test {
namespace {

constexpr const char* bobs_pin = "48213";

void set_bobs_pin(const DialinProgram& program) {
  const Completed done =
      program.run({"pin", "set", "bob@contoso.com", "-Pin", "-"}, std::string(bobs_pin) + "\n");
  ASSERT_EQ(done.exit_code, 0) << done.error;
}

nlohmann::json keys_of(const DialinProgram& program) {
  return nlohmann::json::parse(program.run({"key", "status", "-Output", "json"}).output);
}

// Removes the files of all keys that are not in use.
void forget_former_keys(const DialinProgram& program) {
  for (const nlohmann::json& key : keys_of(program)) {
    if (key["State"] != "Retired") continue;
    const Completed done = program.run({"key", "forget", key["Key"], "--yes"});
    EXPECT_EQ(done.exit_code, 0) << done.error;
  }
}

class KeyRotation : public testing::TestWithParam<StoreKind> {
 protected:
  DialinProgram program_{GetParam()};
  MailReceiver receiver_;
};

TEST_P(KeyRotation, WhileARunIsSentAndPinsAreChecked) {
  const std::vector<std::string> people = numbered("p", 30);
  std::vector<std::string> all = people;
  all.emplace_back("bob");
  program_.import_people(all);
  set_bobs_pin(program_);
  receiver_.hold(MailReceiver::At::Dot);
  const auto run = program_.start(run_command(program_, "march", people, receiver_.port()));
  receiver_.wait_until_held();
  // Some welcomes are on their way, others wait; the process that sends them has opened the store before.
  const Completed rotated = program_.run({"key", "rotate", "-Output", "json"});
  ASSERT_EQ(rotated.exit_code, 0) << rotated.error;
  EXPECT_GE(object_of(rotated)["Verifiers"], 1);
  EXPECT_TRUE(program_.pin_is("bob", bobs_pin));
  forget_former_keys(program_);
  receiver_.release();
  const Completed done = run->wait();
  EXPECT_EQ(done.exit_code, 0) << done.error;
  EXPECT_EQ(expect_welcomed(program_, people, receiver_.mails()), 0U);
  EXPECT_TRUE(program_.pin_is("bob", bobs_pin));
  // A second change, with nobody at work.
  ASSERT_EQ(program_.run({"key", "rotate"}).exit_code, 0);
  forget_former_keys(program_);
  EXPECT_EQ(expect_welcomed(program_, people, receiver_.mails()), 0U);
  EXPECT_EQ(program_.run({"audit", "verify"}).exit_code, 0);
}

// On SQLite: killed_command_test.cc, which kills at each batch too.
TEST(KeyRotationOnPostgresql, KilledAtEveryStep) {
  std::vector<std::string> names;
  for (std::size_t number = 0; number <= names.size(); ++number) {
    if (number > 1 && std::find(names.begin(), names.end(), names[number - 1]) - names.begin() + 1 <
                          static_cast<std::ptrdiff_t>(number))
      continue;
    SCOPED_TRACE(number == 0 ? "not killed" : names[number - 1]);
    DialinProgram program(StoreKind::Postgresql);
    MailReceiver receiver;
    program.import_people({"bob", "anna"});
    set_bobs_pin(program);
    ASSERT_EQ(program.run(welcome_command("anna", receiver.port()), {}, kill_at("issued")).exit_code, killed);
    if (number == 0) {
      names = checkpoints_in(program.run({"key", "rotate"}, {}, tell()).error);
      ASSERT_GE(names.size(), 6U);
    } else {
      ASSERT_EQ(program.run({"key", "rotate"}, {}, kill_at(number)).exit_code, killed);
      EXPECT_TRUE(program.pin_is("bob", bobs_pin));  // also in between
      const Completed again = program.run({"key", "rotate"});
      EXPECT_EQ(again.exit_code, 0) << again.error;
    }
    forget_former_keys(program);
    EXPECT_TRUE(program.pin_is("bob", bobs_pin));
    EXPECT_EQ(program.run({"deliver"}).exit_code, 0);
    ASSERT_EQ(receiver.mails_to("anna@contoso.com").size(), 1U);
    EXPECT_TRUE(program.pin_is("anna", receiver.mails_to("anna@contoso.com").front().pin()));
  }
}

INSTANTIATE_TEST_SUITE_P(System, KeyRotation, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return to_text(info.param); });

}  // namespace
}  // namespace dialin::test
