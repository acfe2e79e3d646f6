// SPDX-License-Identifier: Apache-2.0
// Get-CsPinAudit and its relatives, as they are typed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "command/time_parameter.h"
#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AuditCommands : public testing::Test {
 protected:
  void SetUp() override {
    succeed({"people", "add", "bob@contoso.com", "--mail", "bob@contoso.com"});
    succeed({"people", "add", "anna@contoso.com", "--mail", "anna@contoso.com"});
    succeed({"pin", "set", "bob@contoso.com", "--pin", "383042650"});
    succeed({"pin", "lock", "anna@contoso.com", "--reason", "lost telephone", "--yes"});
  }
  std::string succeed(const std::vector<std::string>& words) {
    EXPECT_EQ(bench.run(words), 0) << bench.error();
    return bench.output();
  }
  static std::vector<nlohmann::json> json_lines(const std::string& text) {
    std::vector<nlohmann::json> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }

  CommandBench bench;
};

TEST_F(AuditCommands, LinesAreShownByPersonEventAndTime) {
  EXPECT_THAT(succeed({"audit"}), AllOf(HasSubstr("person-added"), HasSubstr("sip:anna@contoso.com"),
                                        HasSubstr("reason=lost telephone"), Not(HasSubstr("383042650"))));
  EXPECT_THAT(succeed({"Get-CsPinAudit", "bob@contoso.com"}),
              AllOf(HasSubstr("pin-set"), Not(HasSubstr("anna"))));
  const auto locked = json_lines(succeed({"audit", "--event", "pin-locked,pin-unlocked", "-Output", "json"}));
  ASSERT_EQ(locked.size(), 1U);
  EXPECT_EQ(locked[0]["identity"], "sip:anna@contoso.com");
  EXPECT_EQ(locked[0]["detail"]["reason"], "lost telephone");
  EXPECT_EQ(locked[0]["number"], 4);
  EXPECT_THAT(succeed({"audit", "--last", "2", "-Output", "csv"}),
              AllOf(HasSubstr("At,Operator"), HasSubstr("pin-set"), Not(HasSubstr("person-added"))));
  EXPECT_EQ(json_lines(succeed({"audit", "--before", "1d", "-Output", "json"})).size(), 0U);
  EXPECT_EQ(json_lines(succeed({"audit", "--since", "1d", "-Output", "json"})).size(), 4U);
  EXPECT_EQ(bench.run({"audit", "--since", "yesterday"}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("'yesterday' is no time"));
  EXPECT_EQ(bench.run({"audit", "nobody@contoso.com"}), 1);
  EXPECT_EQ(bench.run({"audit", "--checks", "--last", "3"}), 64);
  EXPECT_THAT(succeed({"audit", "--checks", "-Output", "csv"}), HasSubstr("Day,Answer,Checks"));
}

TEST_F(AuditCommands, ARemovedPersonIsShownByTheInternalId) {
  const std::string id = bench.person("bob@contoso.com").id;
  succeed({"people", "remove", "bob@contoso.com", "--yes"});
  const std::string shown = succeed({"audit", id, "-Output", "json"});
  EXPECT_THAT(shown, AllOf(HasSubstr("pin-set"), HasSubstr(id), Not(HasSubstr("bob@"))));
  EXPECT_EQ(bench.run({"audit", "verify"}), 0) << bench.error();
}

TEST_F(AuditCommands, VerifySaysHowFarItCanVouch) {
  EXPECT_THAT(succeed({"audit", "verify", "-Output", "json"}), HasSubstr("\"ProvenSigned\": 1"));
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("lines 2 to 4 are in order, and nothing but the chain itself"),
                                   HasSubstr("No head from outside"), HasSubstr("signs with the key ")));
  const std::string heads = succeed({"audit", "head"});
  EXPECT_THAT(heads, AllOf(HasSubstr("dialin-audit-head v1 "), HasSubstr(" number=4 ")));
  const auto kept = bench.file("heads", "Mar  1 10:00:00 conf1 sshd[1]: something else\n" + heads);
  EXPECT_THAT(succeed({"audit", "verify", "--head", kept.string(), "-Output", "json"}),
              HasSubstr("\"ProvenOutside\": 4"));
  EXPECT_EQ(bench.run({"audit", "verify", "--head", bench.file("none", "nothing\n").string()}), 64);
  EXPECT_EQ(bench.run({"audit", "verify", "--public-key", "rubbish"}), 64);
  std::string forged = heads;
  forged.replace(forged.find(" number=4 "), 10, " number=3 ");
  EXPECT_EQ(bench.run({"audit", "verify", "--head", bench.file("forged", forged).string()}), 1);
  EXPECT_THAT(bench.error(), HasSubstr("is not signed as it says"));
}

TEST_F(AuditCommands, ArchivedLinesAreVerifiedInTheirFile) {
  succeed({"audit", "head"});
  const std::string file = (bench.directory / "archived.jsonl").string();
  EXPECT_THAT(succeed({"audit", "archive", "--before", "2099-01-01", file, "--what-if"}),
              HasSubstr("lines 1 to 4"));
  EXPECT_FALSE(std::filesystem::exists(file));
  succeed({"audit", "archive", "--before", "2000-01-01", file});
  EXPECT_THAT(bench.error(), HasSubstr("nothing to archive"));
  succeed({"audit", "archive", "--before", "2099-01-01", file});
  EXPECT_THAT(succeed({"audit"}), AllOf(HasSubstr("audit-archived"), Not(HasSubstr("person-added"))));
  succeed({"audit", "verify", "--segment", file});
  EXPECT_THAT(bench.error(), HasSubstr("lines 1 to 4"));
  succeed({"audit", "head"});
  EXPECT_EQ(bench.run({"audit", "archive", "--before", "2099-01-01", file}), 1);  // it is there
  std::string content = read_file(file);
  content.replace(content.find("pin-set"), 7, "pin-sat");
  EXPECT_EQ(bench.run({"audit", "verify", "--segment", bench.file("changed", content).string()}), 1);
  EXPECT_THAT(bench.error(), HasSubstr("line 3 was changed"));
}

TEST_F(AuditCommands, FollowWritesWhatIsThereAndEndsWhenItIsInterrupted) {
  bench.interrupted = true;
  EXPECT_EQ(bench.run({"audit", "follow", "--from", "2"}), 130);
  EXPECT_EQ(bench.run({"audit", "follow", "--from", "0"}), 64);
}

TEST(TimeParameter, TakesDatesTimesAndSoLongAgo) {
  const Timestamp now = *parse_time("2026-03-02T00:00Z", Timestamp());
  const auto text = [&](const char* typed) {
    const auto time = parse_time(typed, now);
    return time ? to_rfc3339(*time) : "none";
  };
  EXPECT_EQ(text("2026-03-01"), "2026-03-01T00:00:00Z");
  EXPECT_EQ(text("2026-03-01T10:14"), "2026-03-01T10:14:00Z");
  EXPECT_EQ(text("2026-03-01 10:14:07"), "2026-03-01T10:14:07Z");
  EXPECT_EQ(text("2026-03-01T10:14:07+01:00"), "2026-03-01T09:14:07Z");
  EXPECT_EQ(text("2026-03-01T10:14-0530"), "2026-03-01T15:44:00Z");
  EXPECT_EQ(text("12h"), "2026-03-01T12:00:00Z");
  EXPECT_EQ(text("7d"), "2026-02-23T00:00:00Z");
  EXPECT_EQ(text("90m"), "2026-03-01T22:30:00Z");
  for (const char* wrong :
       {"", "d", "7", "-7d", "7w", "2026-02-30", "2026-3-1", "2026-03-01T", "2026-03-01T25:00",
        "2026-03-01T10:14:07+1", "2026-03-01T10:14Zulu", "99999999d", "1.3.2026"})
    EXPECT_EQ(text(wrong), "none") << wrong;
}

}  // namespace
}  // namespace dialin::test
