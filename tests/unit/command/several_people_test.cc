// SPDX-License-Identifier: Apache-2.0
// Commands for several people at once: lists, display names with *, files, filters, questions; the original's
// examples of Set-, Get-, Lock- and Unlock-CsClientPin; Get-, Set-, Enable-, Disable-CsUser; imports that
// rename and disable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SeveralPeople : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0) << bench.error();
    bench.prompter.terminal = false;
  }
  bool has_pin(const std::string& who) {
    const auto store = bench.open_store();
    return store->pins().pin_of(bench.person(who).id).verifier.has_value();
  }
  bool locked(const std::string& who) {
    const auto store = bench.open_store();
    return store->pins().pin_of(bench.person(who).id).lock.has_value();
  }
  CommandBench bench;
};

// ---- Set-CsClientPin

TEST_F(SeveralPeople, SetExamplesOneAndTwo) {
  ASSERT_EQ(bench.run({"Set-CsClientPin", "-Identity", "contoso\\bob"}), 0) << bench.error();
  EXPECT_TRUE(std::regex_search(bench.output(), std::regex("Pin               : [0-9]{5}\n")))
      << bench.output();
  ASSERT_EQ(bench.run({"Set-CsClientPin", "-Identity", "contoso\\bob", "-Pin", "18723834"}), 0)
      << bench.error();
  EXPECT_EQ(bench.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "18723834"}), 0);
}

TEST_F(SeveralPeople, EachOfSeveralGetsAPinOfTheirOwn) {
  const std::vector<std::string> words = {"Set-CsClientPin", "bob@contoso.com,marco@contoso.com"};
  EXPECT_EQ(bench.run(words), 64) << "nobody to ask";
  EXPECT_THAT(bench.error(), HasSubstr("2 people, replacing 0"));
  EXPECT_FALSE(has_pin("bob@contoso.com"));
  bench.prompter.terminal = true;
  bench.prompter.yes_no = {true};
  ASSERT_EQ(bench.run(words), 0) << bench.error();
  EXPECT_TRUE(has_pin("bob@contoso.com"));
  EXPECT_TRUE(has_pin("marco@contoso.com"));
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com", "marco@contoso.com", "--force", "--output", "csv"}),
            0);
  EXPECT_TRUE(std::regex_search(bench.output(), std::regex("bob@contoso.com,[0-9]{5},True\r\n")))
      << bench.output();
  EXPECT_EQ(bench.run({"pin", "set", "bob@contoso.com", "marco@contoso.com", "--pin", "73519", "--yes"}), 64)
      << "one PIN for two";
  EXPECT_THAT(bench.error(), Not(HasSubstr("73519")));
}

TEST_F(SeveralPeople, SetExampleFourIsForThoseWhoHaveNoPin) {
  ASSERT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "73519"}), 0);
  ASSERT_EQ(bench.run({"Set-CsClientPin", "-PinNotSet", "-Confirm:false"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("marco@contoso.com"), Not(HasSubstr("bob@contoso.com")),
                                    Not(HasSubstr("pilar@contoso.com"))))
      << "pilar is disabled";
  EXPECT_EQ(bench.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "73519"}), 0);
  ASSERT_EQ(bench.run({"Set-CsClientPin", "-PinNotSet"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("Nobody is meant"));
}

TEST_F(SeveralPeople, AFileBindsByTheNamesOfItsColumns) {
  bench.input = "PIN;Ignored;Identity\n73519;x;bob@contoso.com\n;y;CONTOSO\\marco\n";
  ASSERT_EQ(bench.run({"Set-CsClientPin", "-Csv", "-", "-Force", "-Output", "csv"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("sip:bob@contoso.com,,True"));
  EXPECT_THAT(bench.output() + bench.error(), Not(HasSubstr("73519")));
  EXPECT_EQ(bench.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "73519"}), 0);
  EXPECT_TRUE(has_pin("marco@contoso.com"));
}

TEST_F(SeveralPeople, ABadRowOfTheFileIsListedAndNothingIsDone) {
  bench.input =
      "Identity,Pin\nbob@contoso.com,12a45\nnobody@contoso.com,\nmarco@contoso.com,\nmarco@contoso.com,\n* "
      "Akers,\n";
  EXPECT_EQ(bench.run({"Set-CsClientPin", "-Csv", "-", "-Force"}), 64);
  EXPECT_THAT(bench.error(),
              AllOf(HasSubstr("input:2: Pin"), HasSubstr("input:3: Identity"), HasSubstr("input:5: Identity"),
                    HasSubstr("line 4 already"), HasSubstr("input:6: Identity"), Not(HasSubstr("12a45"))));
  EXPECT_FALSE(has_pin("marco@contoso.com"));
  bench.input = "Name\nbob\n";
  EXPECT_EQ(bench.run({"Set-CsClientPin", "-Csv", "-", "-Force"}), 64);
}

TEST_F(SeveralPeople, WhoeverCannotGetAPinIsNamedAndTheOthersGoOn) {
  ASSERT_EQ(bench.run({"Lock-CsClientPin", "bob@contoso.com", "-Reason", "lost"}), 0);
  EXPECT_EQ(bench.run({"pin", "set", "bob@contoso.com", "marco@contoso.com", "pilar@contoso.com", "--yes",
                       "--output", "csv"}),
            1);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("UserPinAccountLocked"), HasSubstr("PinNotEnabledForUser")));
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("bob@contoso.com,,False"), HasSubstr("pilar@contoso.com,,False")));
  EXPECT_TRUE(has_pin("marco@contoso.com"));
}

TEST_F(SeveralPeople, ADisplayNameMayHoldACommaOrAStar) {
  ASSERT_EQ(bench.run({"people", "add", "sam@contoso.com", "--display-name", "Abolrous, Sam"}), 0);
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "Abolrous, Sam"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("sip:sam@contoso.com"));
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "* Kelly"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("Identity          : sip:bob@contoso.com\n")) << "one is a list";
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "*"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("IsPinSet"), HasSubstr("bob@"), HasSubstr("pilar@")));
  EXPECT_EQ(bench.run({"Get-CsClientPinInfo", "* Nobody"}), 1);
  EXPECT_EQ(bench.run({"Get-CsClientPinInfo"}), 64);
}

// ---- Get-CsClientPinInfo

TEST_F(SeveralPeople, DetailsTellPolicyLockAndLastWelcome) {
  ASSERT_EQ(bench.run({"policy", "new", "site:Redmond", "--yes"}), 0);
  ASSERT_EQ(bench.run({"welcome", "bob@contoso.com", "--from", "marco@contoso.com", "--smtp-server",
                       "mail.contoso.com", "--no-link"}),
            0)
      << bench.error();
  ASSERT_EQ(bench.run({"Lock-CsClientPin", "bob@contoso.com", "-Reason", "telephone lost"}), 0);
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "bob@contoso.com", "-Detailed", "-Output", "json"}), 0);
  EXPECT_THAT(
      bench.output(),
      AllOf(HasSubstr("\"PinPolicy\": \"site:Redmond\""), HasSubstr("\"LockReason\": \"telephone lost\""),
            HasSubstr("\"LockedBy\": \""), Not(HasSubstr("\"LockedSince\": null")),
            HasSubstr("\"WelcomeState\": \"sent\""), HasSubstr("\"WelcomeSentTo\": \"bob@contoso.com\""),
            HasSubstr("\"MailServer\": \"mail.contoso.com:25\"")));
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "marco@contoso.com", "-Detailed"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("LockReason        :\n"), HasSubstr("WelcomeState      :\n")));
}

TEST_F(SeveralPeople, DetailsTellWhichKindOfLockAndWhatIsCounted) {
  ASSERT_EQ(bench.run({"Set-CsClientPin", "bob@contoso.com", "73519"}), 0);
  for (int i = 0; i < 25; ++i)
    EXPECT_EQ(bench.run({"Test-CsClientPin", "bob@contoso.com", "-Pin", "86204"}), 1);
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "bob@contoso.com", "-Detailed", "-Output", "json"}), 0);
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("\"LockKind\": \"LockedOut\""), HasSubstr("\"FailuresInAll\": 25"),
                    Not(HasSubstr("\"LockedOutUntil\": null")), HasSubstr("\"LockedSince\": null")));
  ASSERT_EQ(bench.run({"Lock-CsClientPin", "bob@contoso.com"}), 0);
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "bob@contoso.com", "-Detailed", "-Output", "json"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("\"LockKind\": \"Locked, LockedOut\""));
  ASSERT_EQ(bench.run({"Unlock-CsClientPin", "bob@contoso.com"}), 0);
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "bob@contoso.com", "-Detailed", "-Output", "json"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("\"LockKind\": null"), HasSubstr("\"FailuresInAll\": 0")));
}

// ---- Lock- and Unlock-CsClientPin

TEST_F(SeveralPeople, LockExamples) {
  ASSERT_EQ(bench.run({"Lock-CsClientPin", "-Identity", "bob@contoso.com"}), 0);
  EXPECT_TRUE(locked("bob@contoso.com"));
  // Those who have a PIN, by the output of another command.
  ASSERT_EQ(bench.run({"pin", "set", "marco@contoso.com", "kim.akers@contoso.com", "--yes"}), 0);
  bench.input = "Identity\nmarco@contoso.com\nkim.akers@contoso.com\n";
  EXPECT_EQ(bench.run({"Lock-CsClientPin", "-Csv", "-"}), 64) << "nobody to ask";
  EXPECT_FALSE(locked("marco@contoso.com"));
  bench.input = "Identity\nmarco@contoso.com\nkim.akers@contoso.com\n";
  ASSERT_EQ(bench.run({"Lock-CsClientPin", "-Csv", "-", "-Force"}), 0) << bench.error();
  EXPECT_TRUE(locked("marco@contoso.com"));
}

TEST_F(SeveralPeople, LockingTheExpiredLeavesThoseThatNeverExpire) {
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com", "marco@contoso.com", "--yes"}), 0);
  ASSERT_EQ(bench.run({"Lock-CsClientPin", "-Expired", "-Confirm:false"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("Nobody is meant"));
  EXPECT_FALSE(locked("bob@contoso.com"));
  ASSERT_EQ(bench.run({"Lock-CsClientPin", "bob@contoso.com", "-Expired"}), 0);
  EXPECT_FALSE(locked("bob@contoso.com"));
}

TEST_F(SeveralPeople, UnlockingAllThatAreLocked) {
  ASSERT_EQ(bench.run({"pin", "lock", "bob@contoso.com", "marco@contoso.com", "--yes", "--reason", "audit"}),
            0);
  ASSERT_EQ(bench.run({"Get-CsClientPinInfo", "-Locked"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("bob@"), HasSubstr("marco@"), Not(HasSubstr("kim.akers@"))));
  EXPECT_EQ(bench.run({"Unlock-CsClientPin", "-Locked"}), 64);
  ASSERT_EQ(bench.run({"Unlock-CsClientPin", "-Locked", "-Force"}), 0);
  EXPECT_FALSE(locked("bob@contoso.com"));
  EXPECT_FALSE(locked("marco@contoso.com"));
}

// ---- ...-CsUser

TEST_F(SeveralPeople, GetCsUserShowsOneAsAListAndManyAsATable) {
  ASSERT_EQ(bench.run({"Get-CsUser", "-Identity", "bob@contoso.com"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("SipAddress        : sip:bob@contoso.com\n"),
                                    HasSubstr("LineUri           : tel:+14255550101;ext=50101\n")));
  ASSERT_EQ(bench.run({"Get-CsUser", "-Filter", "Region -eq Paris -and Language -like fr*"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("elodie"), Not(HasSubstr("bob@"))));
  ASSERT_EQ(bench.run({"Get-CsUser", "-Filter", "Enabled -eq $false", "-Output", "csv"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("pilar@"), Not(HasSubstr("bob@"))));
  EXPECT_EQ(bench.run({"Get-CsUser", "nobody@contoso.com"}), 1);
}

TEST_F(SeveralPeople, SetCsUserChangesWhatIsNamed) {
  ASSERT_EQ(
      bench.run({"Set-CsUser", "-Identity", "bob@contoso.com", "-LineUri", "tel:+14255551297;ext=51297"}), 0)
      << bench.error();
  Person bob = bench.person("bob@contoso.com");
  EXPECT_EQ(bob.line_uri->uri(), "tel:+14255551297;ext=51297");
  EXPECT_EQ(bob.region, "Redmond");
  ASSERT_EQ(bench.run({"Set-CsUser", "bob@contoso.com", "-LineUri", "$null", "-Site", "Paris", "-Language",
                       "fr-ca", "-ConferenceId", "42"}),
            0);
  bob = bench.person("bob@contoso.com");
  EXPECT_FALSE(bob.line_uri);
  EXPECT_EQ(bob.site + bob.language + bob.conference_id, "Parisfr-CA42");
  EXPECT_EQ(bench.run({"Set-CsUser", "bob@contoso.com", "-LineUri", "tel:+14255550102;ext=50102"}), 1)
      << "marco's";
  EXPECT_THAT(bench.error(), HasSubstr("-ShareNumber"));
  EXPECT_EQ(bench.run({"Set-CsUser", "bob@contoso.com", "-Language", "?"}), 64);
  EXPECT_EQ(bench.run({"Set-CsUser", "bob@contoso.com"}), 64);
  EXPECT_EQ(bench.run({"Set-CsUser", "bob@contoso.com,marco@contoso.com", "-Region", "Paris"}), 64)
      << "nobody to ask";
  ASSERT_EQ(
      bench.run({"Set-CsUser", "bob@contoso.com,marco@contoso.com", "-Region", "Paris", "-Confirm:false"}),
      0);
  EXPECT_EQ(bench.person("marco@contoso.com").region, "Paris");
}

TEST_F(SeveralPeople, DisableAndEnableCsUser) {
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com"}), 0);
  EXPECT_EQ(bench.run({"Disable-CsUser", "bob@contoso.com,marco@contoso.com"}), 64) << "nobody to ask";
  ASSERT_EQ(bench.run({"Disable-CsUser", "bob@contoso.com,marco@contoso.com", "-Confirm:false"}), 0);
  EXPECT_FALSE(bench.person("bob@contoso.com").enabled);
  ASSERT_EQ(bench.run({"Enable-CsUser", "bob@contoso.com", "-KeepPin"}), 0);
  EXPECT_TRUE(has_pin("bob@contoso.com"));
  ASSERT_EQ(bench.run({"Set-CsUser", "bob@contoso.com", "-Enabled", "$False"}), 0);
  ASSERT_EQ(bench.run({"Set-CsUser", "bob@contoso.com", "-Enabled", "true"}), 0);
  EXPECT_FALSE(has_pin("bob@contoso.com"));
}

// ---- people import

TEST_F(SeveralPeople, AnImportRenamesByExternalId) {
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com", "--pin", "73519"}), 0);
  const auto file =
      bench.file("renamed.csv", "ExternalId,SipAddress\n1001,robert@contoso.com\n1002,marc@contoso.com\n");
  ASSERT_EQ(bench.run({"people", "import", file.string()}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("renamed 2"));
  EXPECT_THAT(bench.output(), HasSubstr("Renamed"));
  EXPECT_EQ(bench.run({"Test-CsClientPin", "robert@contoso.com", "-Pin", "73519"}), 0) << "the PIN stays";
}

TEST_F(SeveralPeople, DisableMissingDisablesWhoIsNotInTheFileAndNotTooMany) {
  // Four of the five that are enabled; one of them under another address.
  const auto file = bench.file("staff.csv",
                               "ExternalId,SipAddress\n1001,robert@contoso.com\n1002,marco@contoso.com\n"
                               "1003,kim.akers@contoso.com\n1004,elodie.lefevre@contoso.com\n");
  EXPECT_EQ(bench.run({"people", "import", file.string(), "--disable-missing"}), 1) << bench.error();
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("1 of 5 enabled people"), HasSubstr("--max-disable 20")));
  EXPECT_TRUE(bench.person("bob@contoso.com").enabled);
  EXPECT_EQ(bench.run({"people", "import", file.string(), "--disable-missing", "--max-disable", "19"}), 1);
  ASSERT_EQ(
      bench.run({"people", "import", file.string(), "--disable-missing", "--max-disable", "20", "--what-if"}),
      0);
  EXPECT_THAT(bench.error(), HasSubstr("disabled 1"));
  EXPECT_TRUE(bench.person("jean-philippe.bagel@contoso.com").enabled);
  ASSERT_EQ(bench.run({"people", "import", file.string(), "--disable-missing", "--max-disable", "20"}), 0);
  EXPECT_FALSE(bench.person("jean-philippe.bagel@contoso.com").enabled);
  EXPECT_TRUE(bench.person("robert@contoso.com").enabled);
}

}  // namespace
}  // namespace dialin::test
