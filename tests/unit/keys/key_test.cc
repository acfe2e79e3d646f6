// SPDX-License-Identifier: Apache-2.0
#include "keys/key.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "unit/keys/test_keys.h"

namespace dialin {
namespace {

TEST(KeyId, Is16LowerCaseHexadecimalDigits) {
  EXPECT_EQ(KeyId::parse("0123456789abcdef")->text(), "0123456789abcdef");
  for (const char* text : {"", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg",
                           "../0123456789abc", "0123456789abcde\n"}) {
    EXPECT_FALSE(KeyId::parse(text)) << text;
  }
}

TEST(Key, IdIsTheBeginningOfAHashOfTheKey) {
  const std::string octets(32, 'k');
  EXPECT_EQ(test::key_of('k').id().text(), sha256_hex("dialin key id" + octets).substr(0, 16));
  EXPECT_EQ(test::key_of('k').id(), test::key_of('k').id());
  EXPECT_NE(test::key_of('k').id(), test::key_of('l').id());
}

TEST(Key, Has32Octets) {
  EXPECT_FALSE(Key::from_octets(Secret()));
  EXPECT_FALSE(Key::from_octets(Secret(std::string(31, 'k'))));
  EXPECT_FALSE(Key::from_octets(Secret(std::string(33, 'k'))));
  EXPECT_EQ(test::text_of(test::key_of('k').octets()), std::string(32, 'k'));
}

}  // namespace
}  // namespace dialin
