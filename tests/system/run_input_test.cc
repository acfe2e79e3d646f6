// SPDX-License-Identifier: Apache-2.0
// Files that are long, bad, cut off, changed meanwhile or no files at all.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "run_view.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Ends with its own exit code, after a line "KIB n" on standard error: the most memory that was resident.
constexpr const char* Measured =
    "import resource, subprocess, sys\n"
    "code = subprocess.run(sys.argv[1:]).returncode\n"
    "print('\\nKIB', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
    "sys.exit(code)\n";

class RunInput : public testing::Test {
 protected:
  DialinProgram::Arguments command(const std::string& file, const DialinProgram::Arguments& more = {}) const {
    DialinProgram::Arguments arguments = {"welcome",
                                          "-Csv",
                                          file,
                                          "-From",
                                          "marco@contoso.com",
                                          "-SmtpServer",
                                          fmt::format("127.0.0.1:{}", receiver_.port()),
                                          "-NoLink",
                                          "-Output",
                                          "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::string write(const std::string& text) {
    return program_.directory().write("users.csv", text).string();
  }
  std::string rows_of(const std::vector<std::string>& people) const {
    std::string text = "UserUri\r\n";
    for (const std::string& person : people) text += person + "@contoso.com\r\n";
    return text;
  }
  struct Resident {
    Completed done;
    long kib = 0;
  };
  Resident measured(const DialinProgram::Arguments& arguments) const {
    Command command = program_.command(arguments);
    command.arguments.insert(command.arguments.begin(), {"python3", "-c", Measured});
    Resident result{run(command, {}, std::chrono::seconds(120))};
    const std::size_t at = result.done.error.rfind("\nKIB ");
    if (at == std::string::npos) throw std::runtime_error("nothing was measured: " + result.done.error);
    result.kib = std::stol(result.done.error.substr(at + 5));
    result.done.error.resize(at);
    return result;
  }

  DialinProgram program_;
  MailReceiver receiver_;
};

// script/bench input reads a million.
TEST_F(RunInput, APreviewOfManyNeedsTheMemoryOfAFew) {
  constexpr std::size_t few = 1000, many = 20'000;
  const std::vector<std::string> people = numbered("p", many);
  program_.import_people(people);
  const Resident small =
      measured(command(write(rows_of({people.begin(), people.begin() + few})), {"-WhatIf"}));
  const Resident large = measured(command(write(rows_of(people)), {"-WhatIf"}));
  for (const Resident* one : {&small, &large}) EXPECT_EQ(one->done.exit_code, 0) << one->done.error;
  EXPECT_THAT(large.done.output, HasSubstr("To welcome:     20,000"));
  std::cout << fmt::format("{} KiB for {} rows, {} KiB for {}\n", small.kib, few, large.kib, many);
  // What a row costs is the line of its person, a hash and a number; the rest is pages of the store that are
  // kept.
  EXPECT_LT(large.kib, small.kib + 8192);
  EXPECT_EQ(receiver_.connections(), 2U) << "looked at, and nothing sent";
  EXPECT_EQ(receiver_.mail_count(), 0U);
}

TEST_F(RunInput, FortyThousandBadRowsAreSummedUpInFlatMemory) {
  const auto bad = [](std::size_t count) {
    std::string text = "UserUri\r\n";
    for (std::size_t i = 0; i < count; ++i)
      text += i % 4 == 0 ? "no address at all\r\n" : fmt::format("nobody{}@contoso.com\r\n", i);
    return text;
  };
  program_.import_people({"p1"});
  // Nothing is staged, so no pages of the store are kept.
  const Resident small = measured(command(write(bad(4000)), {"-WhatIf"}));
  const Resident large = measured(command(write(bad(40'000)), {"-WhatIf"}));
  for (const Resident* one : {&small, &large}) EXPECT_EQ(one->done.exit_code, 64);
  const std::string& said = large.done.error;
  EXPECT_THAT(said, AllOf(HasSubstr("40,000 rows"), HasSubstr("UserDoesNotExist"), HasSubstr("nothing was")));
  EXPECT_LT(std::count(said.begin(), said.end(), '\n'), 60) << said;
  EXPECT_LT(said.size(), 10'000U);
  std::cout << fmt::format("{} KiB for 4,000 bad rows, {} KiB for 40,000\n", small.kib, large.kib);
  EXPECT_LT(large.kib, small.kib + 4096);
  const Completed refused = program_.run(command((program_.directory() / "users.csv").string()));
  EXPECT_EQ(refused.exit_code, 64);
  EXPECT_EQ(refused.error, said);
  EXPECT_EQ(program_.run({"run", "list", "-Output", "json"}).output.find("users"), std::string::npos)
      << "nothing is left of it";
}

TEST_F(RunInput, AFileThatChangesAfterItsPreviewIsReadAnew) {
  program_.import_people({"p1", "p2", "p3"});
  const std::string file = write(rows_of({"p1", "p2"}));
  const Completed preview = program_.run(command(file, {"-WhatIf"}));
  EXPECT_THAT(preview.output, HasSubstr("To welcome:     2"));
  write(rows_of({"p3", "p2"}));
  const Completed done = program_.run(command(file));
  EXPECT_EQ(done.exit_code, 0) << done.error;
  EXPECT_THAT(done.error, HasSubstr("To welcome:     2"));
  EXPECT_TRUE(receiver_.mails_to("p1@contoso.com").empty());
  EXPECT_EQ(receiver_.mails_to("p3@contoso.com").size(), 1U);
  EXPECT_EQ(receiver_.mail_count(), 2U);
}

// What the question was about is what is sent, whatever stands in the file by the time of the answer.
TEST_F(RunInput, AFileThatChangesDuringTheQuestionIsRunAsItWasShown) {
  program_.import_people({"p1", "p2", "p3"});
  const std::string file = write(rows_of({"p1", "p2"}));
  Command typed = program_.command(command(file));
  typed.terminal = Terminal::All;
  ChildProcess process(typed);
  process.expect("[y/N]");
  write(rows_of({"p3"}));
  process.write("y\n");
  EXPECT_EQ(process.wait().exit_code, 0);
  EXPECT_EQ(expect_welcomed(program_, {"p1", "p2"}, receiver_.mails()), 0U);
  EXPECT_EQ(receiver_.mail_count(), 2U);
}

TEST_F(RunInput, AFileThatEndsInMidRowIsRefused) {
  program_.import_people({"p1", "p2"});
  // The address of p2 was cut, and a quoted cell was.
  for (const char* text : {"UserUri,Language\r\np1@contoso.com,en\r\np2@con",
                           "UserUri,Language\r\np1@contoso.com,en\r\n\"p2@contoso.com"}) {
    const Completed done = program_.run(command(write(text)));
    EXPECT_EQ(done.exit_code, 64) << done.error;
    EXPECT_THAT(done.error, HasSubstr("users.csv:3: ")) << text;
    EXPECT_THAT(done.error, HasSubstr("nothing was changed or sent"));
  }
  EXPECT_EQ(receiver_.connections(), 0U);
  EXPECT_FALSE(program_.has_pin("p1"));
}

TEST_F(RunInput, ARowOfAMegabyteIsABadRow) {
  program_.import_people({"p1", "p2"});
  const std::string text = "UserUri,Language\r\np1@contoso.com,en\r\np2@contoso.com," +
                           std::string(1 << 20, 'x') + "\r\np2@contoso.com,en\r\n";
  const std::string file = write(text);
  const Completed refused = program_.run(command(file));
  EXPECT_EQ(refused.exit_code, 64);
  EXPECT_THAT(refused.error, HasSubstr("users.csv:3: Language: is longer than"));
  EXPECT_LT(refused.error.size(), 5000U) << "it is not repeated";
  EXPECT_EQ(receiver_.mail_count(), 0U);
  const Completed done = program_.run(command(file, {"-SkipInvalid"}));
  EXPECT_EQ(done.exit_code, 1) << "a bad row is not forgotten";
  EXPECT_EQ(object_of(done).at("Sent"), 2);
  EXPECT_EQ(object_of(done).at("Invalid"), 1);
  EXPECT_EQ(receiver_.mail_count(), 2U);
}

// A run that sends mails of several kinds knows what a person of a site gets.
TEST_F(RunInput, ARetryGivesALateComerWhatTheirSiteGets) {
  program_.set("site.paris.mail", "from", "\"paris@contoso.com\"");
  const auto import = [&](const std::string& rows) {
    const std::string file =
        program_.directory().write("sites.csv", "SipAddress,Mail,Site\r\n" + rows).string();
    ASSERT_EQ(program_.run({"people", "import", file}).exit_code, 0);
  };
  import("sip:p1@contoso.com,p1@contoso.com,\r\nsip:p2@contoso.com,p2@contoso.com,Paris\r\n");
  DialinProgram::Arguments first =
      command(write(rows_of({"p1", "p2", "p3", "p4"})), {"-SkipInvalid", "-RunName", "march"});
  first.erase(std::find(first.begin(), first.end(), "-From"),
              std::find(first.begin(), first.end(), "-SmtpServer"));
  program_.set("mail", "from", "\"marco@contoso.com\"");
  const Completed done = program_.run(first);
  ASSERT_EQ(done.exit_code, 1) << done.error;
  import("sip:p3@contoso.com,p3@contoso.com,PARIS\r\nsip:p4@contoso.com,p4@contoso.com,Rome\r\n");
  const Completed again = program_.run({"run", "retry", "march", "-Output", "json"});
  EXPECT_EQ(again.exit_code, 0) << again.error;
  EXPECT_EQ(expect_welcomed(program_, {"p1", "p2", "p3", "p4"}, receiver_.mails()), 0U);
  EXPECT_EQ(receiver_.mails_to("p3@contoso.com").at(0).sender, "paris@contoso.com");
  EXPECT_EQ(receiver_.mails_to("p4@contoso.com").at(0).sender, "marco@contoso.com");
}

TEST_F(RunInput, APipeIsReadOnce) {
  const std::vector<std::string> people = numbered("p", 20);
  program_.import_people(people);
  const Completed piped = program_.run(command("-"), rows_of({people.begin(), people.begin() + 10}));
  EXPECT_EQ(piped.exit_code, 0) << piped.error;
  EXPECT_EQ(receiver_.mail_count(), 10U);
  // Process substitution: /dev/fd/63.
  const std::string file = write(rows_of({people.begin() + 10, people.end()}));
  Command substituted = program_.command(command("$1"));
  std::string script;
  for (const std::string& word : substituted.arguments)
    script += word == "$1" ? "<(cat \"$1\") " : "'" + word + "' ";
  substituted.arguments = {"/bin/bash", "-c", script, "bash", file};
  const Completed done = run(substituted);
  EXPECT_EQ(done.exit_code, 0) << done.error;
  EXPECT_EQ(expect_welcomed(program_, people, receiver_.mails()), 0U);
  EXPECT_EQ(receiver_.mail_count(), people.size());
  // The same octets again are the same input, wherever they come from.
  const Completed again = program_.run(command("-"), rows_of({people.begin() + 10, people.end()}));
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.error, HasSubstr("nothing left to do"));
}

}  // namespace
}  // namespace dialin::test
