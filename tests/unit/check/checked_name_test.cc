// SPDX-License-Identifier: Apache-2.0
#include "check/checked_name.h"

#include <gtest/gtest.h>

namespace dialin::test {
namespace {

TEST(CheckedName, HasThreeForms) {
  const auto expect = [](std::string_view text, CheckedName::Kind kind, const std::string& key) {
    const auto name = parse_checked_name(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->kind, kind) << text;
    EXPECT_EQ(name->key, key) << text;
  };
  using Kind = CheckedName::Kind;
  expect("51297", Kind::Extension, "51297");
  expect(" 0042 ", Kind::Extension, "0042");
  expect("+1 (425) 555-1297", Kind::Telephone, "tel:+14255551297");
  expect("TEL:+14255551297;ext=51297", Kind::Telephone, "tel:+14255551297;ext=51297");
  expect("Bob@Contoso.com", Kind::SipAddress, "bob@contoso.com");
  expect("sip:bob@contoso.com", Kind::SipAddress, "bob@contoso.com");
}

TEST(CheckedName, NothingElseIsOne) {
  for (const std::string& text : std::initializer_list<std::string>{
           "", " ", "1234567890123456", "+", "tel:", "+1425555129x", "bob", "CONTOSO\\bob", "*", "bob@",
           "5-1297", "\xff", std::string(2000, '1')})
    EXPECT_FALSE(parse_checked_name(text)) << text;
}

}  // namespace
}  // namespace dialin::test
