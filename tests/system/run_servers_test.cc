// SPDX-License-Identifier: Apache-2.0
// Runs and single welcomes by real mail servers: Postfix, Exim, and Dovecot's submission service. What they
// accept they send on to a receiver, where it is counted.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "run_view.h"
#include "support/free_port.h"
#include "support/mail_servers.h"

namespace dialin::test {
namespace {

class RunByServer : public testing::Test {
 protected:
  // 60 people in a run, one of them unknown to the server if it can tell, and one welcomed singly; by a
  // server that `user` signs in to, or anybody if empty.
  void expect_run_and_welcome(std::uint16_t port, const std::filesystem::path& ca_file,
                              const std::string& user, bool refuses_bad) {
    program_.set("smtp", "ca_file", fmt::format("\"{}\"", ca_file.string()));
    const std::vector<std::string> people = numbered("p", 60);
    std::vector<std::string> everybody = people;
    if (refuses_bad) everybody.insert(everybody.begin() + 30, "bad1");
    program_.import_people(everybody);
    program_.import_people({"single"});
    DialinProgram::Arguments more = {"-UseSsl"};
    if (!user.empty()) {
      const auto password = program_.directory().write("password", "secret\n");
      std::filesystem::permissions(password, std::filesystem::perms::owner_read);
      more.insert(more.end(), {"-Credential", fmt::format("{}:@{}", user, password.string())});
    }
    const Completed run = program_.run(run_command(program_, "march", everybody, port, more));
    EXPECT_EQ(run.exit_code, refuses_bad ? 1 : 0) << run.error;
    EXPECT_EQ(object_of(run).at("State"), "finished");
    EXPECT_EQ(object_of(run).at("Sent"), people.size());
    EXPECT_EQ(object_of(run).at("Failed"), refuses_bad ? 1 : 0);
    if (refuses_bad) {
      EXPECT_NE(run.error.find("no such user"), std::string::npos) << run.error;
      EXPECT_FALSE(program_.has_pin("bad1"));
    }
    const Completed welcome = program_.run(welcome_command("single", port, more));
    EXPECT_EQ(welcome.exit_code, 0) << welcome.error;
    EXPECT_EQ(object_of(welcome).at("MailResult"), "Sent");
    // Servers that relay do so later.
    EXPECT_TRUE(eventually([&] { return receiver_.mail_count() == people.size() + 1; }));
    std::vector<std::string> welcomed = people;
    welcomed.emplace_back("single");
    EXPECT_EQ(expect_welcomed(program_, welcomed, receiver_.mails()), 0U);
    EXPECT_EQ(receiver_.mail_count(), welcomed.size());
  }

  DialinProgram program_;
  MailReceiver receiver_;
};

TEST_F(RunByServer, Postfix) {
  const PostfixServer server({.recipient_answers = {{"bad1@contoso.com", "550 5.1.1 no such user"}},
                              .relay_port = receiver_.port()});
  expect_run_and_welcome(server.port(), server.ca_file(), "user", true);
}

TEST_F(RunByServer, Exim) {
  const EximServer server(receiver_.port());
  expect_run_and_welcome(server.port(), server.ca_file(), "user", true);
  EXPECT_NE(server.log().find("A=plain:user"), std::string::npos) << "it signed in";
  EXPECT_NE(server.log().find("X=TLS1."), std::string::npos);
}

TEST_F(RunByServer, DovecotSubmission) {
  const DovecotSubmission server(receiver_.port());
  expect_run_and_welcome(server.port(), server.ca_file(), "user", false);
  EXPECT_EQ(server.log().find("Panic"), std::string::npos)
      << "an envelope that comes with a final dot kills it";
}

}  // namespace
}  // namespace dialin::test
