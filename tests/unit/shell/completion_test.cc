// SPDX-License-Identifier: Apache-2.0
#include "shell/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shell/manual_page.h"
#include "shell/roff.h"
#include "support/sample_commands.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Completion complete(const std::vector<std::string>& words, const std::string& program = "dialin") {
  return complete_word(sample_table(), program, words);
}

std::vector<std::string> offered(const std::vector<std::string>& words,
                                 const std::string& program = "dialin") {
  std::vector<std::string> texts;
  for (const Candidate& candidate : complete(words, program).candidates) texts.push_back(candidate.text);
  return texts;
}

TEST(Completion, OffersVerbsWordByWordAndCmdletsInAnyCase) {
  EXPECT_THAT(offered({"p"}), ElementsAre("pin", "people"));
  EXPECT_THAT(offered({"pin", ""}), ElementsAre("set"));
  EXPECT_THAT(offered({"people", "I"}), ElementsAre("import"));
  EXPECT_THAT(offered({"set-c"}), ElementsAre("Set-CsPinSendCAWelcomeMail", "Set-CsClientPin"));
  EXPECT_THAT(offered({"help", "people", ""}), ElementsAre("import", "list"));
  EXPECT_THAT(offered({"he"}), ElementsAre("help"));
  EXPECT_THAT(offered({"--v"}), ElementsAre("--version"));
  EXPECT_THAT(offered({"--config", "x.toml", "wel"}), ElementsAre("welcome"));
  EXPECT_THAT(offered({"frob"}), IsEmpty());
  EXPECT_THAT(offered({"frob", ""}), IsEmpty());
  EXPECT_THAT(offered({}), IsEmpty());
}

TEST(Completion, OffersParametersInTheSpellingThatWasBegun) {
  EXPECT_THAT(offered({"welcome", "--user"}), ElementsAre("--user-uri", "--user-email-address"));
  EXPECT_THAT(offered({"welcome", "-user"}), ElementsAre("-UserUri", "-UserEmailAddress"));
  EXPECT_THAT(offered({"-user"}, "/usr/bin/set-cspinsendcawelcomemail"),
              ElementsAre("-UserUri", "-UserEmailAddress"));
  EXPECT_THAT(offered({"Set-CsClientPin", "-"}), AllOf(Contains("-Pin"), Contains("-WhatIf")));
  EXPECT_THAT(offered({"pin", "set", "-"}), AllOf(Contains("--pin"), Not(Contains("-Pin"))));
  // What was given is not offered again, but for a list by its long name.
  EXPECT_THAT(offered({"welcome", "-UserUri", "x", "-user"}), ElementsAre("-UserEmailAddress"));
  EXPECT_THAT(offered({"welcome", "-Cc", "x", "-C"}), AllOf(Not(Contains("-Cc")), Contains("-Credential")));
  EXPECT_THAT(offered({"welcome", "--cc", "x", "--c"}), Contains("--cc"));
}

TEST(Completion, OffersValuesWhereTheyAreFew) {
  EXPECT_THAT(offered({"welcome", "-Encoding", ""}), ElementsAre("UTF-8", "UTF-16"));
  EXPECT_THAT(offered({"welcome", "--encoding=utf-1"}), ElementsAre("--encoding=UTF-16"));
  EXPECT_THAT(offered({"welcome", "-Encoding:u"}), ElementsAre("-Encoding:UTF-8", "-Encoding:UTF-16"));
  EXPECT_THAT(offered({"welcome", "-Force:"}), ElementsAre("-Force:true", "-Force:false"));
  EXPECT_THAT(offered({"people", "list", "--output", "c"}), ElementsAre("csv"));
  // A secret is never anything to offer, and -From takes what follows.
  EXPECT_THAT(offered({"pin", "set", "-Pin", ""}), IsEmpty());
  EXPECT_THAT(offered({"welcome", "-From", "-U"}), IsEmpty());
}

TEST(Completion, OffersFilesForPathsByNameAndByPlace) {
  EXPECT_TRUE(complete({"welcome", "-TemplatePath", ""}).files);
  EXPECT_TRUE(complete({"people", "import", ""}).files);
  EXPECT_TRUE(complete({"people", "import", "--config=/etc"}).files);
  EXPECT_TRUE(complete({"--config", "/etc"}).files);
  EXPECT_FALSE(complete({"people", "import", "one.csv", "x"}).files);
  EXPECT_FALSE(complete({"welcome", "x"}).files);
}

TEST(Completion, WhereNoBareWordIsTakenParametersAreOffered) {
  EXPECT_THAT(offered({"welcome", "bob@contoso.com", ""}), Contains("--from"));
  EXPECT_THAT(offered({"welcome", "--", ""}), IsEmpty());
}

TEST(Completion, IsWrittenALineACandidate) {
  EXPECT_EQ(render_completion(complete({"people", ""})),
            "import\tReads people from a CSV file.\nlist\tLists people.\n");
  EXPECT_EQ(render_completion(complete({"people", "import", ""})), "\tfiles\n");
}

TEST(Roff, TextIsNeverACommand) {
  EXPECT_EQ(roff_text(".SH x"), "\\&.SH x");
  EXPECT_EQ(roff_text("'\\n"), "\\(aq\\en");
  EXPECT_EQ(roff_text("one\n.two"), "one\n\\&.two");
  EXPECT_EQ(roff_text("--user \"é…\""), "\\-\\-user \\(dq\\[u00E9]\\[u2026]\\(dq");
  EXPECT_EQ(roff_text("\xF0\x9F\x98\x80"), "\\[u1F600]");
}

TEST(ManualPages, AreOneACommandWithTheCmdletsNameBesides) {
  std::map<std::string, std::string> pages;
  for (const ManualPage& page : manual_pages(sample_table(), "1.2.3", "2026-03-01"))
    pages[page.file] = page.text;
  EXPECT_EQ(pages.size(), 2U + sample_table().size() + 2U);
  EXPECT_EQ(pages["Set-CsClientPin.1"], ".so man1/dialin-pin-set.1\n");
  EXPECT_THAT(pages["dialin-welcome.1"],
              AllOf(HasSubstr(".TH \"DIALIN\\-WELCOME\" 1 \"2026-03-01\" \"Dialin 1.2.3\""),
                    HasSubstr("dialin\\-welcome, Set\\-CsPinSendCAWelcomeMail \\- Sets a person"),
                    HasSubstr("First paragraph of two lines.\n.PP\nSecond paragraph."),
                    HasSubstr("The PIN was not set."), HasSubstr("\\-\\-body\\-as\\-plain\\-text")));
  EXPECT_THAT(pages["dialin.1"], AllOf(HasSubstr("people import"), HasSubstr("dialin\\-people\\-import")));
  EXPECT_THAT(pages["dialin.toml.5"], AllOf(HasSubstr("[smtp]"), HasSubstr("DIALIN_SMTP_SERVER")));
}

}  // namespace
}  // namespace dialin::test
