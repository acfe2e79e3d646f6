// SPDX-License-Identifier: Apache-2.0
// The first use by many at once: one store, one key, nobody fails.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/dialin_program.h"
#include "support/mail_receiver.h"

namespace dialin::test {
namespace {

class FirstUse : public testing::TestWithParam<StoreKind> {};

TEST_P(FirstUse, BySixteenProcesses) {
  DialinProgram program(GetParam());
  MailReceiver receiver;
  // Not even the data directory is there, where we may make it.
  std::filesystem::remove_all(program.data_directory());
  std::vector<std::unique_ptr<ChildProcess>> processes;
  for (int i = 0; i < 16; ++i) {
    const std::string name = fmt::format("p{}", i);
    processes.push_back(program.start(
        welcome_command(name, receiver.port(), {"-AddPeople", "-UserEmailAddress", name + "@contoso.com"})));
  }
  for (const auto& process : processes) {
    const Completed ended = process->wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.error;
  }
  EXPECT_EQ(object_of(program.run({"status", "-Output", "json"})).at("People"), 16);
  for (int i = 0; i < 16; ++i) {
    const std::string name = fmt::format("p{}", i);
    const std::vector<KeptMail> mails = receiver.mails_to(name + "@contoso.com");
    ASSERT_EQ(mails.size(), 1U) << name;
    EXPECT_TRUE(program.pin_is(name, mails.front().pin())) << name;
  }
  std::size_t keys = 0;
  for (const auto& entry : std::filesystem::directory_iterator(program.data_directory() / "keys")) {
    // The other one signs the audit trail.
    if (entry.is_regular_file() && entry.path().stem() != "audit-signing") ++keys;
  }
  EXPECT_EQ(keys, 1U);
  if (GetParam() == StoreKind::Sqlite) {
    EXPECT_FALSE(std::filesystem::exists(program.data_directory() / "dialin.db.new"));
  }
}

INSTANTIATE_TEST_SUITE_P(System, FirstUse, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

}  // namespace
}  // namespace dialin::test
