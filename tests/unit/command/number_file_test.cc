// SPDX-License-Identifier: Apache-2.0
#include "command/number_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/error.h"

namespace dialin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

NumberFile read(const std::string& text) {
  std::istringstream stream(text);
  return read_number_file(CsvReader(read_from(stream, "numbers.csv"), "numbers.csv"));
}

TEST(NumberFile, ReadsEverythingOfANumber) {
  const NumberFile file = read(
      "PrimaryUri,LineUri,DisplayNumber,DisplayName,Regions,PrimaryLanguage,SecondaryLanguages,Priority\n"
      "access@contoso.com,tel:+12065550199,+1 (206) 555-0199,Worldwide, Redmond |Paris| redmond "
      "||,en-us,fr-FR|de-DE,2\n");
  ASSERT_THAT(file.problems, IsEmpty());
  ASSERT_EQ(file.numbers.size(), 1U);
  const AccessNumber& number = file.numbers[0];
  EXPECT_EQ(number.primary_uri, "sip:access@contoso.com");
  EXPECT_EQ(number.line_uri.uri(), "tel:+12065550199");
  EXPECT_EQ(number.display_number, "+1 (206) 555-0199");
  EXPECT_EQ(number.display_name, "Worldwide");
  EXPECT_THAT(number.regions, ElementsAre("Redmond", "Paris"));
  EXPECT_EQ(number.primary_language, "en-US");
  EXPECT_THAT(number.secondary_languages, ElementsAre("fr-FR", "de-DE"));
  EXPECT_EQ(number.priority, 2);
}

TEST(NumberFile, WhatIsLeftOutHasADefault) {
  const NumberFile file = read("primarylanguage;lineuri\nfr;'+33199000190\n;\n");
  ASSERT_THAT(file.problems, IsEmpty());
  ASSERT_EQ(file.numbers.size(), 1U);
  EXPECT_EQ(file.numbers[0].display_number, "+33199000190");
  EXPECT_THAT(file.numbers[0].regions, IsEmpty());
  EXPECT_EQ(file.numbers[0].priority, 0);
}

TEST(NumberFile, NamesEveryBadCell) {
  const NumberFile file = read(
      "PrimaryUri,LineUri,DisplayNumber,Regions,PrimaryLanguage,SecondaryLanguages,Priority\n"
      "sip:,5550199,\"1\n2\",Red\x1bmond,english language,xx-|fr,-1\n"
      ",,,,,a b,10000\n"
      "sip:a@contoso.com,tel:+12065550101,,,en,fr|de|es|it|pt,1x\n"
      "sip:a@contoso.com,tel:+12065550101,,,en,,\n");
  std::vector<std::string> problems;
  for (const CsvProblem& problem : file.problems) {
    problems.push_back(std::to_string(problem.line) + " " + problem.column);
    EXPECT_THAT(problem.reason, testing::Not(HasSubstr("\x1b")));
  }
  // The first record has a line end in a cell, so the second one begins in line 4.
  EXPECT_THAT(problems, ElementsAre("2 LineUri", "2 PrimaryUri", "2 DisplayNumber", "2 Regions",
                                    "2 PrimaryLanguage", "2 SecondaryLanguages", "2 Priority", "4 LineUri",
                                    "4 PrimaryLanguage", "4 SecondaryLanguages", "4 Priority",
                                    "5 SecondaryLanguages", "5 Priority", "6 LineUri", "6 PrimaryUri"));
  EXPECT_THAT(file.numbers, IsEmpty());
}

TEST(NumberFile, AMissingColumnIsAnErrorAndAnUnknownOneIsNamed) {
  EXPECT_THROW(read("DisplayNumber,PrimaryLanguage\n"), Error);
  EXPECT_THROW(read("LineUri\n"), Error);
  const NumberFile file = read("LineUri,PrimaryLanguage,Regoins\n");
  ASSERT_EQ(file.unknown_columns.size(), 1U);
  EXPECT_EQ(file.unknown_columns[0].meant, "Regions");
}

}  // namespace
}  // namespace dialin
