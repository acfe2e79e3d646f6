// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "base/encoding.h"
#include "base/error.h"
#include "unit/run/input_pieces.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::unique_ptr<RunInput> input(const std::string& text, std::size_t piece = 4096) {
  return csv_run_input(CsvReader(pieces_of(text, piece), "users.csv"), parameter_names());
}

std::vector<RunInputRow> rows_of(const std::string& text) {
  return all_rows(*input(text));
}

std::string refusal(const std::string& text) {
  try {
    input(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
    return std::string(error.what()) + "\n" + error.next();
  }
  return "nothing was thrown";
}

TEST(CsvRunInput, BindsColumnsByNameInAnyCase) {
  const auto rows = rows_of(
      "mail,UPN,pin,LANGUAGE,subject\r\n"
      "bob@contoso.com,bob@contoso.com,0123 ,fr, Bonjour \r\n"
      ",kim@contoso.com,,,\r\n"
      ",,,,\r\n");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].line, 2);
  EXPECT_EQ(rows[0].identity, "bob@contoso.com");
  EXPECT_EQ(rows[0].address, "bob@contoso.com");
  EXPECT_EQ(rows[0].language, "fr");
  EXPECT_EQ(rows[0].subject, "Bonjour");
  EXPECT_TRUE(holds(rows[0].pin, "0123"));
  EXPECT_FALSE(rows[0].problem);
  EXPECT_FALSE(rows[0].already_sent);
  EXPECT_EQ(rows[1].identity, "kim@contoso.com");
  EXPECT_FALSE(rows[1].address || rows[1].language || rows[1].subject || rows[1].pin || rows[1].problem);
}

class NamesThePerson : public testing::TestWithParam<const char*> {};
TEST_P(NamesThePerson, UnderEachOfItsNames) {
  EXPECT_EQ(rows_of(std::string(GetParam()) + "\nbob@contoso.com\n").at(0).identity, "bob@contoso.com");
}
INSTANTIATE_TEST_SUITE_P(CsvRunInput, NamesThePerson,
                         testing::Values("UserUri", "Identity", "SipAddress", "UserPrincipalName", "upn",
                                         "USERURI"));

class NamesTheAddress : public testing::TestWithParam<const char*> {};
TEST_P(NamesTheAddress, UnderEachOfItsNames) {
  const auto rows = rows_of(std::string("UserUri,") + GetParam() + "\nbob@contoso.com,b@contoso.com\n");
  EXPECT_EQ(rows.at(0).address, "b@contoso.com");
}
INSTANTIATE_TEST_SUITE_P(CsvRunInput, NamesTheAddress,
                         testing::Values("UserEmailAddress", "EmailAddress", "Mail"));

TEST(CsvRunInput, RefusesParametersByName) {
  EXPECT_THAT(
      refusal("UserUri,bcc,REPLACE,Department\nbob@contoso.com,x@example.org,1,2\n"),
      AllOf(HasSubstr("users.csv: bcc, REPLACE are parameters of the command"), HasSubstr("command line")));
  EXPECT_THAT(refusal("UserUri,SmtpServer\n"), HasSubstr("SmtpServer is a parameter"));
}

TEST(CsvRunInput, TwoColumnsForOneThingAreAnError) {
  EXPECT_THAT(refusal("SipAddress,DisplayName,UserPrincipalName\n"),
              HasSubstr("the columns SipAddress and UserPrincipalName both name the person"));
  EXPECT_THAT(refusal("UserUri,mail,EmailAddress\n"),
              HasSubstr("the columns mail and EmailAddress both name the address"));
}

TEST(CsvRunInput, NoColumnForThePersonIsAnError) {
  EXPECT_THAT(refusal("Name,Mail\n"), AllOf(HasSubstr("no column names the person"), HasSubstr("UserUri")));
  EXPECT_THAT(refusal("UserUrl,Mail\n"), HasSubstr("Did you mean UserUri by \"UserUrl\"?"));
}

TEST(CsvRunInput, UnknownColumnsAreNamedOnce) {
  const auto csv = input("UserUri,Departement,Langauge,\nbob@contoso.com,1,2,3\n");
  ASSERT_EQ(csv->unknown_columns().size(), 2U);
  EXPECT_EQ(csv->unknown_columns()[0].name, "Departement");
  EXPECT_EQ(csv->unknown_columns()[1].meant, "Language");
}

TEST(CsvRunInput, TakesAReportBack) {
  const std::string text =
      "Line,Identity,UserEmailAddress,PinResult,MailResult,Code,Detail\r\n"
      "2,sip:bob@contoso.com,bob@contoso.com,Set,Sent,250 2.0.0,\r\n"
      "3,sip:kim@contoso.com,kim@contoso.com,,Failed,550 5.1.1,no such user\r\n"
      "4,'@kim,,,Invalid,UserDoesNotExist,nobody\r\n";
  const auto report = input(text);
  EXPECT_TRUE(report->unknown_columns().empty());
  const auto rows = all_rows(*report);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[0].already_sent);
  EXPECT_FALSE(rows[1].already_sent);
  EXPECT_EQ(rows[1].address, "kim@contoso.com");
  EXPECT_EQ(rows[2].identity, "@kim");  // the apostrophe was ours
}

TEST(CsvRunInput, ColumnsOfAReportAreUnknownElsewhere) {
  EXPECT_EQ(input("UserUri,Code\n")->unknown_columns().size(), 1U);
}

struct BadCell {
  const char* row;
  const char* column;
  const char* why;
};
class BadRunCell : public testing::TestWithParam<BadCell> {};
TEST_P(BadRunCell, IsNamedAndReadingGoesOn) {
  const auto rows = rows_of("UserUri;Mail;Pin\n" + std::string(GetParam().row) + "\ngood@contoso.com;;\n");
  ASSERT_EQ(rows.size(), 2U);
  ASSERT_TRUE(rows[0].problem);
  EXPECT_EQ(rows[0].problem->line, 2U);
  EXPECT_EQ(rows[0].problem->column, GetParam().column);
  EXPECT_THAT(rows[0].problem->reason, HasSubstr(GetParam().why));
  EXPECT_FALSE(rows[0].pin);
  EXPECT_FALSE(rows[1].problem);
}
INSTANTIATE_TEST_SUITE_P(CsvRunInput, BadRunCell,
                         testing::Values(BadCell{";b@contoso.com;1", "UserUri", "is empty"},
                                         BadCell{"1,42E+10;;", "UserUri", "digits are lost"},
                                         BadCell{"tel:4255551297;;", "UserUri", "without + and country code"},
                                         BadCell{"(425) 555-1297;;", "UserUri", "without + and country code"},
                                         BadCell{"b@contoso.com;;3,83E+08", "Pin", "digits are lost"},
                                         BadCell{"b@contoso.com;1", "", "has 2 fields, the header has 3"},
                                         BadCell{"b@contoso.com;Andr\xE9;1234", "Mail",
                                                 "-Encoding windows-1252"}));

TEST(CsvRunInput, AQuoteThatIsNeverClosedIsOneBadRow) {
  const auto rows = rows_of("UserUri,Mail\na@contoso.com,\nb@contoso.com,\"x\nc@contoso.com,\n");
  ASSERT_EQ(rows.size(), 2U);
  ASSERT_TRUE(rows[1].problem);
  EXPECT_EQ(rows[1].problem->line, 3U);
  EXPECT_THAT(rows[1].problem->reason, HasSubstr("never closed"));
}

TEST(CsvRunInput, ACellOfOneMegabyteIsABadRow) {
  const auto rows =
      rows_of("UserUri,Subject\nb@contoso.com," + std::string(1 << 20, 'x') + "\nk@contoso.com,\n");
  ASSERT_EQ(rows.size(), 2U);
  ASSERT_TRUE(rows[0].problem);
  EXPECT_EQ(rows[0].problem->column, "Subject");
  EXPECT_LT(rows[0].problem->reason.size(), 200U);
}

TEST(CsvRunInput, TheDigestIsOfTheWholeFile) {
  const std::string text = "#TYPE x\nUserUri\nbob@contoso.com\n";
  for (const std::size_t piece : {1U, 4096U}) {
    const auto csv = input(text, piece);
    all_rows(*csv);
    EXPECT_EQ(csv->digest(), sha256_hex(text));
  }
}

// Rows that nobody ever held together.
class EndlessRows {
 public:
  explicit EndlessRows(int rows) : rows_(rows) {}
  std::size_t operator()(char* buffer, std::size_t size) {
    while (position_ == text_.size()) {
      if (row_ > rows_) return 0;
      text_ = row_ == 0 ? "UserUri;UserEmailAddress;Pin;Language;Department\r\n" : fmt_row(row_);
      position_ = 0;
      ++row_;
    }
    const std::size_t count = text_.copy(buffer, size, position_);
    position_ += count;
    return count;
  }

 private:
  static std::string fmt_row(int row) {
    const std::string name = "person" + std::to_string(row) + "@contoso.com";
    return "sip:" + name + ";" + name + ";0" + std::to_string(row) + ";fr-CA;\"Sales; \"\"North\"\"\"\r\n";
  }
  int rows_;
  int row_ = 0;
  std::string text_;
  std::size_t position_ = 0;
};

TEST(CsvRunInput, AMillionRowsTakeNoMoreMemoryThanAThousand) {
  const auto in_use = [] {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const auto csv = csv_run_input(CsvReader(EndlessRows(1'000'000), "users.csv"), parameter_names());
  std::int64_t rows = 0;
  std::size_t after_a_thousand = 0;
  std::size_t most = 0;
  while (const std::optional<RunInputRow> row = csv->next()) {
    ++rows;
    ASSERT_FALSE(row->problem);
    ASSERT_TRUE(row->pin);
    if (rows == 1000) after_a_thousand = in_use();
    if (rows % 10'000 == 0) most = std::max(most, in_use());
  }
  EXPECT_EQ(rows, 1'000'000);
  EXPECT_LT(most, after_a_thousand + (64 << 10));
}

}  // namespace
}  // namespace dialin::test
