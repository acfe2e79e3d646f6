// SPDX-License-Identifier: Apache-2.0
#include "keys/signing_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error.h"
#include "keys/key_directory.h"
#include "support/temporary_directory.h"

namespace dialin::test {
namespace {

// RFC 8032, 7.1, test 1.
const char* const kSeed =
    "\x9d\x61\xb1\x9d\xef\xfd\x5a\x60\xba\x84\x4a\xf4\x92\xec\x2c\xc4\x44\x49\xc5\x69\x7b\x32\x69\x19\x70\x3b"
    "\xac\x03\x1c\xae\x7f\x60";
const char* const kPublicKey = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const char* const kSignatureOfNothing =
    "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==";

TEST(SigningKeyTest, SignsAsTheStandardSays) {
  EXPECT_FALSE(SigningKey::from_seed(Secret("short")));
  const auto key = SigningKey::from_seed(Secret(std::string_view(kSeed, 32)));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->public_key(), kPublicKey);
  EXPECT_EQ(key->sign(""), kSignatureOfNothing);
  EXPECT_TRUE(is_signed_by("", kSignatureOfNothing, kPublicKey));
  EXPECT_FALSE(is_signed_by("x", kSignatureOfNothing, kPublicKey));
  EXPECT_FALSE(is_signed_by("", key->sign("x"), kPublicKey));
  EXPECT_FALSE(is_signed_by("", "", kPublicKey));
  EXPECT_FALSE(is_signed_by("", kSignatureOfNothing, "11qYAYKxCrfVS/7TyWQHOg=="));
}

TEST(SigningKeyTest, IsReadAsItWasWritten) {
  const auto key = SigningKey::from_seed(Secret(std::string_view(kSeed, 32)));
  const auto read = read_signing_key(write_signing_key(*key));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->public_key(), kPublicKey);
  for (const char* wrong : {"", "dialin-signing-key-v1 ", "dialin-signing-key-v1 AAAA\n", "dialin-key-v1 x"})
    EXPECT_FALSE(read_signing_key(Secret(std::string_view(wrong)))) << wrong;
}

TEST(SigningKeyTest, IsMadeOnceInAKeyDirectory) {
  TemporaryDirectory temporary;
  SystemRandom random;
  const std::filesystem::path path = temporary.path() / "keys";
  const std::string made = KeyDirectory(path, random).signing_key().public_key();
  EXPECT_EQ(KeyDirectory(path, random).signing_key().public_key(), made);
  EXPECT_TRUE(KeyDirectory(path, random).list().empty());  // it seals nothing
  struct stat status {};
  ASSERT_EQ(stat((path / "audit-signing.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0400U);
  std::filesystem::remove(path / "audit-signing.key");
  EXPECT_NE(KeyDirectory(path, random).signing_key().public_key(), made);
}

}  // namespace
}  // namespace dialin::test
