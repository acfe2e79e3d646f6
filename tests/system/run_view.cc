// SPDX-License-Identifier: Apache-2.0
#include "run_view.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace dialin::test {
std::vector<std::string> numbered(const std::string& prefix, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= count; ++i) names.push_back(fmt::format("{}{}", prefix, i));
  return names;
}

DialinProgram::Arguments run_command(const DialinProgram& program, const std::string& name,
                                     const std::vector<std::string>& people, std::uint16_t port,
                                     const DialinProgram::Arguments& more) {
  std::string rows = "UserUri\n";
  for (const std::string& person : people) rows += person + "@contoso.com\n";
  const std::string file = program.directory().write(name + ".csv", rows).string();
  DialinProgram::Arguments command = {"welcome",
                                      "-Csv",
                                      file,
                                      "-RunName",
                                      name,
                                      "-From",
                                      "marco@contoso.com",
                                      "-SmtpServer",
                                      fmt::format("127.0.0.1:{}", port),
                                      "-NoLink",
                                      "-Yes",
                                      "-Output",
                                      "json"};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

DialinProgram::Arguments resume_command(const std::string& name) {
  return {"run", "resume", name, "-Output", "json"};
}

std::map<std::string, std::vector<KeptMail>> by_recipient(std::vector<KeptMail> mails) {
  std::map<std::string, std::vector<KeptMail>> sorted;
  for (KeptMail& mail : mails) sorted[mail.recipient].push_back(std::move(mail));
  return sorted;
}

std::size_t expect_welcomed(const DialinProgram& program, const std::vector<std::string>& people,
                            const std::vector<KeptMail>& mails, std::size_t others) {
  const std::map<std::string, std::vector<KeptMail>> sorted = by_recipient(mails);
  std::size_t repeats = 0;
  std::size_t checked = 0;
  std::set<std::string> message_ids;
  for (const std::string& person : people) {
    const auto found = sorted.find(person + "@contoso.com");
    if (found == sorted.end()) {
      ADD_FAILURE() << person << " got no mail";
      continue;
    }
    const std::vector<KeptMail>& got = found->second;
    for (const KeptMail& mail : got) {
      EXPECT_EQ(mail.pin(), got.front().pin()) << person;
      EXPECT_EQ(mail.message_id(), got.front().message_id()) << person;
    }
    EXPECT_TRUE(message_ids.insert(got.front().message_id()).second) << person;
    repeats += got.size() - 1;
    if (got.size() > 1 || checked++ < others) {
      EXPECT_TRUE(program.pin_is(person, got.front().pin())) << person;
    }
  }
  return repeats;
}

void expect_finished(const DialinProgram& program, const std::string& name,
                     const std::vector<std::string>& people, const std::string& pin_result) {
  const nlohmann::json run = object_of(program.run({"run", "show", name, "-Output", "json"}));
  EXPECT_EQ(run.at("State"), "finished");
  EXPECT_EQ(run.at("Rows"), people.size());
  EXPECT_EQ(run.at("Sent"), people.size());
  EXPECT_EQ(run.at("Left"), 0);
  EXPECT_EQ(run.at("CopiesFailed"), 0);
  const Completed report = program.run({"run", "report", name});
  EXPECT_EQ(report.exit_code, 0) << report.error;
  std::istringstream lines(report.output);
  std::string line;
  std::getline(lines, line);
  std::set<std::string> reported;
  while (std::getline(lines, line)) {
    EXPECT_NE(line.find(fmt::format(",{},Sent,", pin_result)), std::string::npos) << line;
    reported.insert(line.substr(line.find(',') + 1, line.find('@') - line.find(',') - 1));
  }
  std::set<std::string> expected;
  for (const std::string& person : people) expected.insert("sip:" + person);
  EXPECT_EQ(reported, expected);
}

}  // namespace dialin::test
