// SPDX-License-Identifier: Apache-2.0
#include "store/sql_value.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace dialin {
namespace {

TEST(SqlValue, IsTextANumberOrNull) {
  EXPECT_EQ(*SqlValue("a").text(), "a");
  EXPECT_EQ(*SqlValue(std::string(1, '\0')).text(), std::string(1, '\0'));
  EXPECT_EQ(*SqlValue(true).integer(), 1);
  EXPECT_EQ(*SqlValue(std::int64_t{1} << 53).integer(), std::int64_t{1} << 53);
  EXPECT_EQ(*SqlValue(from_microseconds(7)).integer(), 7);
  EXPECT_TRUE(SqlValue(std::nullopt).is_null());
  EXPECT_TRUE(SqlValue(std::optional<std::string>()).is_null());
  EXPECT_EQ(*SqlValue(std::optional<Timestamp>(from_microseconds(8))).integer(), 8);
}

TEST(SqlRow, NeverTakesOneThingForAnother) {
  const SqlRow row({"text", "-9223372036854775808", std::nullopt, "12x", ""});
  EXPECT_EQ(row.text(0), "text");
  EXPECT_EQ(row.integer(1), INT64_MIN);
  EXPECT_TRUE(row.is_null(2));
  EXPECT_EQ(row.text_or_empty(2), "");
  EXPECT_FALSE(row.optional_time(2));
  EXPECT_THROW(row.text(2), Error);
  EXPECT_THROW(row.integer(2), Error);
  EXPECT_THROW(row.integer(0), Error);
  EXPECT_THROW(row.integer(3), Error);
  EXPECT_THROW(row.integer(4), Error);
  EXPECT_THROW(row.text(5), std::out_of_range);
}

}  // namespace
}  // namespace dialin
