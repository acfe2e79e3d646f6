// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.h"

#include <gtest/gtest.h>

#include <array>

namespace dialin {
namespace {

TEST(Base64, TestVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, EveryOctetComesBack) {
  std::string bytes;
  for (int octet = 0; octet < 256; ++octet) bytes += static_cast<char>(octet);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(from_base64(to_base64(bytes.substr(0, size))), bytes.substr(0, size));
  }
}

TEST(Base64, TakesBytes) {
  const std::array<std::byte, 3> bytes = {std::byte{0xFB}, std::byte{0xFF}, std::byte{0xFE}};
  EXPECT_EQ(to_base64(bytes), "+//+");
}

TEST(Base64, RefusesWhatIsNotStrictlyValid) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "Zm9v=", "=", "Zm-_",
                           "Zm9vZ", "Zg==Zg=="}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
  EXPECT_EQ(from_base64(std::string_view("Zm9\0", 4)), std::nullopt);
}

TEST(Hex, WritesLowerCase) {
  EXPECT_EQ(to_hex(std::string_view("\x00\x7F\xFF\xAB", 4)), "007fffab");
  EXPECT_EQ(to_hex(""), "");
}

TEST(Sha256, TestVectorsOfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace dialin
