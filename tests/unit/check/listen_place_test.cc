// SPDX-License-Identifier: Apache-2.0
#include "check/http/listen_place.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace dialin::test {
namespace {

TEST(ListenPlace, IsAnAddressOrAUnixSocket) {
  EXPECT_EQ(ListenPlace::parse("127.0.0.1:8467", "x").text(), "127.0.0.1:8467");
  EXPECT_EQ(ListenPlace::parse("localhost:0", "x").text(), "127.0.0.1:0");
  EXPECT_EQ(ListenPlace::parse("[::1]:8467", "x").text(), "[::1]:8467");
  EXPECT_EQ(ListenPlace::parse("unix:/run/dialin/check.sock", "x").text(), "unix:/run/dialin/check.sock");
  EXPECT_TRUE(ListenPlace::parse("[::1]:8467", "x").is_local());
  EXPECT_FALSE(ListenPlace::parse("192.0.2.1:8467", "x").is_local());
  EXPECT_FALSE(ListenPlace::parse("0.0.0.0:8467", "x").is_local());
}

TEST(ListenPlace, EverythingElseIsRefusedByTheSettingsName) {
  for (const std::string& text :
       std::initializer_list<std::string>{"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:70000",
                                          "127.0.0.1:-1", "::1:8467", "dialin.contoso.com:8467", ":8467",
                                          "unix:", "unix:check.sock", "unix:/" + std::string(200, 'x')}) {
    try {
      ListenPlace::parse(text, "[check] listen");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Configuration);
      EXPECT_NE(std::string(error.what()).find("[check] listen"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace dialin::test
