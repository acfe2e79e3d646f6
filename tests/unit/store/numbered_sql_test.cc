// SPDX-License-Identifier: Apache-2.0
#include "store/numbered_sql.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace dialin {
namespace {

using Order = std::vector<std::size_t>;

TEST(NumberedSql, GivesEachPlaceholderANumberAndSaysWhichValueItIs) {
  const Binds binds = {{"id", 1}, {"now", 2}, {"id2", 3}};
  const NumberedSql sql = number_placeholders("UPDATE t SET a = :now, b=:id2 WHERE id = :id AND c > :now",
                                              binds, PlaceholderStyle::Dollar);
  EXPECT_EQ(sql.text, "UPDATE t SET a = $1, b=$2 WHERE id = $3 AND c > $4");
  EXPECT_EQ(sql.order, (Order{1, 2, 0, 1}));
  EXPECT_EQ(number_placeholders("(:id)", {{"id", 1}}, PlaceholderStyle::Question).text, "(?)");
  EXPECT_EQ(number_placeholders("SELECT 1", {}, PlaceholderStyle::Question).text, "SELECT 1");
}

TEST(NumberedSql, LeavesQuotedTextAndOtherColonsAlone) {
  const Binds binds = {{"a", 1}};
  const NumberedSql sql = number_placeholders("SELECT ':a', \":a\", 'it''s :a', ':', :a, ': ' || 1:2::a",
                                              binds, PlaceholderStyle::Question);
  EXPECT_EQ(sql.text, "SELECT ':a', \":a\", 'it''s :a', ':', ?, ': ' || 1:2::a");
  EXPECT_EQ(sql.order, Order{0});
  EXPECT_EQ(number_placeholders("'never closed :a", {}, PlaceholderStyle::Question).text, "'never closed :a");
}

TEST(NumberedSql, ANameWithoutAValueAndAValueWithoutAPlaceAreOurMistakes) {
  EXPECT_THROW(number_placeholders("SELECT 1", {{"a", 1}}, PlaceholderStyle::Question), Error);
  EXPECT_THROW(number_placeholders("SELECT :b", {{"a", 1}}, PlaceholderStyle::Question), Error);
}

}  // namespace
}  // namespace dialin
