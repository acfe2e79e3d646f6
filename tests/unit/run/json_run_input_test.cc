// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "unit/run/input_pieces.h"

namespace dialin::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::unique_ptr<RunInput> input(const std::string& text, std::size_t piece = 4096) {
  return json_run_input(pieces_of(text, piece), "standard input", parameter_names());
}

TEST(JsonRunInput, ReadsObjectsInPiecesOfAnySize) {
  const std::string text =
      "\xEF\xBB\xBF{\"userUri\":\"bob@contoso.com\", "
      "\"Mail\":\"b@contoso.com\",\"Pin\":\"0123\",\"Language\":\"fr\","
      "\"Subject\":\"caf\\u00e9\"}\r\n"
      "\n  \n"
      "{\"SipAddress\":\"kim@contoso.com\",\"Pin\":null,\"Manager\":{\"Pin\":1,\"Mail\":[2]},\"Age\":7}";
  for (const std::size_t piece : {1U, 3U, 4096U}) {
    const auto json = input(text, piece);
    const auto rows = all_rows(*json);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].line, 1);
    EXPECT_EQ(rows[0].identity, "bob@contoso.com");
    EXPECT_EQ(rows[0].address, "b@contoso.com");
    EXPECT_EQ(rows[0].language, "fr");
    EXPECT_EQ(rows[0].subject, "caf\u00e9");
    EXPECT_TRUE(holds(rows[0].pin, "0123"));
    EXPECT_FALSE(rows[0].problem);
    EXPECT_EQ(rows[1].line, 4);
    EXPECT_EQ(rows[1].identity, "kim@contoso.com");
    EXPECT_FALSE(rows[1].pin || rows[1].problem || rows[1].address);
    ASSERT_EQ(json->unknown_columns().size(), 2U);
    EXPECT_EQ(json->unknown_columns()[0].name, "Manager");
    EXPECT_EQ(json->digest(), sha256_hex(text));
  }
}

struct BadLine {
  std::string line;
  const char* key;
  const char* why;
};
class BadJsonLine : public testing::TestWithParam<BadLine> {};
TEST_P(BadJsonLine, IsNamedAndReadingGoesOn) {
  const auto rows = all_rows(*input("\n" + GetParam().line + "\n{\"upn\":\"good@contoso.com\"}\n"));
  ASSERT_EQ(rows.size(), 2U);
  ASSERT_TRUE(rows[0].problem);
  EXPECT_EQ(rows[0].problem->line, 2U);
  EXPECT_EQ(rows[0].problem->column, GetParam().key);
  EXPECT_THAT(rows[0].problem->reason, HasSubstr(GetParam().why));
  EXPECT_THAT(rows[0].problem->reason, Not(HasSubstr("4711")));
  EXPECT_FALSE(rows[0].pin);
  EXPECT_FALSE(rows[1].problem);
}
INSTANTIATE_TEST_SUITE_P(
    JsonRunInput, BadJsonLine,
    testing::Values(
        BadLine{R"({"UserUri":"b@c.de","Pin":4711})", "Pin", "leading zeros"},
        BadLine{R"({"UserUri":"b@c.de","Pin":-4711})", "Pin", "leading zeros"},
        BadLine{R"({"UserUri":"b@c.de","Pin":4711.5})", "Pin", "leading zeros"},
        BadLine{R"({"UserUri":14255551297})", "UserUri", "is a number"},
        BadLine{R"({"UserUri":"b@c.de","Mail":true})", "Mail", "is true or false"},
        BadLine{R"({"UserUri":"b@c.de","Mail":["x"]})", "Mail", "is an array"},
        BadLine{R"({"UserUri":{"a":1}})", "UserUri", "is an object"},
        BadLine{R"({"UserUri":"b@c.de","Pin":"4711","pin":"1"})", "pin", "twice"},
        BadLine{R"({"UserUri":"b@c.de","x":1,"x":2})", "x", "twice"},
        BadLine{R"({"UserUri":"b@c.de","Identity":"k@c.de"})", "Identity", "UserUri both name the person"},
        BadLine{R"({"UserUri":"b@c.de","Bcc":"k@c.de"})", "Bcc", "parameter"},
        BadLine{R"({"Mail":"b@c.de"})", "UserUri", "is not there"},
        BadLine{R"({"upn":""})", "upn", "is empty"}, BadLine{R"({"upn":null})", "upn", "is empty"},
        BadLine{R"({"upn":"b\u0000@c.de"})", "upn", "NUL"},
        BadLine{R"({"upn":"b@c.de","Pin":"4711)", "", "no JSON object"},
        BadLine{R"({"upn":"b@c.de","Pin":"\q4711"})", "", "no JSON object"},
        BadLine{R"({"upn":"b@c.de"}{"upn":"b@c.de"})", "", "no JSON object"}, BadLine{"{", "", "one line"},
        BadLine{"4711", "", "no JSON object"}, BadLine{"null", "", "no JSON object"},
        BadLine{R"("4711")", "", "no JSON object"}, BadLine{R"([{"upn":"b@c.de"}])", "", "is an array"},
        BadLine{"{\"upn\":\"Andr\xE9\"}", "", "not UTF-8"},
        BadLine{std::string("{\"upn\":\"a\0b\"}", 13), "", "no JSON object"}));

TEST(JsonRunInput, ALineThatIsTooLongIsABadRow) {
  const auto rows =
      all_rows(*input("{\"upn\":\"" + std::string(5 << 20, 'x') + "\"}\n{\"upn\":\"b@c.de\"}\n"));
  ASSERT_EQ(rows.size(), 2U);
  ASSERT_TRUE(rows[0].problem);
  EXPECT_THAT(rows[0].problem->reason, HasSubstr("4 MB"));
  EXPECT_EQ(rows[1].identity, "b@c.de");
}

TEST(JsonRunInput, VeryManyKeysAndUnknownNamesFillNoMemory) {
  std::string line = "{\"upn\":\"b@c.de\"";
  for (int i = 0; i < 2000; ++i) line += ",\"k" + std::to_string(i) + "\":0";
  const auto json = input(line + "}\n");
  const auto rows = all_rows(*json);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].problem);
  EXPECT_LE(json->unknown_columns().size(), 100U);
}

TEST(JsonRunInput, DeepNestingIsPassedOver) {
  const std::string deep = std::string(500000, '[') + std::string(500000, ']');
  const auto rows = all_rows(*input("{\"x\":" + deep + ",\"upn\":\"b@c.de\"}"));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].identity, "b@c.de");
  EXPECT_FALSE(rows[0].problem);
}

TEST(JsonRunInput, RowsOfAReportAreKnown) {
  const auto json =
      input(R"({"Line":2,"Identity":"b@c.de","PinResult":"Set","MailResult":"Sent","Code":"","Detail":""})");
  const auto rows = all_rows(*json);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].already_sent);
  EXPECT_TRUE(json->unknown_columns().empty());
}

}  // namespace
}  // namespace dialin::test
