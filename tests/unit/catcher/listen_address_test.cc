// SPDX-License-Identifier: Apache-2.0
#include "mail/catcher/listen_address.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace dialin {
namespace {

TEST(ListenAddress, TakesLoopbackOnly) {
  EXPECT_EQ(ListenAddress::parse("127.0.0.1:2525").host(), "127.0.0.1");
  EXPECT_EQ(ListenAddress::parse("127.0.0.1:2525").port(), 2525);
  EXPECT_EQ(ListenAddress::parse("127.9.8.7:0").host(), "127.9.8.7");
  EXPECT_EQ(ListenAddress::parse("Localhost:1").host(), "127.0.0.1");
  EXPECT_TRUE(ListenAddress::parse("[::1]:65535").is_ipv6());
}

TEST(ListenAddress, RefusesEverythingElse) {
  for (const char* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:25 ",
        "127.0.0.1:+25", "0.0.0.0:2525", "128.0.0.1:2525", "192.168.1.1:2525", "[::]:2525", "::1:2525",
        "mail.contoso.com:2525", "127.1:2525", ":2525", "*:2525"}) {
    try {
      ListenAddress::parse(text);
      ADD_FAILURE() << "accepted " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::InvalidInput) << text;
      EXPECT_FALSE(error.next().empty());
    }
  }
}

}  // namespace
}  // namespace dialin
