// SPDX-License-Identifier: Apache-2.0
#include "keys/key_ring.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/temporary_directory.h"

namespace dialin::test {
namespace {

class KeyRingTest : public testing::Test {
 protected:
  TemporaryDirectory temporary_;
  SystemRandom random_;
  KeyDirectory keys_{temporary_.path() / "keys", random_};
  KeyRing ring_{keys_, random_};
  SealContext context_{"purpose", "store", "person"};
};

TEST_F(KeyRingTest, FindsKeysThatWereMadeAfterItHadBegun) {
  const KeyId first = keys_.create();
  const std::string sealed = ring_.sealer(first).seal(Secret("one"), context_);
  const KeyId second = keys_.create();
  EXPECT_EQ(ring_.sealer(second).key_id(), second);
  EXPECT_TRUE(ring_.sealer(first).open(sealed, context_).same_as(Secret("one")));
}

TEST_F(KeyRingTest, KeepsAKeyWhoseFileIsGoneAndKnowsNoOther) {
  const KeyId first = keys_.create();
  const Sealer& kept = ring_.sealer(first);
  keys_.remove(first);
  EXPECT_EQ(&ring_.sealer(first), &kept);
  EXPECT_THROW(KeyRing(keys_, random_).sealer(first), Error);
}

}  // namespace
}  // namespace dialin::test
