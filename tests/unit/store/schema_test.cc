// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include <gtest/gtest.h>

namespace dialin {
namespace {

using Statements = std::vector<std::string>;

TEST(SplitStatements, EndsThemAtSemicolonsOutsideOfQuotesAndComments) {
  EXPECT_EQ(split_statements(""), Statements{});
  EXPECT_EQ(split_statements(" ; ;\n"), Statements{});
  EXPECT_EQ(split_statements("A; B ;C"), (Statements{"A", "B", "C"}));
  EXPECT_EQ(split_statements("A 'x;y' \"p;q\"; B"), (Statements{"A 'x;y' \"p;q\"", "B"}));
  EXPECT_EQ(split_statements("A 'it''s; -- so'; B"), (Statements{"A 'it''s; -- so'", "B"}));
}

TEST(SplitStatements, LeavesCommentsOut) {
  EXPECT_EQ(split_statements("-- first; :x\nA, -- it's\nB; -- last"), Statements{"A, \nB"});
  EXPECT_EQ(split_statements("A - 1; B--c"), (Statements{"A - 1", "B"}));
}

TEST(SplitStatements, KeepsWhatIsNeverClosed) {
  EXPECT_EQ(split_statements("A 'open; B"), Statements{"A 'open; B"});
  EXPECT_EQ(split_statements("A '"), Statements{"A '"});
}

TEST(BuiltInSchema, IsNumberedWithoutAGapAndHoldsNoPlaceholder) {
  const std::vector<SchemaStep> steps = built_in_schema();
  ASSERT_FALSE(steps.empty());
  int number = 0;
  for (const SchemaStep& step : steps) {
    EXPECT_EQ(step.number, ++number);
    EXPECT_FALSE(split_statements(step.text).empty());
    for (const std::string& statement : split_statements(step.text))
      EXPECT_EQ(statement.find(':'), std::string::npos) << statement;
  }
}

}  // namespace
}  // namespace dialin
