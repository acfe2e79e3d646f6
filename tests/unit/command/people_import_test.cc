// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(PeopleImport, AddsChangesAndSaysWhat) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("added 6, updated 0, unchanged 0"));
  EXPECT_THAT(bench.output(), HasSubstr("sip:bob@contoso.com"));
  const auto changed = bench.file("changed.csv",
                                  "SipAddress;DisplayName;Region;Enabled\r\n"
                                  "bob@contoso.com;Robert Kelly;Paris;True\r\n"
                                  "kim.akers@contoso.com;Kim Akers;Redmond;False\r\n"
                                  "marco@contoso.com;Marco Tanara;Redmond;True\r\n"
                                  "new@contoso.com;Somebody New;Redmond;True\r\n");
  ASSERT_EQ(bench.run({"people", "import", changed.string(), "-Output", "csv"}), 0) << bench.error();
  EXPECT_EQ(bench.output(),
            "SipAddress,Result,Fields\r\n"
            "sip:new@contoso.com,Added,\r\n"
            "sip:bob@contoso.com,Updated,\"DisplayName, Region\"\r\n"
            "sip:kim.akers@contoso.com,Disabled,Enabled\r\n");
  EXPECT_THAT(bench.error(), HasSubstr("added 1, updated 1, unchanged 1, disabled 1"));
  EXPECT_FALSE(bench.person("kim.akers@contoso.com").enabled);
  EXPECT_EQ(bench.person("bob@contoso.com").mail->address(), "bob@contoso.com");  // an absent column
}

TEST(PeopleImport, NothingIsChangedUnlessEveryRowIsGood) {
  CommandBench bench;
  const auto file = bench.file("bad.csv",
                               "SipAddress,Mail,LineUri,Telefon\n"
                               "bob@contoso.com,bob@contoso.com,tel:+14255550101,1\n"
                               "kim@contoso.com,nobody,4255550102,2\n"
                               "marco@contoso.com,marco@contoso.com,\"3,31E+10\",3\n");
  EXPECT_EQ(bench.run({"people", "import", file.string()}), 64);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("bad.csv:3: Mail: "), HasSubstr("bad.csv:3: LineUri: "),
                                   HasSubstr("bad.csv:4: LineUri: "), HasSubstr("2 rows"),
                                   HasSubstr("Telefon"), HasSubstr("nothing was changed")));
  EXPECT_FALSE(bench.store_exists());  // not even made
}

TEST(PeopleImport, VeryManyBadRowsAreCountedNotListed) {
  CommandBench bench;
  std::string csv = "SipAddress\n";
  for (int i = 0; i < 5000; ++i) csv += "nobody" + std::to_string(i) + "\n";
  bench.input = csv;
  EXPECT_EQ(bench.run({"people", "import", "-"}), 64);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("standard input:2: SipAddress"), HasSubstr("and 4975 more"),
                                   HasSubstr("5000 rows")));
  EXPECT_LT(bench.error().size(), 5000U);
}

TEST(PeopleImport, ANumberHeldBySomebodyIsABadRowUnlessShared) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "add", "bob@contoso.com", "--line-uri", "tel:+14255550101"}), 0);
  const auto file = bench.file("shared.csv", "SipAddress,LineUri\nkim@contoso.com,tel:+14255550101\n");
  EXPECT_EQ(bench.run({"people", "import", file.string()}), 64);
  EXPECT_THAT(bench.error(),
              AllOf(HasSubstr("shared.csv:2: "), HasSubstr("bob@contoso.com"), HasSubstr("kim@contoso.com")));
  EXPECT_EQ(bench.run({"people", "import", file.string(), "--share-number"}), 0) << bench.error();
}

TEST(PeopleImport, WhatIfAndNoChangeNothingAndMakeNoStore) {
  CommandBench bench;
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv"), "--what-if"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("What if: added 6"));
  EXPECT_FALSE(bench.store_exists());
  bench.prompter.terminal = true;
  bench.prompter.yes_no = {false, true};
  EXPECT_EQ(bench.run({"people", "import", example("contoso.csv"), "--confirm"}), 1);
  EXPECT_FALSE(bench.store_exists());
  EXPECT_EQ(bench.run({"people", "import", example("contoso.csv"), "--confirm"}), 0) << bench.error();
  EXPECT_THAT(bench.prompter.questions.back(), HasSubstr("added 6"));
  ASSERT_EQ(bench.run({"people", "import", example("contoso.csv"), "--what-if"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("unchanged 6"));
}

TEST(PeopleImport, FilesThatAreNoneAreErrors) {
  CommandBench bench;
  EXPECT_EQ(bench.run({"people", "import", (bench.directory / "absent.csv").string()}), 64);
  EXPECT_EQ(bench.run({"people", "import", bench.file("empty.csv", "").string()}), 64);
  EXPECT_EQ(
      bench.run({"people", "import", bench.file("other.csv", "Name,Mail\nBob,bob@contoso.com\n").string()}),
      64);
  EXPECT_THAT(bench.error(), HasSubstr("SipAddress"));
  EXPECT_EQ(
      bench.run({"people", "import", bench.file("octets.csv", "SipAddress\nb\xff@contoso.com\n").string()}),
      64);
  EXPECT_THAT(bench.error(), Not(HasSubstr("\xff")));
  EXPECT_EQ(bench.run({"people", "import"}), 64);
  EXPECT_FALSE(bench.store_exists());
}

TEST(PeopleImport, ReadsWhatExcelAndExportCsvWrite) {
  CommandBench bench;
  const std::string rows = "SipAddress|DisplayName\r\nandre@contoso.com|Andr\xE9; K\r\n";
  EXPECT_EQ(bench.run({"people", "import", bench.file("a.csv", rows).string(), "--delimiter", "|"}), 64);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("a.csv:2: DisplayName: "), HasSubstr("André; K"),
                                   HasSubstr("-Encoding windows-1252")));
  ASSERT_EQ(bench.run({"people", "import", bench.file("b.csv", rows).string(), "--delimiter", "|",
                       "--encoding", "windows-1252"}),
            0)
      << bench.error();
  EXPECT_EQ(bench.person("andre@contoso.com").display_name, "André; K");
  bench.input = "SipAddress\tDisplayName,\nb@contoso.com\tb\n";
  ASSERT_EQ(bench.run({"people", "import", "-", "-Delimiter", "`t"}), 0) << bench.error();
  EXPECT_EQ(bench.run({"people", "import", "-", "-Delimiter", "ab"}), 64);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("--delimiter: \"ab\"")));
  bench.input = "SipAddress\nb@contoso.com\n";
  EXPECT_EQ(bench.run({"people", "import", "-", "-Encoding", "klingon"}), 64);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("klingon"), HasSubstr("iconv --list")));
}

TEST(PeopleImport, DelimitersAsTheyAreTyped) {
  for (const auto& [typed, separator] : {std::pair{",", ','},
                                         {";", ';'},
                                         {"tab", '\t'},
                                         {"\t", '\t'},
                                         {"\\t", '\t'},
                                         {"|", '|'},
                                         {":", ':'}}) {
    CommandBench bench;
    bench.input = std::string("SipAddress") + separator + "Site\nb@contoso.com" + separator + "HQ\n";
    ASSERT_EQ(bench.run({"people", "import", "-", "-Delimiter", typed}), 0) << typed << bench.error();
    EXPECT_EQ(bench.person("b@contoso.com").site, "HQ");
  }
}

TEST(OperatorFilesTest, AFileIsOpenedOnce) {
  TemporaryDirectory directory;
  const auto path = directory.write("a.csv", "first");
  FakeStreams streams;
  PosixOperatorFiles files(streams);
  const CsvReader::Read read = files.open(path.string());
  std::filesystem::rename(directory.write("b.csv", "other"), path);
  char buffer[16];
  EXPECT_EQ(std::string(buffer, read(buffer, 3)), "fir");
  EXPECT_EQ(std::string(buffer, read(buffer, sizeof buffer)), "st");
  EXPECT_EQ(read(buffer, sizeof buffer), 0U);
  EXPECT_THROW(files.open((directory / "absent.csv").string()), Error);
  const CsvReader::Read folder = files.open((directory / "").string());
  EXPECT_THROW(folder(buffer, sizeof buffer), Error);
  EXPECT_EQ(files.read(path.string(), 5), "other");
  EXPECT_THROW(files.read(path.string(), 4), Error);
  streams.input = "typed";
  EXPECT_EQ(std::string(buffer, files.open("-")(buffer, sizeof buffer)), "typed");
}

TEST(NumberImport, AddsAndChangesNumbers) {
  CommandBench bench;
  EXPECT_EQ(bench.run({"number", "import", example("contoso-numbers.csv"), "--what-if"}), 0);
  EXPECT_FALSE(bench.store_exists());
  ASSERT_EQ(bench.run({"number", "import", example("contoso-numbers.csv")}), 0) << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("Added             : 4\n"));
  EXPECT_EQ(bench.open_store()->numbers().of_region("Paris").size(), 2U);
  ASSERT_EQ(bench.run({"number", "import", example("contoso-numbers.csv")}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("Unchanged         : 4\n"));
  EXPECT_EQ(
      bench.run({"number", "import", bench.file("bad.csv", "LineUri,PrimaryLanguage\n123,en\n").string()}),
      64);
  EXPECT_THAT(bench.error(), HasSubstr("bad.csv:2: LineUri"));
  bench.input = "LineUri|PrimaryLanguage|DisplayName\ntel:+19995550199|en|Andr\xE9\n";
  ASSERT_EQ(bench.run({"number", "import", "-", "--delimiter", "|", "--encoding", "latin1"}), 0)
      << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("Added             : 1\n"));
}

}  // namespace
}  // namespace dialin::test
