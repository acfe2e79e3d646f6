// SPDX-License-Identifier: Apache-2.0
// Many guesses at the same instant.
#include <atomic>
#include <functional>

#include "contract/check/check_test.h"
#include "support/at_once.h"

namespace dialin::test {
namespace {

constexpr int Guesses = 64;

class CheckRaces : public CheckTest {
 protected:
  // Each thread with a store of its own, all at once.
  void at_once(int count, const std::function<void(int, CheckEngine&)>& body) {
    std::vector<std::unique_ptr<Store>> stores;
    for (int i = 0; i < count; ++i) stores.push_back(open());
    test::at_once(count, [&](int i) {
      CheckEngine engine(*stores[static_cast<std::size_t>(i)], hasher_, rules_, throttle_, marco_);
      body(i, engine);
    });
  }
};
DIALIN_ON_BOTH_STORES(CheckRaces);

TEST_P(CheckRaces, ParallelGuessesCannotPassTheLimit) {
  const PersonId bob = person("bob", "7351");
  std::atomic<int> wrong = 0, locked = 0;
  at_once(Guesses, [&](int, CheckEngine& engine) {
    const CheckWord told =
        std::get<CheckAnswer>(engine.check(name("bob@contoso.com"), pin("0000"), origin_)).told;
    wrong += told == CheckWord::IncorrectPin;
    locked += told == CheckWord::UserPinAccountLocked;
  });
  EXPECT_EQ(hasher_.count, 10);
  EXPECT_EQ(wrong, 10);
  EXPECT_EQ(locked, Guesses - 10);
  EXPECT_EQ(pins().pin_of(bob).failures.global, 10u);
  EXPECT_EQ(number("SELECT COUNT(*) FROM audit WHERE event = 'pin-locked-out'"), 1);
  EXPECT_EQ(told("bob@contoso.com", "7351"), CheckWord::UserPinAccountLocked);
}

TEST_P(CheckRaces, NorThoseAtANameThatBelongsToNobody) {
  std::atomic<int> wrong = 0;
  at_once(Guesses, [&](int, CheckEngine& engine) {
    wrong += std::get<CheckAnswer>(engine.check(name("51297"), pin("0000"), origin_)).told ==
             CheckWord::IncorrectPin;
  });
  EXPECT_EQ(hasher_.count, 25);
  EXPECT_EQ(wrong, 25);
}

TEST_P(CheckRaces, RightChecksAtOnceLeaveNothingBehind) {
  const PersonId bob = person("bob", "7351", "tel:+14255551297");
  const PersonId eva = person("eva", "7352", "tel:+14255551297");
  std::atomic<int> right = 0, locked = 0;
  at_once(16, [&](int i, CheckEngine& engine) {
    const CheckWord told =
        std::get<CheckAnswer>(engine.check(name("+14255551297"), pin(i % 2 == 0 ? "7351" : "7352"), origin_))
            .told;
    right += told == CheckWord::Success;
    locked += told == CheckWord::UserPinAccountLocked;
  });
  EXPECT_EQ(right + locked, 16);
  for (const PersonId& id : {bob, eva}) {
    EXPECT_EQ(pins().pin_of(id).failures.global, 0u);
    EXPECT_FALSE(pins().pin_of(id).failures.locked_out);
  }
}

}  // namespace
}  // namespace dialin::test
