// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PinCommands : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0) << bench.error();
  }

  // Of a list: the value of `field`.
  std::string field(const std::string& name) const {
    std::smatch match;
    const std::regex pattern(name + R"( *:(?: (.*))?\n)");
    return std::regex_search(bench.output(), match, pattern) ? match[1].str() : "(absent)";
  }

  CommandBench bench;
};

TEST_F(PinCommands, ARandomPinIsShownOnceAndIsRight) {
  ASSERT_EQ(bench.run({"Set-CsClientPin", "-Identity", "bob@contoso.com"}), 0) << bench.error();
  EXPECT_EQ(field("Identity"), "sip:bob@contoso.com");
  EXPECT_EQ(field("PinReset"), "True");
  const std::string pin = field("Pin");
  ASSERT_TRUE(std::regex_match(pin, std::regex("[0-9]{5}"))) << bench.output();

  bench.input = pin + "\n";
  EXPECT_EQ(bench.run({"Test-CsClientPin", "-Identity", "bob@contoso.com", "-Pin", "-"}), 0) << bench.error();
  EXPECT_EQ(bench.output(), "Success\n");
  EXPECT_EQ(bench.run({"pin", "show", "bob@contoso.com"}), 0);
  EXPECT_THAT(bench.output() + bench.error(), Not(HasSubstr(pin)));
}

TEST_F(PinCommands, AGivenPinIsSetAndNotShown) {
  bench.input = "383042650\r\n";
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com", "--pin", "-"}), 0) << bench.error();
  EXPECT_EQ(field("Pin"), "");
  EXPECT_EQ(field("PinReset"), "True");
  EXPECT_THAT(bench.output() + bench.error(), Not(HasSubstr("383042650")));
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "383042650"}), 0);
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "383042651"}), 1);
  EXPECT_EQ(bench.output(), "IncorrectPin\n");
}

TEST_F(PinCommands, ThePinIsTheSecondPositionOfTheCmdlet) {
  ASSERT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "383042650"}), 0) << bench.error();
  EXPECT_EQ(bench.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "383042650"}), 0);
}

TEST_F(PinCommands, AForbiddenPinIsRefusedAndNotRepeated) {
  EXPECT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "-Pin", "12345"}), 1);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("PinDoesNotMeetMinimumRequirements"), Not(HasSubstr("12345"))));
  for (const char* pin : {"12a45", "123", "1234567890123456789012345"}) {
    EXPECT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "-Pin", pin}), 64) << pin;
    EXPECT_THAT(bench.error(), Not(HasSubstr(pin)));
  }
  EXPECT_EQ(bench.run({"Get-CsClientPinInfo", "bob@contoso.com"}), 0);
  EXPECT_EQ(field("IsPinSet"), "False");
}

TEST_F(PinCommands, NobodyIsMeantByAnEmptyStandardInput) {
  EXPECT_EQ(bench.run({"pin", "set", "bob@contoso.com", "--pin", "-"}), 64);
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "-"}), 64);
}

TEST_F(PinCommands, ShowsTheFivePropertiesOfTheOriginal) {
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "-Identity", "bob@contoso.com"}), 0);
  EXPECT_EQ(bench.output(),
            "Identity          : sip:bob@contoso.com\n"
            "IsPinSet          : False\n"
            "IsLockedOut       : False\n"
            "LastPinChangeTime :\n"
            "PinExpirationTime :\n");
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com"}), 0);
  ASSERT_EQ(bench.run({"pin", "show", "bob@contoso.com", "--output", "json"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("\"IsPinSet\": true"), HasSubstr("\"PinExpirationTime\": null"),
                                    Not(HasSubstr("\"LastPinChangeTime\": null"))));
}

TEST_F(PinCommands, ALockedPinIsRefusedUntilItIsUnlocked) {
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com", "--pin", "383042650"}), 0);
  ASSERT_EQ(bench.run({"Lock-CsClientPin", "bob@contoso.com", "-Reason", "telephone lost"}), 0)
      << bench.error();
  EXPECT_EQ(bench.run({"Get-CsClientPinInfo", "bob@contoso.com"}), 0);
  EXPECT_EQ(field("IsLockedOut"), "True");
  EXPECT_EQ(field("IsPinSet"), "True");
  EXPECT_EQ(bench.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "383042650"}), 1);
  EXPECT_EQ(bench.output(), "UserPinAccountLocked\n");
  EXPECT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com"}), 1);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("UserPinAccountLocked"), HasSubstr("telephone lost")));

  EXPECT_EQ(bench.run({"Lock-CsClientPin", "bob@contoso.com", "-Reason", "another"}), 0);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("already"), HasSubstr("telephone lost")));
  EXPECT_EQ(bench.run({"Unlock-CsClientPin", "bob@contoso.com"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("is unlocked"));
  EXPECT_EQ(bench.run({"Unlock-CsClientPin", "bob@contoso.com"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("was not locked"));
  EXPECT_EQ(bench.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "383042650"}), 0);
}

TEST_F(PinCommands, AReasonIsOneLineOfText) {
  EXPECT_EQ(bench.run({"Lock-CsClientPin", "bob@contoso.com", "-Reason", "a\nb"}), 64);
  EXPECT_EQ(bench.run({"Lock-CsClientPin", "bob@contoso.com", "-Reason", std::string(300, 'x')}), 64);
  EXPECT_EQ(bench.run({"Get-CsClientPinInfo", "bob@contoso.com"}), 0);
  EXPECT_EQ(field("IsLockedOut"), "False");
}

TEST_F(PinCommands, WhatIfChangesNothing) {
  EXPECT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "-WhatIf"}), 0);
  EXPECT_THAT(bench.output(), StartsWith("What if: "));
  EXPECT_EQ(bench.run({"Lock-CsClientPin", "bob@contoso.com", "-WhatIf"}), 0);
  EXPECT_EQ(bench.run({"Get-CsClientPinInfo", "bob@contoso.com"}), 0);
  EXPECT_EQ(field("IsPinSet"), "False");
  EXPECT_EQ(field("IsLockedOut"), "False");
}

TEST_F(PinCommands, ConfirmAsksAndForceSuppressesTheQuestion) {
  EXPECT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "-Confirm"}), 64);  // nobody to ask
  EXPECT_THAT(bench.error(), HasSubstr("-Confirm:false"));
  bench.prompter.terminal = true;
  bench.prompter.yes_no = {false};
  EXPECT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "-Confirm"}), 1);
  EXPECT_EQ(bench.run({"Get-CsClientPinInfo", "bob@contoso.com"}), 0);
  EXPECT_EQ(field("IsPinSet"), "False");
  bench.prompter.yes_no = {true};
  EXPECT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "-Confirm"}), 0);
  EXPECT_EQ(bench.prompter.questions.size(), 2U);
  EXPECT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "-Confirm", "-Force"}), 0);
  EXPECT_EQ(bench.prompter.questions.size(), 2U);
}

TEST_F(PinCommands, TheCheckTellsWhyNot) {
  EXPECT_EQ(bench.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "48213"}), 1);
  EXPECT_EQ(bench.output(), "PinNotSet\n");
  EXPECT_EQ(bench.run({"Test-CsClientPin", "pilar@contoso.com", "-Pin", "48213"}), 1);
  EXPECT_EQ(bench.output(), "PinNotEnabledForUser\n");
  EXPECT_EQ(bench.run({"Test-CsClientPin", "nobody@contoso.com", "-Pin", "48213"}), 1);
  EXPECT_EQ(bench.output(), "UserDoesNotExist\n");
  EXPECT_EQ(bench.run({"Test-CsClientPin", "nobody@contoso.com", "-Pin", "48213", "-Output", "json"}), 1);
  EXPECT_THAT(bench.output(), HasSubstr("\"Result\": \"UserDoesNotExist\""));
  EXPECT_EQ(bench.run({"Test-CsClientPin", "*", "-Pin", "48213"}), 64);  // several people
}

TEST(PinCommandsWithoutStore, SayWhereAStoreWasLookedForAndMakeNone) {
  CommandBench bench;
  for (const char* command :
       {"Get-CsClientPinInfo", "Set-CsClientPin", "Lock-CsClientPin", "Unlock-CsClientPin"}) {
    EXPECT_EQ(bench.run({command, "bob@contoso.com"}), 1) << command;
    EXPECT_THAT(bench.error(), HasSubstr(bench.data_directory().string()));
  }
  // "Could not find out" is never "no".
  EXPECT_EQ(bench.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "48213"}), 69);
  EXPECT_EQ(bench.output(), "");
  EXPECT_FALSE(bench.store_exists());
}

}  // namespace
}  // namespace dialin::test
