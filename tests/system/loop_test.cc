// SPDX-License-Identifier: Apache-2.0
// The original's way of welcoming many: a shell loop, and xargs with eight at a time, one process a person,
// by the cmdlet's name.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/dialin_program.h"
#include "support/mail_receiver.h"

namespace dialin::test {
namespace {

constexpr std::size_t people_count = 200;

const char* const while_read =
    "while read -r user; do Set-CsPinSendCAWelcomeMail -UserUri \"$user\" -From marco@contoso.com -Output "
    "json "
    "< /dev/null >> out 2>> err || echo \"$user $?\" >> failed; done < users";
const char* const xargs =
    "xargs -P 8 -I {} sh -c 'set-cspinsendcawelcomemail -UserUri \"$1\" -From marco@contoso.com -Output json "
    "> \"out.$1\" 2>> err || echo \"$1 $?\" >> failed' sh {} < users && cat out.* >> out";

struct Case {
  StoreKind store;
  const char* name;
  const char* first;
  const char* second;
};

void PrintTo(const Case& tested, std::ostream* out) {
  *out << tested.name;
}

class Loop : public testing::TestWithParam<Case> {};

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_P(Loop, WelcomesEachPersonOnce) {
  DialinProgram program(GetParam().store);
  MailReceiver receiver;
  std::vector<std::string> names;
  std::string users;
  for (std::size_t i = 0; i < people_count; ++i) {
    names.push_back(fmt::format("p{}", i));
    users += names.back() + "@contoso.com\n";
  }
  program.import_people(names);
  program.directory().write("users", users);
  program.set("organisation", "settings_page_url", "\"https://dialin.contoso.com/\"");
  const auto loop = [&](const char* script) {
    program.directory().write("out", "");
    program.directory().write("err", "");
    program.directory().write("failed", "");
    const Completed done =
        run(program.shell(script, {{"PSEmailServer", fmt::format("127.0.0.1:{}", receiver.port())}}), {},
            std::chrono::seconds(240));
    EXPECT_EQ(done.exit_code, 0) << done.error;
    EXPECT_EQ(read_file(program.directory() / "failed"), "");
    EXPECT_EQ(read_file(program.directory() / "err"), "");  // not "database is locked", nor anything else
    return read_file(program.directory() / "out");
  };

  const std::string first = loop(GetParam().first);
  EXPECT_EQ(count_of(first, "\"PinResult\": \"Set\""), people_count);
  EXPECT_EQ(receiver.mails().size(), people_count);
  for (const std::string& name : names) EXPECT_EQ(receiver.accepted_to(name + "@contoso.com"), 1U) << name;
  EXPECT_EQ(program.outbox("Sent"), people_count);
  for (const std::string name : {"p0", "p199"})
    EXPECT_TRUE(program.pin_is(name, receiver.mails_to(name + "@contoso.com").at(0).pin()));

  const std::string second = loop(GetParam().second);
  EXPECT_EQ(count_of(second, "\"PinResult\": \"AlreadySet\""), people_count);
  EXPECT_EQ(receiver.mails().size(), people_count);
}

INSTANTIATE_TEST_SUITE_P(System, Loop,
                         testing::Values(Case{StoreKind::Sqlite, "SqliteWhileRead", while_read, xargs},
                                         Case{StoreKind::Sqlite, "SqliteXargs", xargs, while_read},
                                         Case{StoreKind::Postgresql, "PostgresqlWhileRead", while_read,
                                              xargs},
                                         Case{StoreKind::Postgresql, "PostgresqlXargs", xargs, while_read}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace dialin::test
