// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(PeopleAdd, AddsAPersonWithEverythingThatIsKnown) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people",
                       "add",
                       "elodie.lefevre@contoso.com",
                       "--mail",
                       "Élodie <elodie@contoso.com>",
                       "--display-name",
                       "Élodie Lefèvre",
                       "--line-uri",
                       "tel:+33199000104;ext=104",
                       "--language",
                       "fr-fr",
                       "--region",
                       "Paris",
                       "--site",
                       "Paris",
                       "--conference-id",
                       "4720104",
                       "--user-principal-name",
                       "elodie@contoso.com",
                       "--sam-account-name",
                       "CONTOSO\\elefevre",
                       "--external-id",
                       "1004"}),
            0)
      << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr(bench.data_directory().string()));  // says where the store was made
  const Person person = bench.person("sip:elodie.lefevre@contoso.com");
  EXPECT_EQ(person.mail->address(), "elodie@contoso.com");
  EXPECT_EQ(person.display_name, "Élodie Lefèvre");
  EXPECT_EQ(person.line_uri->uri(), "tel:+33199000104;ext=104");
  EXPECT_EQ(person.language, "fr-FR");
  EXPECT_EQ(person.region, "Paris");
  EXPECT_EQ(person.site, "Paris");
  EXPECT_EQ(person.conference_id, "4720104");
  EXPECT_EQ(person.user_principal_name, "elodie@contoso.com");
  EXPECT_EQ(person.sam_account_name, "CONTOSO\\elefevre");
  EXPECT_EQ(person.external_id, "1004");
  EXPECT_TRUE(person.enabled);
  EXPECT_THAT(bench.output(), HasSubstr("sip:elodie.lefevre@contoso.com"));
}

TEST(PeopleAdd, RefusesWhoIsKnownAndLeavesThemAsTheyAre) {
  CommandBench bench;
  ASSERT_EQ(
      bench.run({"people", "add", "bob@contoso.com", "--display-name", "Bob Kelly", "--external-id", "1"}),
      0);
  EXPECT_EQ(bench.run({"people", "add", "SIP:BOB@contoso.com", "--display-name", "Somebody"}), 1);
  EXPECT_THAT(bench.error(), HasSubstr("known already"));
  EXPECT_EQ(bench.run({"people", "add", "robert@contoso.com", "--external-id", "1"}),
            1);  // would be a rename
  EXPECT_EQ(bench.person("bob@contoso.com").display_name, "Bob Kelly");
}

TEST(PeopleAdd, ANumberThatSomebodyHoldsIsSharedOnPurposeOnly) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "add", "bob@contoso.com", "--line-uri", "tel:+14255550101"}), 0);
  EXPECT_EQ(bench.run({"people", "add", "kim@contoso.com", "--line-uri", "tel:+14255550101"}), 1);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("bob@contoso.com"), HasSubstr("--share-number")));
  EXPECT_EQ(
      bench.run({"people", "add", "kim@contoso.com", "--line-uri", "tel:+14255550101", "--share-number"}), 0)
      << bench.error();
}

TEST(PeopleAdd, BadValuesAreRefusedBeforeAnythingIsMade) {
  CommandBench bench;
  const std::vector<std::vector<std::string>> bad = {
      {"bob"},
      {"sip:bob"},
      {"bob@contoso.com\r\nX: y"},
      {"bob@contoso.com", "--mail", "bob@contoso.com\r\nBcc: eve@example.org"},
      {"bob@contoso.com", "--mail", "bob@contoso.com, kim@contoso.com"},
      {"bob@contoso.com", "--line-uri", "4255550101"},
      {"bob@contoso.com", "--line-uri", "tel:+1425555010112345678"},
      {"bob@contoso.com", "--language", "not a language"},
      {"bob@contoso.com", "--display-name", "Bob\x1b[31m"},
      {"bob@contoso.com", "--display-name", std::string(10000, 'x')},
      {"bob@contoso.com", "--region",
       "a\xE2\x80\xAE"
       "b"},
      {"bob@contoso.com", "--user-principal-name", "bob"},
      {"bob@contoso.com", "--sam-account-name", "CONTOSO\\bob;x"},
  };
  for (std::vector<std::string> words : bad) {
    words.insert(words.begin(), {"people", "add"});
    EXPECT_EQ(bench.run(words), 64) << words[2] << " " << words.back();
    EXPECT_THAT(bench.error(), AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\r"))));
    EXPECT_LT(bench.error().size(), 600U);
  }
  EXPECT_FALSE(bench.store_exists());
}

TEST(PeopleAdd, WhatIfAndNoMakeNoStore) {
  CommandBench bench;
  EXPECT_EQ(bench.run({"people", "add", "bob@contoso.com", "--what-if"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("would be added"));
  bench.prompter.terminal = true;
  bench.prompter.yes_no = {false};
  EXPECT_EQ(bench.run({"people", "add", "bob@contoso.com", "--confirm"}), 1);
  EXPECT_FALSE(bench.store_exists());
}

TEST(PeopleShow, ShowsOneAndListsSeveral) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0);
  ASSERT_EQ(bench.run({"people", "show", "CONTOSO\\bob"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("SipAddress        : sip:bob@contoso.com\n"),
                                    HasSubstr("DisplayName       : Bob Kelly\n"),
                                    HasSubstr("LineUri           : tel:+14255550101;ext=50101\n"),
                                    HasSubstr("PersonId          : " + bench.person("bob@contoso.com").id)));
  EXPECT_EQ(bench.run({"people", "show", "*"}), 64);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("sip:bob@contoso.com"), HasSubstr("sip:pilar@contoso.com")));
  EXPECT_EQ(bench.run({"people", "show", "nobody@contoso.com"}), 1);
  EXPECT_THAT(bench.error(), HasSubstr("dialin people add nobody@contoso.com"));
}

TEST(PeopleDisable, RefusesThePinUntilItIsEnabledWithIt) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0);
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com", "--pin", "383042650"}), 0);
  ASSERT_EQ(bench.run({"people", "disable", "bob@contoso.com"}), 0);
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "383042650"}), 1);
  EXPECT_EQ(bench.output(), "PinNotEnabledForUser\n");
  EXPECT_EQ(bench.run({"people", "disable", "bob@contoso.com"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("already"));

  EXPECT_EQ(bench.run({"people", "enable", "bob@contoso.com", "--keep-pin"}), 0);
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "383042650"}), 0) << bench.output();
  EXPECT_EQ(bench.run({"people", "enable", "bob@contoso.com"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("already"));
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "383042650"}), 0)
      << "enabled already: PIN stays";
}

TEST(PeopleEnable, WithoutKeepPinTheFormerPinIsGone) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0);
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com", "--pin", "383042650"}), 0);
  ASSERT_EQ(bench.run({"people", "disable", "bob@contoso.com"}), 0);
  ASSERT_EQ(bench.run({"people", "enable", "bob@contoso.com"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("has no PIN"));
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "383042650"}), 1);
  EXPECT_EQ(bench.output(), "PinNotSet\n");
}

TEST(PeopleRemove, AsksOnATerminalAndNeedsAYesWithoutOne) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0);
  EXPECT_EQ(bench.run({"people", "remove", "bob@contoso.com"}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("--yes"));
  bench.prompter.terminal = true;
  bench.prompter.yes_no = {false};
  EXPECT_EQ(bench.run({"people", "remove", "bob@contoso.com"}), 1);
  EXPECT_EQ(bench.run({"people", "remove", "bob@contoso.com", "--what-if"}), 0);
  EXPECT_EQ(bench.run({"people", "show", "bob@contoso.com"}), 0);
  bench.prompter.terminal = false;
  EXPECT_EQ(bench.run({"people", "remove", "bob@contoso.com", "--yes"}), 0) << bench.error();
  EXPECT_EQ(bench.run({"people", "show", "bob@contoso.com"}), 1);
}

TEST(PeopleList, ShowsEverybodyInOrderAndCanBeImportedAgain) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0);
  ASSERT_EQ(bench.run({"people", "list"}), 0);
  EXPECT_LT(bench.output().find("bob@"), bench.output().find("kim.akers@"));
  EXPECT_LT(bench.output().find("kim.akers@"), bench.output().find("pilar@"));
  ASSERT_EQ(bench.run({"people", "list", "-Output", "csv"}), 0);
  const auto csv = bench.file("list.csv", bench.output());
  ASSERT_EQ(bench.run({"people", "import", csv.string()}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("added 0, updated 0, unchanged 6"));
}

TEST(PeopleList, ComesInPagesWithOneHeading) {
  CommandBench bench;
  std::string csv = "SipAddress,DisplayName\n";
  for (int i = 0; i < 1201; ++i)
    csv += "p" + std::to_string(10000 + i) + "@contoso.com,Person " + std::to_string(i) + "\n";
  bench.input = csv;
  ASSERT_EQ(bench.run({"people", "import", "-"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), Not(HasSubstr("p10000")));  // a thousand lines are read by nobody
  for (const char* format : {"table", "csv", "json", "list"}) {
    ASSERT_EQ(bench.run({"people", "list", "-Output", format}), 0);
    const std::string& text = bench.output();
    for (const char* word : {"p10000@", "p10499@", "p10500@", "p11200@"})
      EXPECT_THAT(text, HasSubstr(word)) << format;
    std::size_t people = 0;
    for (std::size_t at = text.find("sip:p1"); at != std::string::npos; at = text.find("sip:p1", at + 1))
      ++people;
    EXPECT_EQ(people, 1201U) << format;
    if (std::string(format) == "table" || std::string(format) == "csv") {
      EXPECT_EQ(text.find("SipAddress"), 0U);
      EXPECT_EQ(text.find("SipAddress", 1), std::string::npos);
    }
  }
  ASSERT_EQ(bench.run({"people", "list", "-Output", "json"}), 0);
  EXPECT_EQ(bench.output().substr(0, 2), "[\n");
  EXPECT_THAT(bench.output(), testing::EndsWith("}\n]\n"));
}

TEST(PeopleList, OfNobodyIsEmpty) {
  CommandBench bench;
  EXPECT_EQ(bench.run({"people", "list"}), 1);
  EXPECT_FALSE(bench.store_exists());
  bench.input = "SipAddress\n";
  ASSERT_EQ(bench.run({"people", "import", "-"}), 0);
  ASSERT_EQ(bench.run({"people", "list", "-Output", "json"}), 0);
  EXPECT_EQ(bench.output(), "[]\n");
}

}  // namespace
}  // namespace dialin::test
