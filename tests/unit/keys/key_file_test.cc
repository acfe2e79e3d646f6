// SPDX-License-Identifier: Apache-2.0
#include "keys/key_file.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "unit/keys/test_keys.h"

namespace dialin {
namespace {

std::string file_of(char octet) {
  return test::text_of(write_key_file(test::key_of(octet)));
}

TEST(KeyFile, IsOneLine) {
  EXPECT_EQ(file_of('k'),
            "dialin-key-v1 " + test::key_of('k').id().text() + " " + to_base64(std::string(32, 'k')) + "\n");
}

TEST(KeyFile, ComesBack) {
  const auto key = read_key_file(Secret(file_of('k')));
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->octets().same_as(test::key_of('k').octets()));
  EXPECT_EQ(key->id(), test::key_of('k').id());
}

TEST(KeyFile, AMissingLineEndIsForgiven) {
  std::string file = file_of('k');
  file.pop_back();
  EXPECT_TRUE(read_key_file(Secret(file)));
}

TEST(KeyFile, EveryChangedOctetIsFound) {
  const std::string file = file_of('k');
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const char other : {'A', '0', ' ', '\n', '\0', '=', '~'}) {
      if (file[i] == other) continue;
      std::string changed = file;
      changed[i] = other;
      EXPECT_FALSE(read_key_file(Secret(changed))) << i;
    }
  }
}

TEST(KeyFile, EveryCutIsFound) {
  const std::string file = file_of('k');
  for (std::size_t size = 0; size + 1 < file.size(); ++size) {
    EXPECT_FALSE(read_key_file(Secret(file.substr(0, size)))) << size;
  }
  EXPECT_FALSE(read_key_file(Secret(file + "\n")));
  EXPECT_FALSE(read_key_file(Secret(file + "more")));
}

}  // namespace
}  // namespace dialin
