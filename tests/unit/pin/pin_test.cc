// SPDX-License-Identifier: Apache-2.0
#include "pin/pin.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace dialin {
namespace {

static_assert(!std::is_copy_constructible_v<Pin> && !std::is_copy_assignable_v<Pin>);
static_assert(std::is_nothrow_move_constructible_v<Pin> && std::is_nothrow_move_assignable_v<Pin>);

std::string digits_of(const Pin& pin) {
  return std::string(pin.reveal(ClearPinAccess()));
}

TEST(Pin, Is4To24Digits) {
  for (std::size_t length = 0; length <= 30; ++length) {
    const auto pin = Pin::parse(std::string(length, '7'));
    EXPECT_EQ(pin.has_value(), length >= 4 && length <= 24) << length;
    EXPECT_EQ(pin ? pin->length() : length, length);
  }
}

TEST(Pin, KeepsLeadingZeros) {
  EXPECT_EQ(digits_of(*Pin::parse("0042")), "0042");
  EXPECT_FALSE(Pin::parse("0042")->same_as(*Pin::parse("00042")));
}

TEST(Pin, TakesAsciiDigitsOnly) {
  for (const char* text :
       {"12a4", "1234 ", " 1234", "12-34", "+1234", "１２３４", "١٢٣٤", "12\n34", "1234\n"}) {
    EXPECT_FALSE(Pin::parse(text)) << text;
  }
  EXPECT_FALSE(Pin::parse(std::string_view("1234\0", 5)));
  EXPECT_FALSE(Pin::parse("123/"));  // the neighbours of 0 and 9 in ASCII
  EXPECT_FALSE(Pin::parse("123:"));
}

TEST(Pin, ComparesEveryDigit) {
  const Pin pin = *Pin::parse("18723834");
  EXPECT_TRUE(pin.same_as(pin.duplicate()));
  for (std::size_t place = 0; place < 8; ++place) {
    std::string other = "18723834";
    other[place] = other[place] == '9' ? '0' : static_cast<char>(other[place] + 1);
    EXPECT_FALSE(pin.same_as(*Pin::parse(other))) << place;
  }
}

TEST(Pin, MovingTakesTheDigitsAway) {
  Pin first = *Pin::parse("4711");
  const Pin second = std::move(first);
  EXPECT_EQ(digits_of(second), "4711");
  EXPECT_EQ(first.length(), 0U);
}

}  // namespace
}  // namespace dialin
