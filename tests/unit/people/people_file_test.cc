// SPDX-License-Identifier: Apache-2.0
#include "people/people_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PeopleFile read(const std::string& text) {
  std::istringstream stream(text);
  return read_people_file(CsvReader(read_from(stream, "people.csv"), "people.csv"));
}

// The one bad cell of a file with one row.
BadRow bad(const std::string& column, const std::string& value) {
  const PeopleFile file = read("SipAddress;" + column + "\nbob@contoso.com;" + value + "\n");
  EXPECT_THAT(file.rows, IsEmpty()) << value;
  EXPECT_EQ(file.bad_rows.size(), 1U) << value;
  return file.bad_rows.empty() ? BadRow{} : file.bad_rows.front();
}

TEST(PeopleFile, ReadsEveryColumn) {
  const PeopleFile file = read(
      "externalid,SIPADDRESS,UserPrincipalName,SamAccountName,DisplayName,Mail,LineUri,Language,Region,Site,"
      "ConferenceId,Enabled\n"
      "E-1,sip:bob@contoso.com,bob@contoso.com,CONTOSO\\bob,Bob "
      "Kelly,bob@contoso.com,tel:+14255550101;ext=50101,"
      "EN-us,Redmond,Redmond,4711,True\n");
  EXPECT_THAT(file.bad_rows, IsEmpty());
  EXPECT_THAT(file.unknown_columns, IsEmpty());
  ASSERT_EQ(file.rows.size(), 1U);
  const PersonRow& row = file.rows[0];
  EXPECT_EQ(row.line, 2U);
  EXPECT_EQ(row.external_id.value, "E-1");
  EXPECT_EQ(row.sip_address.uri(), "sip:bob@contoso.com");
  EXPECT_EQ(row.user_principal_name.value, "bob@contoso.com");
  EXPECT_EQ(row.sam_account_name.value, "CONTOSO\\bob");
  EXPECT_EQ(row.display_name.value, "Bob Kelly");
  EXPECT_EQ(row.mail.value->address(), "bob@contoso.com");
  EXPECT_EQ(row.line_uri.value->uri(), "tel:+14255550101;ext=50101");
  EXPECT_EQ(row.language.value, "en-US");
  EXPECT_EQ(row.region.value, "Redmond");
  EXPECT_EQ(row.site.value, "Redmond");
  EXPECT_EQ(row.conference_id.value, "4711");
  EXPECT_EQ(row.enabled, true);
}

TEST(PeopleFile, AnAbsentColumnLeavesAnEmptyCellClears) {
  Person person{.id = "1",
                .sip_address = *SipAddress::parse("bob@contoso.com"),
                .display_name = "Bob Kelly",
                .mail = Mailbox::parse("bob@contoso.com"),
                .line_uri = PhoneNumber::parse("+14255550101"),
                .region = "Redmond"};
  const PeopleFile file = read("SipAddress,Mail,Region,Language,Enabled\nBob@contoso.com,,,fr,no\n");
  ASSERT_EQ(file.rows.size(), 1U);
  EXPECT_THAT(apply_row(file.rows[0], person),
              ElementsAre("SipAddress", "Mail", "Language", "Region", "Enabled"));
  EXPECT_EQ(person.id, "1");
  EXPECT_EQ(person.display_name, "Bob Kelly");
  EXPECT_TRUE(person.line_uri);
  EXPECT_FALSE(person.mail);
  EXPECT_EQ(person.region, "");
  EXPECT_EQ(person.language, "fr");
  EXPECT_FALSE(person.enabled);
  EXPECT_THAT(apply_row(file.rows[0], person), IsEmpty());
}

TEST(PeopleFile, WithoutSipAddressItIsNoPeopleFile) {
  const auto next = [](const std::string& text) -> std::string {
    try {
      read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
      EXPECT_THAT(error.what(), HasSubstr("people.csv"));
      return error.next();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(next("Mail\nbob@contoso.com\n"), HasSubstr("SipAddress"));
  EXPECT_THAT(next("SipAdress,Mail\nx,y\n"), HasSubstr("Did you mean SipAddress by \"SipAdress\"?"));
}

TEST(PeopleFile, UnknownColumnsAreNamedOnce) {
  const PeopleFile file = read("SipAddress,Mial,Department,\na@contoso.com,x,y,z\nb@contoso.com,x,y,z\n");
  EXPECT_EQ(file.rows.size(), 2U);
  ASSERT_EQ(file.unknown_columns.size(), 2U);
  EXPECT_EQ(file.unknown_columns[0].name, "Mial");
  EXPECT_EQ(file.unknown_columns[0].meant, "Mail");
  EXPECT_EQ(file.unknown_columns[1].name, "Department");
}

TEST(PeopleFile, BadCellsAreNamedByLineAndColumn) {
  const BadRow row = bad("Mail", "bob@contoso com");
  EXPECT_EQ(row.line, 2U);
  EXPECT_EQ(row.column, "Mail");
  EXPECT_THAT(row.reason, HasSubstr("contains a space"));
  EXPECT_THAT(bad("UserPrincipalName", "bob").reason, HasSubstr("no @"));
  EXPECT_THAT(bad("SamAccountName", "a\\b\\c").reason, HasSubstr("logon name"));
  EXPECT_THAT(bad("Language", "French").reason, HasSubstr("\"French\""));
  EXPECT_THAT(bad("Enabled", "perhaps").reason, HasSubstr("true or false"));
  EXPECT_THAT(bad("Enabled", "").reason, HasSubstr("true or false"));
  for (const char* column : {"ExternalId", "DisplayName", "Region", "Site", "ConferenceId"}) {
    EXPECT_EQ(bad(column, std::string(10000, 'x')).column, column);
    EXPECT_THAT(bad(column, "\"a\r\nBcc: eve@contoso.com\"").reason, HasSubstr("line end")) << column;
    EXPECT_THAT(bad(column, "a\u202Eb").reason, HasSubstr("direction override")) << column;
  }
}

TEST(PeopleFile, SaysWhatASpreadsheetDidToNumbers) {
  EXPECT_THAT(bad("LineUri", "3,31E+10").reason, HasSubstr("spreadsheet"));
  EXPECT_THAT(bad("LineUri", "33199000001").reason, HasSubstr("spreadsheets remove the +"));
  EXPECT_THAT(bad("ConferenceId", "1,23E+11").reason, HasSubstr("spreadsheet"));
}

TEST(PeopleFile, ACellThatOurReportsProtectedFromSpreadsheetsIsReadBack) {
  const PeopleFile file = read("SipAddress,LineUri,DisplayName\nbob@contoso.com,'+14255550101,'Bob'\n");
  ASSERT_EQ(file.rows.size(), 1U);
  EXPECT_EQ(file.rows[0].line_uri.value->uri(), "tel:+14255550101");
  EXPECT_EQ(file.rows[0].display_name.value, "'Bob'");
}

TEST(PeopleFile, EveryBadCellOfARowIsListed) {
  const PeopleFile file = read("SipAddress,Mail,Language\nx,y,!\n\"\",b@contoso.com,fr\n,,\n");
  ASSERT_EQ(file.bad_rows.size(), 4U);
  EXPECT_EQ(file.bad_rows[0].column, "SipAddress");
  EXPECT_EQ(file.bad_rows[1].column, "Mail");
  EXPECT_EQ(file.bad_rows[2].column, "Language");
  EXPECT_EQ(file.bad_rows[3].line, 3U);
  EXPECT_THAT(file.bad_rows[3].reason, HasSubstr("every person needs one"));
}

TEST(PeopleFile, DuplicatesNameBothLines) {
  const PeopleFile file = read(
      "SipAddress,ExternalId,UserPrincipalName\n"
      "bob@contoso.com,1,bob@contoso.com\n"
      "SIP:BOB@Contoso.com,2,b2@contoso.com\n"
      "c@contoso.com,1,c@contoso.com\n"
      "d@contoso.com,4,Bob@contoso.com\n"
      "e@contoso.com,,\n"
      "f@contoso.com,,\n");
  ASSERT_EQ(file.bad_rows.size(), 3U);
  EXPECT_EQ(file.bad_rows[0].line, 3U);
  EXPECT_EQ(file.bad_rows[0].column, "SipAddress");
  EXPECT_THAT(file.bad_rows[0].reason, HasSubstr("in line 2 and again in line 3"));
  EXPECT_EQ(file.bad_rows[1].column, "ExternalId");
  EXPECT_THAT(file.bad_rows[1].reason, HasSubstr("in line 2 and again in line 4"));
  EXPECT_EQ(file.bad_rows[2].column, "UserPrincipalName");
  EXPECT_THAT(file.bad_rows[2].reason, HasSubstr("in line 2 and again in line 5"));
  EXPECT_EQ(file.rows.size(), 3U);
}

TEST(PeopleFile, BadRecordsStandAmongTheBadRows) {
  const PeopleFile file =
      read("SipAddress,DisplayName\na@contoso.com,\"A\"x\nb@contoso.com,B\nc@contoso.com,\"C\n");
  EXPECT_EQ(file.rows.size(), 1U);
  ASSERT_EQ(file.bad_rows.size(), 2U);
  EXPECT_EQ(file.bad_rows[0].line, 2U);
  EXPECT_EQ(file.bad_rows[1].line, 4U);
  EXPECT_THAT(file.bad_rows[1].reason, HasSubstr("never closed"));
}

TEST(PeopleFile, MessagesHoldNothingThatATerminalObeys) {
  const BadRow row = bad("Language", "\x1B[2Jx" + std::string(500, 'y'));
  EXPECT_FALSE(has_control_characters(row.reason));
  EXPECT_LT(row.reason.size(), 200U);
}

TEST(PeopleFile, TheShippedExampleIsClean) {
  std::ifstream stream(DIALIN_SOURCE_DIR "/examples/contoso.csv");
  ASSERT_TRUE(stream);
  const PeopleFile file = read_people_file(CsvReader(read_from(stream, "contoso.csv"), "contoso.csv"));
  EXPECT_THAT(file.bad_rows, IsEmpty());
  EXPECT_THAT(file.unknown_columns, IsEmpty());
  ASSERT_GE(file.rows.size(), 6U);
  const auto bob = std::find_if(file.rows.begin(), file.rows.end(), [](const PersonRow& row) {
    return row.sip_address.uri() == "sip:bob@contoso.com";
  });
  ASSERT_NE(bob, file.rows.end());
  EXPECT_EQ(bob->display_name.value, "Bob Kelly");
  EXPECT_EQ(bob->language.value, "en");
  EXPECT_TRUE(bob->line_uri.value);
}

}  // namespace
}  // namespace dialin
