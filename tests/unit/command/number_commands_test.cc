// SPDX-License-Identifier: Apache-2.0
// Every documented example of the original's cmdlets for access numbers, languages and telephone commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kRedmond = "sip:RedmondDialIn@litwareinc.com";

class NumberCommands : public testing::Test {
 protected:
  // The first example of New-CsDialInConferencingAccessNumber, with other words after it.
  int example(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"New-CsDialInConferencingAccessNumber",
                                      "-PrimaryUri",
                                      kRedmond,
                                      "-DisplayNumber",
                                      "1-800-555-1234",
                                      "-LineUri",
                                      "tel:+18005551234",
                                      "-Pool",
                                      "atl-cs-001.litwareinc.com",
                                      "-PrimaryLanguage",
                                      "en-US",
                                      "-Regions",
                                      "Redmond"};
    words.insert(words.end(), more.begin(), more.end());
    return bench.run(words);
  }
  int add(const std::string& name, const std::string& line, const std::string& language,
          const std::string& regions) {
    return bench.run({"number", "new", "sip:" + name + "@litwareinc.com", "--line-uri", line,
                      "--display-number", name, "--primary-language", language, "--regions", regions,
                      "--display-name", name + " number"});
  }
  std::vector<std::string> shown(std::vector<std::string> words) {
    words.insert(words.end(), {"-Output", "csv"});
    EXPECT_EQ(bench.run(words), 0) << bench.error();
    std::vector<std::string> names;
    for (std::size_t at = bench.output().find("\r\nsip:"); at != std::string::npos;
         at = bench.output().find("\r\nsip:", at + 1))
      names.push_back(bench.output().substr(at + 6, bench.output().find('@', at) - at - 6));
    return names;
  }
  AccessNumber number(const std::string& line) {
    const auto store = bench.open_store();
    for (AccessNumber& found : store->numbers().of_region("")) {
      if (found.line_uri.uri() == line) return found;
    }
    ADD_FAILURE() << "no number " << line;
    return {.line_uri = *PhoneNumber::parse("+100")};
  }

  CommandBench bench;
};

// ---- New-

TEST_F(NumberCommands, NewExampleOne) {
  ASSERT_EQ(example(), 0) << bench.error();
  EXPECT_EQ(bench.output(), "");
  const AccessNumber added = number("tel:+18005551234");
  EXPECT_EQ(added.primary_uri, kRedmond);
  EXPECT_EQ(added.display_number, "1-800-555-1234");
  EXPECT_THAT(added.regions, ElementsAre("Redmond"));
  EXPECT_EQ(added.primary_language, "en-US");
  EXPECT_EQ(example(), 1) << "the line is taken";
  EXPECT_THAT(bench.error(), HasSubstr("already"));
}

TEST_F(NumberCommands, NewExampleTwoHasTwoMoreLanguages) {
  ASSERT_EQ(example({"-SecondaryLanguages", "fr-CA,", "fr-FR", "-PassThru", "-Output", "json"}), 0)
      << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("\"SecondaryLanguages\": \"fr-CA|fr-FR\""));
}

TEST_F(NumberCommands, NewExampleThreeNeedsTheSiteByNameBecauseThereIsNoPool) {
  EXPECT_EQ(example({"-ScopeToSite"}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("-Site"));
  ASSERT_EQ(example({"-ScopeToSite", "-Site", "USA"}), 0) << bench.error();
  EXPECT_EQ(number("tel:+18005551234").site, "USA");
}

TEST_F(NumberCommands, NewRefusesWhatCannotBe) {
  const std::vector<std::string> rest = {"--display-number", "1", "--primary-language", "en-US",
                                         "--regions",        "R"};
  const auto refused = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"number", "new"});
    words.insert(words.end(), rest.begin(), rest.end());
    return bench.run(words);
  };
  EXPECT_EQ(refused({"SIP:a@contoso.com", "--line-uri", "tel:+18005551234"}), 64);
  EXPECT_EQ(refused({"a@contoso.com", "--line-uri", "tel:+18005551234"}), 64);
  EXPECT_EQ(refused({"sip:a@contoso.com", "--line-uri", "tel:8005551234"}), 64);
  EXPECT_EQ(refused({"sip:a@contoso.com"}), 64) << "no line";
  EXPECT_EQ(refused({"sip:a@contoso.com", "--line-uri", "tel:+18005551234", "--secondary-languages",
                     "fr-FR,fr-CA,de-DE,it-IT,es-ES"}),
            64);
  EXPECT_FALSE(bench.store_exists());
}

// ---- Get-

TEST_F(NumberCommands, GetExamples) {
  ASSERT_EQ(example(), 0);
  ASSERT_EQ(add("Seattle", "tel:+14255551299", "fr-FR", "Redmond,Portland"), 0) << bench.error();
  ASSERT_EQ(add("Rome", "tel:+390655500199", "it-IT", "Rome"), 0);
  EXPECT_EQ(shown({"Get-CsDialInConferencingAccessNumber"}).size(), 3U);
  EXPECT_THAT(shown({"Get-CsDialInConferencingAccessNumber", "-Identity", kRedmond}),
              ElementsAre("RedmondDialIn"));
  EXPECT_EQ(shown({"Get-CsDialInConferencingAccessNumber", "-Region", "Redmond"}).size(), 2U);
  EXPECT_THAT(shown({"Get-CsDialInConferencingAccessNumber", "-Region", "$Null"}), IsEmpty());
  EXPECT_THAT(shown({"Get-CsDialInConferencingAccessNumber", "-Filter", "{DisplayName -like \"*Seattle*\"}"}),
              ElementsAre("Seattle"));
  EXPECT_THAT(shown({"Get-CsDialInConferencingAccessNumber", "-Filter", "{LineUri -like \"tel:+1425*\"}"}),
              ElementsAre("Seattle"));
  EXPECT_EQ(shown({"Get-CsDialInConferencingAccessNumber", "-Filter",
                   "{LineUri -like \"tel:+1425*\" -or LineUri -like \"tel:+1800*\"}"})
                .size(),
            2U);
  EXPECT_THAT(shown({"Get-CsDialInConferencingAccessNumber", "-Filter", "PrimaryLanguage -eq it-it"}),
              ElementsAre("Rome"));
  EXPECT_EQ(shown({"number", "show", "-ResultSize", "2"}).size(), 2U);
  EXPECT_THAT(shown({"number", "show", "-ResultSize", "0"}), IsEmpty());
  EXPECT_EQ(bench.run({"number", "show", "sip:nobody@litwareinc.com"}), 1);
}

TEST_F(NumberCommands, GetExampleFiveShowsThoseOfASite) {
  ASSERT_EQ(example({"-Site", "USA"}), 0);
  ASSERT_EQ(add("Seattle", "tel:+14255551299", "en-US", "Redmond"), 0);
  EXPECT_THAT(shown({"Get-CsDialInConferencingAccessNumber", "-Region", "site:USA/Redmond"}),
              ElementsAre("RedmondDialIn"));
  EXPECT_THAT(shown({"Get-CsDialInConferencingAccessNumber", "-Region", "global/Redmond"}),
              ElementsAre("Seattle"));
}

TEST_F(NumberCommands, EmptyRegionsAreThoseThatPeopleHaveAndNoNumberHas) {
  ASSERT_EQ(bench.run({"people", "add", "bob@litwareinc.com", "--region", "redmond"}), 0);
  ASSERT_EQ(bench.run({"people", "add", "kim@litwareinc.com", "--region", "Bellevue"}), 0);
  ASSERT_EQ(example(), 0);
  ASSERT_EQ(bench.run({"Get-CsDialInConferencingAccessNumber", "-EmptyRegion"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("Bellevue"), Not(HasSubstr("edmond"))));
  EXPECT_EQ(bench.run({"Get-CsDialInConferencingAccessNumber", "-EmptyRegion", "-Region", "x"}), 64);
}

TEST_F(NumberCommands, AFilterThatCannotBeReadIsSaid) {
  ASSERT_EQ(example(), 0);
  for (const char* bad : {"LineUri", "LineUri -like", "LineUri -gt 3", "LineUir -eq 3", "LineUri -eq 'a",
                          "LineUri -eq a -xor LineUri -eq b"})
    EXPECT_EQ(bench.run({"number", "show", "-Filter", bad}), 64) << bad;
}

// ---- Set-

TEST_F(NumberCommands, SetExamplesOneAndTwo) {
  ASSERT_EQ(example(), 0);
  ASSERT_EQ(bench.run({"Set-CsDialInConferencingAccessNumber", "-Identity", kRedmond, "-DisplayName",
                       "Redmond Dial-In Access Number"}),
            0)
      << bench.error();
  EXPECT_EQ(number("tel:+18005551234").display_name, "Redmond Dial-In Access Number");
  ASSERT_EQ(bench.run({"Set-CsDialInConferencingAccessNumber", "-Identity", kRedmond, "-Regions", "Redmond,",
                       "Seattle"}),
            0);
  EXPECT_THAT(number("tel:+18005551234").regions, ElementsAre("Redmond", "Seattle"));
  EXPECT_EQ(number("tel:+18005551234").display_number, "1-800-555-1234");
}

TEST_F(NumberCommands, SetExamplesThreeAndSixChangeAllOfALanguage) {
  ASSERT_EQ(example(), 0);
  ASSERT_EQ(add("Paris", "tel:+33199000190", "fr-FR", "Paris"), 0);
  ASSERT_EQ(add("Lyon", "tel:+33499000190", "fr-FR", "Lyon"), 0);
  EXPECT_EQ(bench.run({"Set-CsDialInConferencingAccessNumber", "-Filter", "PrimaryLanguage -eq fr-FR",
                       "-SecondaryLanguages", "fr-CA"}),
            64)
      << "two numbers, and nobody to ask";
  ASSERT_EQ(bench.run({"Set-CsDialInConferencingAccessNumber", "-Filter", "PrimaryLanguage -eq fr-FR",
                       "-SecondaryLanguages", "fr-CA", "-Confirm:false"}),
            0);
  EXPECT_THAT(number("tel:+33199000190").secondary_languages, ElementsAre("fr-CA"));
  ASSERT_EQ(bench.run({"Set-CsDialInConferencingAccessNumber", "-Filter", "{PrimaryLanguage -ne \"en-US\"}",
                       "-SecondaryLanguages", "fr-FR,it-IT", "-Confirm:false"}),
            0);
  EXPECT_THAT(number("tel:+33499000190").secondary_languages, ElementsAre("fr-FR", "it-IT"));
  EXPECT_THAT(number("tel:+18005551234").secondary_languages, IsEmpty());
}

TEST_F(NumberCommands, SetExamplesFourAndFiveFindANumberByWhatItHas) {
  ASSERT_EQ(example({"-DisplayName", "Default DialIn Access Number"}), 0);
  ASSERT_EQ(bench.run({"Set-CsDialInConferencingAccessNumber", "-Filter",
                       "{DisplayName -eq \"Default DialIn Access Number\"}", "-DisplayName",
                       "Litwareinc Conferencing"}),
            0)
      << bench.error();
  EXPECT_EQ(number("tel:+18005551234").display_name, "Litwareinc Conferencing");
  ASSERT_EQ(
      bench.run({"Set-CsDialInConferencingAccessNumber", "-Filter", "{LineUri -eq \"TEL:+18005551234\"}",
                 "-DisplayNumber", "1-425-555-1298", "-LineUri", "tel:+14255551298"}),
      0)
      << bench.error();
  EXPECT_EQ(number("tel:+14255551298").display_number, "1-425-555-1298");
  EXPECT_EQ(shown({"number", "show"}).size(), 1U);
}

TEST_F(NumberCommands, SetExampleSevenPutsANumberFirstInItsRegion) {
  ASSERT_EQ(add("a", "tel:+14255550001", "en-US", "Redmond"), 0);
  ASSERT_EQ(add("b", "tel:+14255550002", "en-US", "Redmond,Paris"), 0);
  ASSERT_EQ(example(), 0);
  EXPECT_THAT(shown({"number", "show", "-Region", "redmond"}), ElementsAre("a", "b", "RedmondDialIn"));
  ASSERT_EQ(bench.run({"Set-CsDialInConferencingAccessNumber", "-Identity", kRedmond, "-Priority", "0",
                       "-ReorderedRegion", "Redmond"}),
            0)
      << bench.error();
  EXPECT_THAT(shown({"number", "show", "-Region", "Redmond"}), ElementsAre("RedmondDialIn", "a", "b"));
  ASSERT_EQ(
      bench.run({"number", "set", "tel:+14255550001", "--priority", "9", "--reordered-region", "Redmond"}),
      0);
  EXPECT_THAT(shown({"number", "show", "-Region", "Redmond"}), ElementsAre("RedmondDialIn", "b", "a"));
  EXPECT_THAT(shown({"number", "show", "-Region", "Paris"}), ElementsAre("b"));
  // A place goes with the number when its line changes.
  ASSERT_EQ(bench.run({"number", "set", kRedmond, "--line-uri", "tel:+18005559999"}), 0);
  EXPECT_THAT(shown({"number", "show", "-Region", "Redmond"}), ElementsAre("RedmondDialIn", "b", "a"));
  EXPECT_EQ(bench.run({"number", "set", kRedmond, "--priority", "0", "--reordered-region", "Paris"}), 1);
  EXPECT_EQ(bench.run({"number", "set", kRedmond, "--priority", "0"}), 64);
  EXPECT_EQ(bench.run({"number", "set", kRedmond, "--line-uri", "tel:+14255550001"}), 1) << "taken";
}

TEST_F(NumberCommands, RemoveTakesANumberAwayAndNamesRegionsThatHaveNoneNow) {
  ASSERT_EQ(bench.run({"people", "add", "bob@litwareinc.com", "--region", "Redmond"}), 0);
  ASSERT_EQ(example(), 0);
  ASSERT_EQ(bench.run({"Remove-CsDialInConferencingAccessNumber", "-Identity", kRedmond}), 0)
      << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("Redmond"));
  EXPECT_EQ(bench.run({"Remove-CsDialInConferencingAccessNumber", "-Identity", kRedmond}), 1);
}

TEST_F(NumberCommands, TheLanguagesAreTheOriginals26) {
  ASSERT_EQ(bench.run({"Get-CsDialInConferencingLanguageList"}), 0);
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("Global"), HasSubstr("ca-ES, da-DK"), HasSubstr("zh-HK, zh-TW")));
  EXPECT_EQ(std::count(bench.output().begin(), bench.output().end(), ','), 25);
  ASSERT_EQ(add("Prague", "tel:+420255500199", "cs-CZ", "Prague"), 0) << "another system's language";
  EXPECT_THAT(bench.error(), HasSubstr("cs-CZ"));
}

// ---- Telephone commands

TEST_F(NumberCommands, DtmfDefaults) {
  ASSERT_EQ(example(), 0);
  ASSERT_EQ(bench.run({"Get-CsDialInConferencingDtmfConfiguration"}), 0) << bench.error();
  EXPECT_EQ(bench.output(),
            "Identity                          : Global\n"
            "CommandCharacter                  : *\n"
            "HelpCommand                       : 1\n"
            "PrivateRollCallCommand            : 3\n"
            "AudienceMuteCommand               : 4\n"
            "MuteUnmuteCommand                 : 6\n"
            "LockUnlockConferenceCommand       : 7\n"
            "AdmitAll                          : 8\n"
            "EnableDisableAnnouncementsCommand : 9\n"
            "OperatorLineUri                   :\n");
}

TEST_F(NumberCommands, DtmfExamples) {
  ASSERT_EQ(bench.run({"Set-CsDialinConferencingDtmfConfiguration", "-EnableDisableAnnouncementsCommand", "4",
                       "-AudienceMuteCommand", "9"}),
            0)
      << bench.error();
  ASSERT_EQ(bench.run({"Get-CsDialInConferencingDtmfConfiguration"}), 0);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("AudienceMuteCommand               : 9\n"),
                                    HasSubstr("EnableDisableAnnouncementsCommand : 4\n")));
  ASSERT_EQ(bench.run({"Set-CsDialInConferencingDtmfConfiguration", "-Identity", "site:Redmond",
                       "-EnableDisableAnnouncementsCommand", "9", "-AudienceMuteCommand", "4"}),
            0);
  ASSERT_EQ(bench.run({"Set-CsDialInConferencingDtmfConfiguration", "-Identity", "site:Redmond",
                       "-PrivateRollCallCommand", "$Null"}),
            0);
  ASSERT_EQ(bench.run({"Get-CsDialInConferencingDtmfConfiguration", "-Filter", "site:*"}), 0);
  EXPECT_THAT(bench.output(),
              AllOf(HasSubstr("site:Redmond"), HasSubstr("PrivateRollCallCommand            :\n"),
                    HasSubstr("AudienceMuteCommand               : 4\n")));
  EXPECT_EQ(bench.run({"Get-CsDialInConferencingDtmfConfiguration", "site:Paris"}), 1);
}

TEST_F(NumberCommands, DtmfRefusesTwoCommandsOnOneKey) {
  EXPECT_EQ(bench.run({"dtmf", "set", "--audience-mute-command", "9"}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("the key 9"));
  EXPECT_EQ(bench.run({"dtmf", "set", "--help-command", "#"}), 64);
  EXPECT_EQ(bench.run({"dtmf", "set", "--help-command", "12"}), 64);
  EXPECT_EQ(bench.run({"dtmf", "set", "--command-character", "5"}), 64);
  EXPECT_EQ(bench.run({"dtmf", "set", "--operator-line-uri", "tel:+14255550100"}), 0) << bench.error();
  EXPECT_EQ(bench.run({"dtmf", "set", "--help-command", "0"}), 64) << "the operator's";
  EXPECT_EQ(bench.run({"dtmf", "set", "tag:x", "--help-command", "2"}), 64);
  EXPECT_EQ(bench.run({"dtmf", "set"}), 64);
  EXPECT_EQ(bench.run({"dtmf", "set", "--reset"}), 0);
  EXPECT_EQ(bench.run({"dtmf", "set", "--help-command", "0"}), 0);
}

TEST_F(NumberCommands, ASiteGetsTelephoneCommandsOfItsOwnAndLosesThemAgain) {
  ASSERT_EQ(bench.run({"people", "import", test::example("contoso.csv")}), 0);
  EXPECT_EQ(bench.run({"New-CsDialInConferencingDtmfConfiguration", "-Identity", "global"}), 64);
  EXPECT_EQ(bench.run({"New-CsDialInConferencingDtmfConfiguration"}), 64);
  EXPECT_EQ(bench.run({"dtmf", "new", "site:Paris", "--help-command", "3"}), 64) << "two with one key";
  ASSERT_EQ(bench.run({"New-CsDialInConferencingDtmfConfiguration", "-Identity", "site:Paris",
                       "-CommandCharacter", "#", "-MuteUnmuteCommand", "5"}),
            0)
      << bench.error();
  EXPECT_EQ(bench.run({"dtmf", "new", "site:PARIS"}), 1);
  EXPECT_THAT(bench.error(), HasSubstr("already"));
  // A person of the site reads them in the mail, others the global ones.
  ASSERT_EQ(bench.run({"template", "preview", "elodie.lefevre@contoso.com"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("#5"));
  ASSERT_EQ(bench.run({"template", "preview", "bob@contoso.com"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("*6"));
  ASSERT_EQ(bench.run({"Remove-CsDialInConferencingDtmfConfiguration", "-Identity", "site:Paris"}), 0);
  EXPECT_EQ(bench.run({"dtmf", "remove", "site:Paris"}), 1);
  EXPECT_EQ(bench.run({"dtmf", "remove", "tag:x"}), 64);
  EXPECT_EQ(bench.run({"dtmf", "remove", "global"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("already"));
  ASSERT_EQ(bench.run({"template", "preview", "elodie.lefevre@contoso.com"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("*6"));
}

TEST_F(NumberCommands, WhatHoldsStandsInTheMail) {
  ASSERT_EQ(bench.run({"people", "import", test::example("contoso.csv")}), 0);
  ASSERT_EQ(bench.run({"dtmf", "set", "site:Redmond", "--command-character", "#", "--help-command", "2"}), 0);
  ASSERT_EQ(bench.run({"template", "preview", "bob@contoso.com"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("#2"), Not(HasSubstr("*1"))));
  ASSERT_EQ(bench.run({"template", "preview", "elodie.lefevre@contoso.com"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("*1"), Not(HasSubstr("#2"))));
}

}  // namespace
}  // namespace dialin::test
