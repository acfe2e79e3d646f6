// SPDX-License-Identifier: Apache-2.0
// Every documented example of the original's cmdlets for PIN policies, as bash hands it over, and what the
// commands add. What the original's shell pipes from one cmdlet into the next is written here with lists,
// filters or files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PolicyCommands : public testing::Test {
 protected:
  void SetUp() override {
    const auto people = bench.file("people.csv",
                                   "SipAddress,DisplayName,Mail,Site,Region\n"
                                   "kenmyer@litwareinc.com,Ken Myer,ken@litwareinc.com,Redmond,Redmond\n"
                                   "pilar@litwareinc.com,Pilar Ackerman,,Redmond,Redmond\n"
                                   "jean@litwareinc.com,Jean Trenary,,Paris,Paris\n");
    ASSERT_EQ(bench.run({"people", "import", people.string()}), 0) << bench.error();
  }

  unsigned least(const std::string& identity) {
    const auto store = bench.open_store();
    const PolicySet set = store->policies().policies();
    const NamedPolicy* found = set.find(*ScopeIdentity::parse(identity));
    return found == nullptr ? 0 : found->policy.minimum_length;
  }
  std::string granted(const std::string& address) { return bench.person(address).pin_policy; }

  CommandBench bench;
};

// ---- New-CsPinPolicy

TEST_F(PolicyCommands, NewExampleOneTakesDefaultsForTheRest) {
  ASSERT_EQ(bench.run({"New-CsPinPolicy", "-Identity", "site:Redmond", "-MinPasswordLength", "10", "-Force"}),
            0)
      << bench.error();
  EXPECT_EQ(bench.output(),
            "Identity             : site:Redmond\n"
            "Description          :\n"
            "MinPasswordLength    : 10\n"
            "PINHistoryCount      : 0\n"
            "AllowCommonPatterns  : False\n"
            "PINLifetime          : 0\n"
            "MaximumLogonAttempts :\n"
            "ChangeAtFirstUse     : False\n");
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("2 people have the policy site:Redmond, 0 of them a PIN"),
                                   HasSubstr("binds the next PIN")));
}

TEST_F(PolicyCommands, NewExampleTwoSetsThreeProperties) {
  ASSERT_EQ(bench.run({"New-CsPinPolicy", "-Identity", "site:Redmond", "-MinPasswordLength", "10",
                       "-PINHistoryCount", "10", "-PINLifetime", "30", "-Confirm:false", "-Output", "json"}),
            0)
      << bench.error();
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("\"MinPasswordLength\": 10"), HasSubstr("\"PINHistoryCount\": 10"),
                    HasSubstr("\"PINLifetime\": 30"), HasSubstr("\"MaximumLogonAttempts\": null")));
}

// Examples three and four hand properties on through variables of the shell.
TEST_F(PolicyCommands, NewExampleFourTakesALengthFromAVariable) {
  ASSERT_EQ(bench.run({"New-CsPinPolicy", "site:Redmond", "-MinPasswordLength", "10", "-Force"}), 0);
  ASSERT_EQ(bench.run({"New-CsPinPolicy", "-Identity", "site:Paris", "-MinPasswordLength",
                       std::to_string(least("site:Redmond"))}),
            0)
      << bench.error();
  EXPECT_EQ(least("site:Paris"), 10U);
}

TEST_F(PolicyCommands, NewRefusesWhatCannotBe) {
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "x", "-MinPasswordLength", "3"}), 64);
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "x", "-MinPasswordLength", "25"}), 64);
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "x", "-PINHistoryCount", "21"}), 64);
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "x", "-PINLifetime", "1000", "-PINHistoryCount", "1"}), 64);
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "x", "-MaximumLogonAttempts", "0"}), 64);
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "x", "-MaximumLogonAttempts", "1000"}), 64);
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "x", "-AllowCommonPatterns", "perhaps"}), 64);
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "service:x"}), 64);
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "x", "-PINLifetime", "30"}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("PINHistoryCount"));
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "global", "-MinPasswordLength", "7"}), 1) << "there is one already";
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "x"}), 0) << bench.error();
  EXPECT_EQ(bench.run({"New-CsPinPolicy", "tag:X"}), 1);
}

// ---- Set-CsPinPolicy

TEST_F(PolicyCommands, SetExampleOneChangesThePolicyOfASite) {
  ASSERT_EQ(bench.run({"policy", "new", "site:Redmond", "--yes"}), 0);
  EXPECT_EQ(bench.run({"Set-CsPinPolicy", "-Identity", "site:Redmond", "-MinPasswordLength", "10"}), 64)
      << "two people, and nobody to ask";
  EXPECT_THAT(bench.error(), HasSubstr("It touches 2 people"));
  EXPECT_EQ(least("site:Redmond"), 5U);
  ASSERT_EQ(bench.run({"Set-CsPinPolicy", "-Identity", "site:Redmond", "-MinPasswordLength", "10", "-Force"}),
            0);
  EXPECT_EQ(bench.output(), "");
  EXPECT_EQ(least("site:Redmond"), 10U);
}

TEST_F(PolicyCommands, SetExampleTwoChangesTwoPropertiesOfAPolicyForPeople) {
  ASSERT_EQ(bench.run({"policy", "new", "RedmondUsersPinPolicy", "--pin-history-count", "3"}), 0);
  ASSERT_EQ(bench.run({"Set-CsPinPolicy", "-Identity", "RedmondUsersPinPolicy", "-MinPasswordLength", "10",
                       "-AllowCommonPatterns", "$True"}),
            0)
      << bench.error();
  const auto store = bench.open_store();
  const PolicySet set = store->policies().policies();
  EXPECT_EQ(set.find(ScopeIdentity::tag("redmonduserspinpolicy"))->policy,
            (PinPolicy{.minimum_length = 10, .history_count = 3, .allow_common_patterns = true}));
  // Unquoted, bash has made nothing of $True.
  EXPECT_EQ(bench.run({"Set-CsPinPolicy", "-Identity", "RedmondUsersPinPolicy", "-AllowCommonPatterns"}), 64);
}

TEST_F(PolicyCommands, SetExampleThreeChangesAllPolicies) {
  ASSERT_EQ(bench.run({"policy", "new", "site:Redmond", "--yes"}), 0);
  ASSERT_EQ(bench.run({"policy", "new", "Managers"}), 0);
  ASSERT_EQ(bench.run({"Set-CsPinPolicy", "-Filter", "*", "-MinPasswordLength", "10", "-Confirm:false"}), 0);
  for (const char* identity : {"global", "site:Redmond", "Managers"})
    EXPECT_EQ(least(identity), 10U) << identity;
}

TEST_F(PolicyCommands, SetExampleFourChangesTheAttemptsOfSome) {
  ASSERT_EQ(bench.run({"policy", "new", "Managers", "--min-password-length", "11"}), 0);
  ASSERT_EQ(bench.run({"Set-CsPinPolicy", "Managers", "-MaximumLogonAttempts", "25"}), 0);
  ASSERT_EQ(bench.run({"Get-CsPinPolicy", "Managers", "-Output", "json"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("\"MaximumLogonAttempts\": 25"));
  ASSERT_EQ(bench.run({"Set-CsPinPolicy", "Managers", "-MaximumLogonAttempts", "$null"}), 0);
  ASSERT_EQ(bench.run({"Get-CsPinPolicy", "Managers", "-Output", "json"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("\"MaximumLogonAttempts\": null"));
}

TEST_F(PolicyCommands, SetWithoutIdentityIsGlobalAndSaysWhoExpires) {
  ASSERT_EQ(bench.run({"pin", "set", "kenmyer@litwareinc.com"}), 0);
  ASSERT_EQ(bench.run({"Set-CsPinPolicy", "-PINLifetime", "7", "-PINHistoryCount", "2", "-WhatIf"}), 0)
      << bench.error();
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("3 people have the policy Global, 1 of them a PIN"),
                                   HasSubstr("PINs that expire sooner than before: 1, the first on 20"),
                                   HasSubstr("up to 2 former ones")));
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "kenmyer@litwareinc.com"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("PinExpirationTime :\n"));
  bench.prompter.terminal = true;
  bench.prompter.yes_no = {true};
  ASSERT_EQ(bench.run({"Set-CsPinPolicy", "-PINLifetime", "7", "-PINHistoryCount", "2"}), 0) << bench.error();
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "kenmyer@litwareinc.com"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("PinExpirationTime : 20"));
  EXPECT_EQ(bench.run({"Set-CsPinPolicy", "-PINHistoryCount", "0", "-Force"}), 64)
      << "a lifetime needs a history";
  EXPECT_EQ(bench.run({"Set-CsPinPolicy"}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("nothing to change"));
}

// ---- Get-CsPinPolicy

TEST_F(PolicyCommands, GetExamples) {
  ASSERT_EQ(bench.run({"policy", "new", "site:Redmond", "--yes", "--allow-common-patterns", "true"}), 0);
  ASSERT_EQ(bench.run({"policy", "new", "Managers"}), 0);
  ASSERT_EQ(bench.run({"Get-CsPinPolicy"}), 0);
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("Global"), HasSubstr("site:Redmond"), HasSubstr("tag:Managers")));
  ASSERT_EQ(bench.run({"Get-CsPinPolicy", "-Identity", "site:Redmond"}), 0);
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("Identity             : site:Redmond\n"), Not(HasSubstr("Global"))));
  ASSERT_EQ(bench.run({"Get-CsPinPolicy", "-Filter", "tag:*", "-Output", "csv"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("tag:Managers"), Not(HasSubstr("site:Redmond"))));
  EXPECT_EQ(bench.run({"Get-CsPinPolicy", "-Identity", "nobody"}), 1);
  EXPECT_EQ(bench.run({"Get-CsPinPolicy", "-Identity", "site:*"}), 64);
}

// ---- Grant-CsPinPolicy

TEST_F(PolicyCommands, GrantExamplesOneAndTwo) {
  ASSERT_EQ(bench.run({"policy", "new", "RedmondUsersPinPolicy", "--min-password-length", "8"}), 0);
  const std::string ken = "kenmyer@litwareinc.com";
  ASSERT_EQ(bench.run({"Grant-CsPinPolicy", "-Identity", ken, "-PolicyName", "RedmondUsersPinPolicy"}), 0)
      << bench.error();
  EXPECT_EQ(bench.output(), "");
  EXPECT_EQ(granted(ken), "RedmondUsersPinPolicy");
  EXPECT_EQ(bench.run({"Set-CsClientPin", ken, "7351946"}), 1) << "seven digits";
  ASSERT_EQ(bench.run({"Set-CsClientPin", ken, "-Output", "json"}), 0);
  EXPECT_TRUE(std::regex_search(bench.output(), std::regex("\"Pin\": \"[0-9]{8}\""))) << bench.output();
  for (const char* nothing : {"$Null", "null", ""}) {
    ASSERT_EQ(bench.run({"Grant-CsPinPolicy", ken, "redmonduserspinpolicy"}), 0) << bench.error();
    EXPECT_EQ(granted(ken), "RedmondUsersPinPolicy");
    ASSERT_EQ(bench.run({"Grant-CsPinPolicy", "-Identity", ken, "-PolicyName", nothing}), 0) << bench.error();
    EXPECT_EQ(granted(ken), "") << nothing;
  }
  // Unquoted, bash has made nothing of $Null.
  EXPECT_EQ(bench.run({"Grant-CsPinPolicy", "-Identity", ken, "-PolicyName"}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("$null"));
  EXPECT_EQ(bench.run({"Grant-CsPinPolicy", "-Identity", ken, "-PolicyName", "nobody"}), 1);
  EXPECT_EQ(bench.run({"Grant-CsPinPolicy", "-Identity", ken, "-PolicyName", "site:Redmond"}), 64);
}

TEST_F(PolicyCommands, GrantExamplesThreeAndFourGrantToThoseWhomAnotherCommandFound) {
  ASSERT_EQ(bench.run({"policy", "new", "RedmondUsersPinPolicy"}), 0);
  ASSERT_EQ(bench.run({"Get-CsUser", "-Filter", "{Region -eq \"Redmond\"}", "-Output", "csv"}), 0)
      << bench.error();
  bench.input = bench.output();
  const std::vector<std::string> grant = {"Grant-CsPinPolicy", "-Csv", "-", "-PolicyName",
                                          "RedmondUsersPinPolicy"};
  EXPECT_EQ(bench.run(grant), 64) << "two people, and nobody to ask";
  auto sure = grant;
  sure.push_back("-Confirm:false");
  ASSERT_EQ(bench.run({"Get-CsUser", "-Filter", "{Region -eq \"Redmond\"}", "-Output", "csv"}), 0);
  bench.input = bench.output();
  ASSERT_EQ(bench.run(sure), 0) << bench.error();
  EXPECT_EQ(granted("kenmyer@litwareinc.com"), "RedmondUsersPinPolicy");
  EXPECT_EQ(granted("jean@litwareinc.com"), "");
  ASSERT_EQ(bench.run({"Get-CsUser", "-Filter", "{PinPolicy -eq $Null}", "-Output", "csv"}), 0)
      << bench.error();
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("jean@"), Not(HasSubstr("kenmyer@"))));
  bench.input = bench.output();
  ASSERT_EQ(bench.run(sure), 0) << bench.error();
  EXPECT_EQ(granted("jean@litwareinc.com"), "RedmondUsersPinPolicy");
}

TEST_F(PolicyCommands, GrantTakesDisplayNamesWithWildcards) {
  ASSERT_EQ(bench.run({"policy", "new", "P"}), 0);
  ASSERT_EQ(bench.run({"Grant-CsPinPolicy", "* Myer", "P", "-PassThru", "-Output", "json"}), 0)
      << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("\"PinPolicy\": \"P\""));
  ASSERT_EQ(bench.run({"Grant-CsPinPolicy", "*", "P", "-Force"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("Unchanged: 1"));
}

// ---- Remove-CsPinPolicy

TEST_F(PolicyCommands, RemoveExamples) {
  ASSERT_EQ(bench.run({"policy", "new", "RedmondUsersPinPolicy"}), 0);
  ASSERT_EQ(
      bench.run({"policy", "grant", "kenmyer@litwareinc.com", "--policy-name", "RedmondUsersPinPolicy"}), 0);
  ASSERT_EQ(bench.run({"Remove-CsPinPolicy", "-Identity", "RedmondUsersPinPolicy"}), 0) << bench.error();
  EXPECT_EQ(granted("kenmyer@litwareinc.com"), "");
  EXPECT_EQ(bench.run({"Remove-CsPinPolicy", "-Identity", "RedmondUsersPinPolicy"}), 1);
  ASSERT_EQ(bench.run({"policy", "new", "site:Redmond", "--yes"}), 0);
  ASSERT_EQ(bench.run({"policy", "new", "site:Paris"}), 0);
  EXPECT_EQ(bench.run({"Remove-CsPinPolicy", "-Filter", "site:*"}), 64) << "three people, and nobody to ask";
  ASSERT_EQ(bench.run({"Remove-CsPinPolicy", "-Filter", "site:*", "-Force"}), 0) << bench.error();
  EXPECT_EQ(least("site:Paris") + least("site:Redmond"), 0U);
}

TEST_F(PolicyCommands, RemovingTheGlobalPolicyResetsIt) {
  ASSERT_EQ(bench.run({"policy", "set", "--min-password-length", "11", "--yes"}), 0);
  EXPECT_EQ(least("global"), 11U);
  ASSERT_EQ(bench.run({"policy", "remove", "global", "--yes"}), 0) << bench.error();
  EXPECT_EQ(least("global"), 5U);
  EXPECT_EQ(bench.run({"policy", "remove"}), 64);
}

// ---- The policy at work

TEST_F(PolicyCommands, TheHistoryBindsAdministratorsUnlessTheyIgnoreIt) {
  ASSERT_EQ(bench.run({"policy", "set", "--pin-history-count", "3", "--yes"}), 0);
  const std::string ken = "kenmyer@litwareinc.com";
  const std::vector<std::string> pins = {"73519", "86204", "97315", "40628"};
  for (std::size_t i = 0; i < 3; ++i)
    ASSERT_EQ(bench.run({"Set-CsClientPin", ken, pins[i]}), 0) << bench.error();
  EXPECT_EQ(bench.run({"Set-CsClientPin", ken, pins[0]}), 1) << "the third reset must be new";
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("PinDoesNotMeetMinimumRequirements"), HasSubstr("last 3"),
                                   HasSubstr("-IgnoreHistory"), Not(HasSubstr(pins[0]))));
  EXPECT_EQ(bench.run({"Set-CsClientPin", ken, pins[2]}), 1) << "the present one";
  ASSERT_EQ(bench.run({"Set-CsClientPin", ken, pins[3]}), 0);
  EXPECT_EQ(bench.run({"Set-CsClientPin", ken, pins[0]}), 0) << "the fourth may be the first again";
  ASSERT_EQ(bench.run({"Set-CsClientPin", ken, pins[3], "-IgnoreHistory"}), 0) << bench.error();
}

TEST_F(PolicyCommands, APinThatMustBeChangedIsSaidAndOpensNoConference) {
  ASSERT_EQ(bench.run({"policy", "set", "--change-at-first-use", "true", "--yes"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("until the person has changed them"));
  ASSERT_EQ(bench.run({"Set-CsClientPin", "kenmyer@litwareinc.com", "73519"}), 0);
  EXPECT_EQ(bench.run({"Test-CsClientPin", "kenmyer@litwareinc.com", "-Pin", "73519"}), 1);
  EXPECT_EQ(bench.output(), "PinExpired\n");
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "kenmyer@litwareinc.com", "-Detailed"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("MustChangePin     : True\n"));
}

}  // namespace
}  // namespace dialin::test
