// SPDX-License-Identifier: Apache-2.0
// People who share a number.
#include "contract/check/check_test.h"

namespace dialin::test {
namespace {

constexpr const char* Line = "tel:+14255551297;ext=51297";

class Sharers : public CheckTest {
 protected:
  void SetUp() override {
    bob_ = person("bob", "73519", Line);
    eva_ = person("eva", "73520", Line);
    ann_ = person("ann", "", Line);
  }
  unsigned failures(const PersonId& id) { return pins().pin_of(id).failures.global; }
  PersonId bob_, eva_, ann_;
};
DIALIN_ON_BOTH_STORES(Sharers);

TEST_P(Sharers, CostAHashEachWhateverTheAnswer) {
  for (const char* digits : {"73519", "73520", "00000"})
    EXPECT_EQ(hashes([&] { told(Line, digits); }), 3) << digits;
}

TEST_P(Sharers, AWrongPinCountsForEachAndARightOneForNobody) {
  EXPECT_EQ(told(Line, "00000"), CheckWord::IncorrectPin);
  for (const PersonId& id : {bob_, eva_, ann_}) EXPECT_EQ(failures(id), 1u);
  EXPECT_EQ(told("51297", "73520"), CheckWord::Success);
  for (const PersonId& id : {bob_, eva_, ann_}) EXPECT_EQ(failures(id), 1u);
  EXPECT_EQ(pins().pin_of(eva_).failures.local, 0u);
  EXPECT_EQ(pins().pin_of(bob_).failures.local, 1u);
  // However often she dials in, he is not locked out.
  for (int i = 0; i < 40; ++i) EXPECT_EQ(told(Line, "73520"), CheckWord::Success);
  EXPECT_EQ(told(Line, "73519"), CheckWord::Success);
}

TEST_P(Sharers, WhoIsLockedOutIsNotCompared) {
  for (int i = 0; i < 25; ++i) told("bob@contoso.com", "00000");
  EXPECT_EQ(hashes([&] { EXPECT_EQ(told(Line, "73519"), CheckWord::IncorrectPin); }), 3);
  EXPECT_EQ(told(Line, "73520"), CheckWord::Success);
}

TEST_P(Sharers, APinOfTwoIsNobodys) {
  const PersonId tom = person("tom", "73519");
  tables().execute("UPDATE people SET line_uri = :line WHERE id = :id", {{"line", Line}, {"id", tom}});
  EXPECT_EQ(hashes([&] { EXPECT_EQ(told(Line, "73519"), CheckWord::NonUniqueUser); }), 4);
  EXPECT_EQ(failures(bob_), 0u);
  // Unless only one of them may use it.
  people().disable(tom, marco_);
  EXPECT_EQ(told(Line, "73519"), CheckWord::Success);
}

TEST_P(Sharers, MoreThanAllowedAreRefusedWithoutAHash) {
  rules_.most_sharers = 2;
  EXPECT_EQ(hashes([&] { EXPECT_EQ(told(Line, "73519"), CheckWord::NonUniqueUser); }), 0);
  EXPECT_EQ(failures(bob_), 0u);
}

}  // namespace
}  // namespace dialin::test
