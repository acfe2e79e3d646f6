// SPDX-License-Identifier: Apache-2.0
#include "shell/output.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"
#include "shell/binder.h"
#include "support/fake_streams.h"
#include "support/sample_commands.h"

namespace dialin {
namespace {

const Timestamp Sunday = from_microseconds(1'772'356'447'000'000);  // 2026-03-01T09:14:07Z

OutputObject pin_info(const std::string& identity, bool set) {
  OutputObject object;
  object.text("Identity", identity)
      .truth("IsPinSet", set)
      .truth("IsLockedOut", false)
      .time_or_null("LastPinChangeTime", set ? std::optional(Sunday) : std::nullopt)
      .time_or_null("PinExpirationTime", std::nullopt);
  return object;
}

TEST(Output, ListIsTheOriginals) {
  FakeStreams streams;
  write_object(streams, pin_info("sip:kenmyer@litwareinc.com", true), std::nullopt);
  EXPECT_EQ(streams.output,
            "Identity          : sip:kenmyer@litwareinc.com\n"
            "IsPinSet          : True\n"
            "IsLockedOut       : False\n"
            "LastPinChangeTime : 2026-03-01T09:14:07Z\n"
            "PinExpirationTime :\n");
}

TEST(Output, ListPadsToTheLongestName) {
  FakeStreams streams;
  OutputObject object;
  object.text("A", "x").number("ANameOfTwentyLetters", -5);
  write_objects(streams, {object, object}, OutputFormat::List);
  EXPECT_EQ(streams.output,
            "A                    : x\nANameOfTwentyLetters : -5\n\n"
            "A                    : x\nANameOfTwentyLetters : -5\n");
}

TEST(Output, SeveralObjectsAreATable) {
  FakeStreams streams;
  OutputObject a, b;
  a.text("Name", "Zoë").number("Tries", 3).truth("Set", true);
  b.text("Name", "Jörg 田中").number("Tries", 12).truth("Set", false);
  write_objects(streams, {a, b}, std::nullopt);
  EXPECT_EQ(streams.output,
            "Name      Tries Set\n"
            "----      ----- ---\n"
            "Zoë           3 True\n"
            "Jörg 田中    12 False\n");
}

TEST(Output, OneFoundObjectIsAList) {
  FakeStreams streams;
  write_objects(streams, {pin_info("bob", false)}, std::nullopt);
  EXPECT_EQ(streams.output.substr(0, 24), "Identity          : bob\n");
}

TEST(Output, NothingFoundPrintsNothingButJsonAndCsvStayValid) {
  FakeStreams streams;
  write_objects(streams, {}, std::nullopt, {"A"});
  EXPECT_EQ(streams.output, "");
  write_objects(streams, {}, OutputFormat::Json);
  EXPECT_EQ(streams.output, "[]\n");
  streams.output.clear();
  write_objects(streams, {}, OutputFormat::Csv, {"A", "B"});
  EXPECT_EQ(streams.output, "A,B\r\n");
}

TEST(Output, ATableFitsTheTerminal) {
  FakeStreams streams;
  streams.output_is_terminal = true;
  streams.columns = 40;
  OutputObject object;
  object.text("Name", "Bob Kelly").text("Detail", std::string(100, 'x'));
  write_objects(streams, {object, object}, OutputFormat::Table);
  for (const std::string& line : split(streams.output, '\n')) EXPECT_LE(display_width(line), 40u);
  EXPECT_NE(streams.output.find("Bob Kelly "), std::string::npos);
  EXPECT_NE(streams.output.find("xx…\n"), std::string::npos);
}

TEST(Output, ATableIsNotCutInAFile) {
  FakeStreams streams;
  streams.columns = 40;
  OutputObject object;
  object.text("Detail", std::string(100, 'x'));
  write_objects(streams, {object, object}, std::nullopt);
  EXPECT_NE(streams.output.find(std::string(100, 'x')), std::string::npos);
}

TEST(Output, WhatCannotFitIsAList) {
  FakeStreams streams;
  streams.output_is_terminal = true;
  streams.columns = 20;
  OutputObject object;
  object.text("Alpha", "1234567890").text("Beta", "1234567890").text("Gamma", "1234567890");
  write_objects(streams, {object, object}, OutputFormat::Table);
  EXPECT_EQ(streams.output.substr(0, 31), "Alpha             : 1234567890\n");
}

TEST(Output, Json) {
  FakeStreams streams;
  OutputObject object;
  object.text("Text", "\"\\/\n\x01 é \xE2\x80\xAE")
      .truth("Truth", false)
      .number("Number", -7)
      .time("Time", Sunday)
      .text_or_null("Nothing", std::nullopt);
  write_object(streams, object, OutputFormat::Json);
  EXPECT_EQ(streams.output,
            "{\n  \"Text\": \"\\\"\\\\/\\n\\u0001 é \\u202e\",\n  \"Truth\": false,\n  \"Number\": -7,\n"
            "  \"Time\": \"2026-03-01T09:14:07Z\",\n  \"Nothing\": null\n}\n");
  streams.output.clear();
  OutputObject small;
  small.text("A", "\xFF");
  write_objects(streams, {small}, OutputFormat::Json);
  EXPECT_EQ(streams.output, "[\n  {\n    \"A\": \"\xEF\xBF\xBD\"\n  }\n]\n");
}

TEST(Output, CsvQuotesAndGuards) {
  FakeStreams streams;
  OutputObject object;
  object.text("A", "a,b")
      .text("B", "say \"x\"")
      .text("C", "=1+1")
      .text("D", "line\nbreak")
      .number("E", -5)
      .truth("F", true);
  write_object(streams, object, OutputFormat::Csv);
  EXPECT_EQ(streams.output, "A,B,C,D,E,F\r\n\"a,b\",\"say \"\"x\"\"\",'=1+1,\"line\nbreak\",-5,True\r\n");
  for (std::string dangerous : {"=x", "+x", "-x", "@x", "\tx", "\rx"}) {
    streams.output.clear();
    OutputObject one;
    one.text("A", dangerous);
    write_object(streams, one, OutputFormat::Csv);
    EXPECT_NE(streams.output.find("'" + dangerous), std::string::npos);
  }
}

TEST(Output, NoTextDrivesTheTerminal) {
  FakeStreams streams;
  OutputObject object;
  object.text("Detail", "550 \x1b[2J\r\nno\xC2\x9B");
  write_objects(streams, {object}, OutputFormat::List);
  write_objects(streams, {object}, OutputFormat::Table);
  for (char c : streams.output) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  EXPECT_EQ(streams.output.find("\xC2\x9B"), std::string::npos);
}

class TimeZone {
 public:
  explicit TimeZone(const char* name) : before_(getenv("TZ") ? getenv("TZ") : "") { set(name); }
  ~TimeZone() { set(before_.c_str()); }

 private:
  static void set(const char* name) {
    *name ? setenv("TZ", name, 1) : unsetenv("TZ");
    tzset();
  }
  std::string before_;
};

TEST(Output, TimesOnATerminalCarryTheOperatorsZone) {
  const TimeZone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  EXPECT_EQ(time_for_people(Sunday, "C"), "2026-03-01 10:14:07 CET");
  EXPECT_EQ(time_for_people(Sunday, "xx_XX.UTF-8"), "2026-03-01 10:14:07 CET");
  FakeStreams streams;
  streams.output_is_terminal = true;
  OutputObject object;
  object.time("T", Sunday);
  write_object(streams, object, std::nullopt);
  EXPECT_EQ(streams.output, "T                 : 2026-03-01 10:14:07 CET\n");
  streams.output.clear();
  write_object(streams, object, OutputFormat::Csv);
  EXPECT_EQ(streams.output, "T\r\n2026-03-01T09:14:07Z\r\n");
}

TEST(Output, FormatIsThatOfTheParameter) {
  const std::vector<std::string_view> none;
  EXPECT_EQ(output_format(bind_parameters(test::welcome_row(), none, Spelling::Native)), std::nullopt);
  const std::vector<std::string_view> json = {"-output", "JSON"};
  EXPECT_EQ(output_format(bind_parameters(test::welcome_row(), json, Spelling::Native)), OutputFormat::Json);
}

TEST(Output, AFullDiskIsAnError) {
  FakeStreams streams;
  streams.output_is_broken = true;
  EXPECT_THROW(write_object(streams, pin_info("bob", true), std::nullopt), Error);
}

}  // namespace
}  // namespace dialin
