// SPDX-License-Identifier: Apache-2.0
#include "check/check_request.h"

#include <gtest/gtest.h>

namespace dialin::test {
namespace {

std::optional<CheckRequest> form(std::string_view text) {
  return parse_check_form(Secret(text));
}
std::optional<CheckRequest> json(std::string_view text) {
  return parse_check_json(Secret(text));
}
bool has_pin(const CheckRequest& request, std::string_view digits) {
  return request.pin && request.pin->same_as(*Pin::parse(digits));
}

TEST(CheckRequest, AFormIsDecoded) {
  const auto request = form("who=tel%3A%2B14255551297%3Bext%3D51297&pin=0735%31&caller=%2B1+425");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->who, "tel:+14255551297;ext=51297");
  EXPECT_EQ(request->caller, "+1 425");
  EXPECT_TRUE(has_pin(*request, "07351"));
  EXPECT_EQ(form("pin=73519&who=51297")->caller, "");
}

TEST(CheckRequest, JsonIsDecoded) {
  const auto request = json(
      " {\"who\" : \"b\\u006Fb@c\\u00e9.com\", "
      "\"caller\":\"\\ud83d\\ude00\\/\",\r\n\"pin\":\"0\\u0037351\"} ");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->who, "bob@cé.com");
  EXPECT_EQ(request->caller, "😀/");
  EXPECT_TRUE(has_pin(*request, "07351"));
}

TEST(CheckRequest, WhatCanBeNobodysPinIsNone) {
  for (const char* pin : {"", "123", "12a45", "1234567890123456789012345", "%20%201234"}) {
    const auto request = form(std::string("who=51297&pin=") + pin);
    ASSERT_TRUE(request) << pin;
    EXPECT_FALSE(request->pin) << pin;
  }
}

TEST(CheckRequest, EverythingElseIsRefused) {
  for (const std::string& text :
       std::initializer_list<std::string>{"",
                                          "who",
                                          "who=1",
                                          "pin=73519",
                                          "who=1&pin=73519&pin=73519",
                                          "who=1&who=2&pin=73519",
                                          "who=1&pin=73519&",
                                          "&who=1&pin=73519",
                                          "who=1&pin=73519&more=1",
                                          "who=1&pin=73519&caller=%",
                                          "who=1&pin=73519&caller=%0",
                                          "who=1&pin=73519&caller=%zz",
                                          "who=%00&pin=73519",
                                          "who=%0a&pin=73519",
                                          "who=%ff&pin=73519",
                                          "who=&pin=73519",
                                          "Who=1&pin=73519",
                                          "{\"who\":\"1\",\"pin\":\"73519\"}",
                                          "who=" + std::string(1025, 'x') + "&pin=73519",
                                          "who=1&pin=73519&caller=" + std::string(257, 'x')})
    EXPECT_FALSE(form(text)) << text;
  for (const std::string& text :
       std::initializer_list<std::string>{"",
                                          "{}",
                                          "[]",
                                          "null",
                                          "{\"who\":\"1\"}",
                                          "{\"who\":\"1\",\"pin\":73519}",
                                          "{\"who\":\"1\",\"pin\":\"73519\"",
                                          "{\"who\":\"1\",\"pin\":\"73519\",}",
                                          "{\"who\":\"1\",\"pin\":\"73519\"}x",
                                          "{\"who\":\"1\",\"pin\":\"73519\"}{}",
                                          "{\"who\":\"1\",\"who\":\"1\",\"pin\":\"73519\"}",
                                          "{\"who\":\"1\",\"pin\":\"73519\",\"more\":\"\"}",
                                          "{\"who\":\"\\u00zz\",\"pin\":\"73519\"}",
                                          "{\"who\":\"\\ud800\",\"pin\":\"73519\"}",
                                          "{\"who\":\"\\ud800\\u0041\",\"pin\":\"73519\"}",
                                          "{\"who\":\"\\udc00\",\"pin\":\"73519\"}",
                                          "{\"who\":\"\\x\",\"pin\":\"73519\"}",
                                          "{\"who\":\"a\nb\",\"pin\":\"73519\"}",
                                          "{\"who\":\"\\u0000\",\"pin\":\"73519\"}",
                                          "{'who':'1','pin':'73519'}",
                                          "who=1&pin=73519"})
    EXPECT_FALSE(json(text)) << text;
  EXPECT_FALSE(form("who=1&pin=73519&caller=" + std::string(4096, '+')));
}

}  // namespace
}  // namespace dialin::test
