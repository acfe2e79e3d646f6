// SPDX-License-Identifier: Apache-2.0
#include "people/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/encoding.h"
#include "base/error.h"

namespace dialin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Hands out `text` in pieces of `piece` octets.
CsvReader reader(std::string text, std::size_t piece = 1 << 16, const CsvFormat& format = {}) {
  auto position = std::make_shared<std::size_t>(0);
  return CsvReader(
      [text = std::move(text), position, piece](char* buffer, std::size_t size) {
        const std::size_t count = std::min({size, piece, text.size() - *position});
        text.copy(buffer, count, *position);
        *position += count;
        return count;
      },
      "people.csv", format);
}

std::vector<CsvRecord> all(CsvReader csv) {
  std::vector<CsvRecord> records;
  while (auto record = csv.next()) records.push_back(std::move(*record));
  return records;
}

std::string header_error(const std::string& text) {
  try {
    reader(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Csv, ReadsQuotesLineEndsAndEmptyFields) {
  CsvReader csv = reader("a,b,c\r\n1,\"two \"\"x\"\", y\",\r\n\"line\r\nend\",,\"\"\n");
  EXPECT_THAT(csv.header(), ElementsAre("a", "b", "c"));
  auto first = csv.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->line, 2U);
  EXPECT_THAT(first->fields, ElementsAre("1", "two \"x\", y", ""));
  auto second = csv.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->line, 3U);
  EXPECT_THAT(second->fields, ElementsAre("line\r\nend", "", ""));
  EXPECT_FALSE(csv.next());
  EXPECT_FALSE(csv.next());
}

TEST(Csv, IsTheSameInPiecesOfAnySize) {
  const std::string text =
      "\xEF\xBB\xBFsep=;\r\n#TYPE System.Object\r\n\r\nA;\"B;\";C\r\n1;\"x\"\"\r\ny\";é\r\n\r\n\"2\";;3\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    CsvReader csv = reader(text, piece);
    EXPECT_THAT(csv.header(), ElementsAre("A", "B;", "C"));
    const auto records = all(std::move(csv));
    ASSERT_EQ(records.size(), 2U) << piece;
    EXPECT_EQ(records[0].line, 5U);
    EXPECT_THAT(records[0].fields, ElementsAre("1", "x\"\r\ny", "é"));
    EXPECT_EQ(records[1].line, 8U);
    EXPECT_THAT(records[1].fields, ElementsAre("2", "", "3"));
  }
}

TEST(Csv, EveryLineEndCounts) {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    std::string text = "a,b";
    for (const char* line : {"1,2", "", "3,4", "x"}) text += end + std::string(line);
    const auto records = all(reader(text));
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[0].line, 2U);
    EXPECT_EQ(records[1].line, 4U);
    ASSERT_TRUE(records[2].problem);
    EXPECT_EQ(records[2].problem->line, 5U);
  }
}

TEST(Csv, FindsTheSeparatorInTheHeader) {
  EXPECT_EQ(reader("a;b;c\n1;2,5;3\n").separator(), ';');
  EXPECT_EQ(reader("a\tb\n").separator(), '\t');
  EXPECT_EQ(reader("\"a,b,c\";d\n").separator(), ';');
  EXPECT_EQ(reader("a\n").separator(), ',');
  EXPECT_EQ(reader("SEP=\t\na,x\tb\n").separator(), '\t');
}

TEST(Csv, AHeaderWithAProblemIsAnError) {
  EXPECT_THAT(header_error(""), HasSubstr("empty"));
  EXPECT_THAT(header_error("\xEF\xBB\xBF\r\n\r\n"), HasSubstr("empty"));
  EXPECT_THAT(header_error("#TYPE X\n"), HasSubstr("empty"));
  EXPECT_THAT(header_error("a,b,A\n"), HasSubstr("people.csv, line 1: the file has the column A twice"));
  EXPECT_THAT(header_error("a,\"b\n"), HasSubstr("never closed"));
  EXPECT_THAT(header_error("sep=|\na|b\n"), HasSubstr("separator"));
  EXPECT_THAT(header_error("a,\"b\nc\"\n"), HasSubstr("control characters"));
  EXPECT_THAT(header_error(std::string("a\0,\0b\0", 6)), HasSubstr("-Encoding UTF-16LE"));
  EXPECT_THAT(header_error("a,\xE9\n"), HasSubstr("UTF-8"));
  EXPECT_THAT(header_error(std::string(1001, ',')), HasSubstr("1,000"));
}

struct BadRecord {
  std::string record;  // the second line of the file
  std::size_t line;
  std::string column;
  std::string why;
};

class CsvBadRecord : public testing::TestWithParam<BadRecord> {};

TEST_P(CsvBadRecord, IsNamedAndReadingGoesOn) {
  const auto records = all(reader("Name,Mail\n" + GetParam().record + "\ngood,1\n"));
  ASSERT_EQ(records.size(), 2U);
  ASSERT_TRUE(records[0].problem);
  EXPECT_EQ(records[0].problem->line, GetParam().line);
  EXPECT_EQ(records[0].problem->column, GetParam().column);
  EXPECT_THAT(records[0].problem->reason, HasSubstr(GetParam().why));
  EXPECT_FALSE(records[1].problem);
  EXPECT_THAT(records[1].fields, ElementsAre("good", "1"));
}

INSTANTIATE_TEST_SUITE_P(Csv, CsvBadRecord,
                         testing::Values(BadRecord{"a\"b,c", 2, "Name", "quote inside a value"},
                                         BadRecord{"a,\"b\"c", 2, "Mail", "after the closing quote"},
                                         BadRecord{"=\"001\",b", 2, "Name", "quote inside a value"},
                                         BadRecord{"a", 2, "", "has 1 fields, the header has 2"},
                                         BadRecord{"a,b,c", 2, "", "has 3 fields, the header has 2"},
                                         BadRecord{"a,Andr\xE9 \x80", 2, "Mail", "\"André €\""},
                                         BadRecord{"\"x\ny\",\xC0\x80", 3, "Mail", "not UTF-8"},
                                         BadRecord{std::string("a,b\0c", 5), 2, "Mail", "NUL"},
                                         BadRecord{"a," + std::string((1 << 20) + 1, 'x'), 2, "Mail",
                                                   "larger than 1 MB"}));

TEST(Csv, AFieldMayBeAsLargeAsTheLimit) {
  const auto records = all(reader("a,b\nx," + std::string(CsvReader::kLongestField, 'y') + "\n"));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_FALSE(records[0].problem);
  EXPECT_EQ(records[0].fields[1].size(), CsvReader::kLongestField);
}

TEST(Csv, ARecordOfManyLargeFieldsIsRefused) {
  std::string text = "a,b,c,d,e,f\n";
  for (int i = 0; i < 6; ++i) text += std::string(900000, 'y') + (i < 5 ? "," : "\n1,2,3,4,5,6\n");
  const auto records = all(reader(text));
  ASSERT_EQ(records.size(), 2U);
  ASSERT_TRUE(records[0].problem);
  EXPECT_THAT(records[0].problem->reason, HasSubstr("4 MB"));
  EXPECT_FALSE(records[1].problem);
}

TEST(Csv, AQuoteThatIsNeverClosedIsNamedWhereItOpens) {
  const auto records = all(reader("a,b\n1,2\n3,\"4\n5,6\n7,8\n"));
  ASSERT_EQ(records.size(), 2U);
  ASSERT_TRUE(records[1].problem);
  EXPECT_EQ(records[1].problem->line, 3U);
  EXPECT_EQ(records[1].problem->column, "b");
  EXPECT_THAT(records[1].problem->reason, HasSubstr("never closed"));
  // Also when so much follows that the field grows too large first.
  const auto large = all(reader("a,b\n1,\"" + std::string(3 << 20, 'x')));
  ASSERT_EQ(large.size(), 1U);
  EXPECT_THAT(large[0].problem->reason, HasSubstr("never closed"));
}

TEST(Csv, AFileThatEndsInMidRowIsReadToItsEnd) {
  const auto records = all(reader("a,b\n1,2\n3"));
  ASSERT_EQ(records.size(), 2U);
  ASSERT_TRUE(records[1].problem);
  EXPECT_THAT(records[1].problem->reason, HasSubstr("the file ends in this row"));
}

std::string utf16(std::u16string_view text, bool big_endian) {
  std::string octets;
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 0xFF);
    const char high = static_cast<char>(unit >> 8);
    octets += big_endian ? high : low;
    octets += big_endian ? low : high;
  }
  return octets;
}

TEST(Csv, Utf16IsKnownByItsMarkInPiecesOfAnySize) {
  for (const bool big_endian : {false, true}) {
    const std::string text = utf16(u"\xFEFFName;Mail\r\nAndr\xE9 \xD83D\xDE00;1\r\nb;2", big_endian);
    for (const std::size_t piece : {1U, 2U, 3U, 5U, 4096U}) {
      CsvReader csv = reader(text, piece);
      EXPECT_THAT(csv.header(), ElementsAre("Name", "Mail"));
      const auto records = all(std::move(csv));
      ASSERT_EQ(records.size(), 2U);
      EXPECT_THAT(records[0].fields, ElementsAre("Andr\u00e9 \U0001F600", "1"));
      EXPECT_THAT(records[1].fields, ElementsAre("b", "2"));
    }
  }
}

TEST(Csv, HalfACharacterAtTheEndIsABadRow) {
  std::string text = utf16(u"\xFEFFName\r\nb\r\nc", false);
  text.pop_back();
  const auto records = all(reader(text, 3));
  ASSERT_EQ(records.size(), 2U);
  ASSERT_TRUE(records[1].problem);
  EXPECT_EQ(records[1].problem->line, 3U);
  EXPECT_THAT(records[1].problem->reason, HasSubstr("UTF-16LE"));
}

TEST(Csv, AnEncodingCanBeNamed) {
  const CsvFormat format{.encoding = "windows-1252"};
  const std::string text = "Name;Mail\nAndr\xE9 \x80;1\nb\x81;2\n";
  for (const std::size_t piece : {1U, 7U, 4096U}) {
    const auto records = all(reader(text, piece, format));
    ASSERT_EQ(records.size(), 2U);
    EXPECT_THAT(records[0].fields, ElementsAre("Andr\u00e9 \u20ac", "1"));
    ASSERT_TRUE(records[1].problem);  // windows-1252 has nothing at 0x81
    EXPECT_EQ(records[1].problem->line, 3U);
    EXPECT_EQ(records[1].problem->column, "Name");
    EXPECT_THAT(records[1].problem->reason, HasSubstr("nothing in windows-1252"));
  }
  // More than the buffers hold.
  const std::string accents(300000, '\xE9');
  const auto large = all(reader("a\n" + accents + "\n", 4096, format));
  ASSERT_EQ(large.size(), 1U);
  EXPECT_EQ(large[0].fields[0].size(), 2 * accents.size());
  // A byte order mark says more than a name.
  EXPECT_THAT(all(reader("\xEF\xBB\xBF"
                         "a\n\u00e9\n",
                         1, format))[0]
                  .fields,
              ElementsAre("\u00e9"));
  EXPECT_THROW(reader("a\n", 1, {.encoding = "windows-9999"}), Error);
}

TEST(Csv, NotUtf8ShowsTheWordAndWhatToDo) {
  const auto records = all(reader("a,b\n1," + std::string(100, 'x') +
                                  " Ren\xE9"
                                  "e\n"));
  ASSERT_TRUE(records.at(0).problem);
  EXPECT_THAT(records[0].problem->reason, testing::AllOf(HasSubstr("Ren\u00e9"
                                                                   "e\""),
                                                         HasSubstr("-Encoding windows-1252")));
}

TEST(Csv, ASeparatorCanBeNamed) {
  EXPECT_THAT(reader("a|b,c\n", 1, {.separator = '|'}).header(), ElementsAre("a", "b,c"));
  EXPECT_THAT(reader("sep=;\na,b;c\n", 1, {.separator = ','}).header(), ElementsAre("a", "b;c"));
  EXPECT_THAT(reader("sep=|\na|b\n", 1, {.separator = ','}).header(), ElementsAre("a|b"));
}

TEST(Csv, ASecretColumnGoesIntoSecrets) {
  CsvReader csv = reader(
      "User,Pin,Mail\na,\"01\"\"2\",x\nb,,y\nc,0\xE9"
      "19,z\nd," +
          std::string(257, '1') + ",z\ne,7\n",
      3);
  csv.keep_secret(1);
  const auto records = all(std::move(csv));
  ASSERT_EQ(records.size(), 5U);
  EXPECT_THAT(records[0].fields, ElementsAre("a", "", "x"));
  ASSERT_TRUE(records[0].secret);
  EXPECT_TRUE(records[0].secret->same_as(Secret("01\"2")));
  EXPECT_FALSE(records[1].secret);
  ASSERT_TRUE(records[2].problem);
  EXPECT_EQ(records[2].problem->column, "Pin");
  EXPECT_THAT(records[2].problem->reason, testing::Not(HasSubstr("19")));
  ASSERT_TRUE(records[3].problem);
  EXPECT_THAT(records[3].problem->reason, HasSubstr("256"));
  ASSERT_TRUE(records[4].problem);
  EXPECT_FALSE(records[4].secret);
}

TEST(Csv, TheDigestIsOfTheOctetsOfTheFile) {
  const std::string text = utf16(u"\xFEFFName;Mail\r\na;1\r\n", false);
  for (const std::size_t piece : {1U, 5U, 4096U}) {
    CsvReader csv = reader(text, piece);
    while (csv.next()) continue;
    EXPECT_EQ(csv.digest(), sha256_hex(text));
  }
}

TEST(Csv, ReadsFromAStream) {
  std::istringstream stream("a,b\n1,2\n");
  EXPECT_EQ(all(CsvReader(read_from(stream, "people.csv"), "people.csv")).size(), 1U);
  std::istringstream broken("a,b\n1,2\n");
  broken.setstate(std::ios::badbit);
  EXPECT_THROW(CsvReader(read_from(broken, "people.csv"), "people.csv"), Error);
}

}  // namespace
}  // namespace dialin
