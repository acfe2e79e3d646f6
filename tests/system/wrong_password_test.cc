// SPDX-License-Identifier: Apache-2.0
// 200 processes with a wrong password, eight at a time: the server sees it at most once for each that was on
// its way when it was refused first, and locks nobody's account.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/dialin_program.h"
#include "support/mail_receiver.h"

namespace dialin::test {
namespace {

constexpr std::size_t people_count = 200;

class WrongPassword : public testing::TestWithParam<StoreKind> {};

void write_password(const DialinProgram& program, const std::string& password) {
  std::filesystem::permissions(program.directory().write("password", password + "\n"),
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_P(WrongPassword, IsTriedOnceByTwoHundredProcesses) {
  DialinProgram program(GetParam());
  MailReceiver receiver;
  receiver.require_password("right");
  program.set("smtp", "server", fmt::format("\"127.0.0.1:{}\"", receiver.port()));
  program.set("smtp", "allow_insecure_auth", "true");
  write_password(program, "wrong");
  std::vector<std::string> names;
  std::string users;
  for (std::size_t i = 0; i < people_count; ++i) {
    names.push_back(fmt::format("p{}", i));
    users += names.back() + "@contoso.com\n";
  }
  program.import_people(names);
  program.directory().write("users", users);

  // xargs answers 123 if any of its commands did not end with 0; each writes its own code.
  const Completed done = run(
      program.shell(
          "xargs -P 8 -I {} sh -c 'Set-CsPinSendCAWelcomeMail -UserUri \"$1\" -From marco@contoso.com "
          "-NoLink -Credential admin:@password > \"out.$1\" 2> \"err.$1\"; echo $? >> codes' sh {} < users"),
      {}, std::chrono::seconds(240));
  EXPECT_EQ(done.exit_code, 0) << done.error;
  std::string expected;
  for (std::size_t i = 0; i < people_count; ++i) expected += "77\n";
  EXPECT_EQ(read_file(program.directory() / "codes"), expected)
      << read_file(program.directory() / "err.p0@contoso.com");
  EXPECT_GE(receiver.sign_ins(), 1U);
  EXPECT_LE(receiver.sign_ins(), 8U);
  EXPECT_TRUE(receiver.mails().empty());
  EXPECT_EQ(program.outbox("Queued"), people_count);

  // The timer knows no better, and does not try the same password again.
  const std::size_t sign_ins = receiver.sign_ins();
  program.run({"deliver"});
  EXPECT_EQ(receiver.sign_ins(), sign_ins);

  // Another password from the same file ends the pause by itself.
  write_password(program, "right");
  const Completed delivered = program.run({"deliver"}, {}, {}, std::chrono::seconds(240));
  EXPECT_EQ(delivered.exit_code, 0) << delivered.error;
  EXPECT_EQ(program.outbox("Sent"), people_count);
  EXPECT_EQ(receiver.mails().size(), people_count);
  for (const std::string& name : names) EXPECT_EQ(receiver.accepted_to(name + "@contoso.com"), 1U) << name;
  EXPECT_TRUE(program.pin_is("p0", receiver.mails_to("p0@contoso.com").at(0).pin()));
}

INSTANTIATE_TEST_SUITE_P(System, WrongPassword, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

}  // namespace
}  // namespace dialin::test
