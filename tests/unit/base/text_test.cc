// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

namespace dialin {
namespace {

TEST(Text, LowerCaseIsAsciiOnly) {
  EXPECT_EQ(to_lower_ascii("ÄBC-XYZ@[1"), "Äbc-xyz@[1");
  EXPECT_TRUE(equal_ignoring_case("UserUri", "USERURI"));
  EXPECT_FALSE(equal_ignoring_case("UserUri", "UserUr"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
  EXPECT_FALSE(equal_ignoring_case("Ä", "ä"));
  EXPECT_TRUE(equal_ignoring_case("", ""));
}

TEST(Text, TrimTakesBlanksAndLineEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \r\n\t"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\v a"), "\v a");
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,b,,c,", ','), (std::vector<std::string>{"a", "b", "", "c", ""}));
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
  EXPECT_EQ(split("abc", ','), std::vector<std::string>{"abc"});
}

TEST(Text, JoinUndoesSplit) {
  for (const char* text : {"", ",", "a,b,,c,", "abc"}) EXPECT_EQ(join(split(text, ','), ","), text);
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(join({"a", "b"}, " and "), "a and b");
}

TEST(Text, DidYouMeanFindsTheNearest) {
  const std::vector<std::string> candidates = {"welcome", "unlock", "lock", "policy"};
  EXPECT_EQ(did_you_mean("wellcome", candidates), "welcome");
  EXPECT_EQ(did_you_mean("WELCMOE", candidates), "welcome");
  EXPECT_EQ(did_you_mean("lcok", candidates), "lock");
  EXPECT_EQ(did_you_mean("lick", candidates), "lock");
  EXPECT_EQ(did_you_mean("Lock", candidates), "lock");
}

TEST(Text, DidYouMeanIsSilentWhereNothingIsNear) {
  const std::vector<std::string> candidates = {"welcome", "unlock", "lock", "policy"};
  EXPECT_EQ(did_you_mean("lckk", candidates), std::nullopt);  // two changes of four characters
  EXPECT_EQ(did_you_mean("farewell", candidates), std::nullopt);
  EXPECT_EQ(did_you_mean("", candidates), std::nullopt);
  EXPECT_EQ(did_you_mean("lock", {}), std::nullopt);
}

TEST(Text, DidYouMeanAllowsAThirdOfTheWord) {
  EXPECT_EQ(did_you_mean("abcdXX", {"abcdef"}), "abcdef");
  EXPECT_EQ(did_you_mean("abcXXX", {"abcdef"}), std::nullopt);
  EXPECT_EQ(did_you_mean("abX", {"abc"}), "abc");
}

}  // namespace
}  // namespace dialin
