// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL that is away or not there: a clear error, and nothing is lost.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/free_port.h"
#include "support/postgresql_server.h"
#include "user_view.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(FaultyPostgresql, AwayAndBack) {
  PostgresqlServer server;
  DialinProgram program;
  program.set("store", "url", fmt::format("\"{}\"", server.create_database()));
  program.import_people({"bob"});
  ASSERT_EQ(program.run({"pin", "set", "bob@contoso.com", "-Pin", "-"}, "48213").exit_code, 0);
  const std::uint16_t nobody_listens = free_port();
  ASSERT_EQ(program.run(welcome_command("bob", nobody_listens, {"-Force"})).exit_code, 75);

  server.stop();
  for (const Completed& done : {program.run(welcome_command("bob", nobody_listens, {"-Force"})),
                                program.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "48213"})}) {
    EXPECT_EQ(done.exit_code, 69) << all_of(done);
    EXPECT_EQ(done.output, "");
    EXPECT_THAT(done.error,
                AllOf(HasSubstr("127.0.0.1"), HasSubstr("PostgreSQL"), Not(HasSubstr("internal error"))));
  }
  server.start();
  EXPECT_TRUE(program.pin_is("bob", "48213"));
  MailReceiver receiver;
  const Completed done = program.run(welcome_command("bob", receiver.port(), {"-Force"}));
  EXPECT_EQ(done.exit_code, 0) << all_of(done);
  ASSERT_EQ(receiver.mails().size(), 1U);
  EXPECT_TRUE(program.pin_is("bob", receiver.mails().front().pin()));
}

TEST(FaultyPostgresql, ADatabaseThatIsNotThere) {
  DialinProgram program;
  program.set("store", "url", fmt::format("\"{}\"", PostgresqlServer::shared().connection_string("nothing")));
  const Completed done = program.run({"people", "add", "bob@contoso.com"});
  EXPECT_EQ(done.exit_code, 78) << all_of(done);
  EXPECT_THAT(done.error, AllOf(HasSubstr("nothing"), HasSubstr("does not exist")));
}

}  // namespace
}  // namespace dialin::test
