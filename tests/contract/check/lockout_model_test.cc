// SPDX-License-Identifier: Apache-2.0
// Random sequences of attempts, time and administrators' actions, against a model in a few lines that counts
// as the original's documents say, one attempt after the other.
#include <fmt/format.h>

#include <random>

#include "contract/check/check_test.h"

namespace dialin::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct Model {
  unsigned local_limit, global_limit;
  seconds now{0};
  unsigned local = 0, global = 0;
  seconds window_began{0};
  std::optional<seconds> locked_until;
  bool deliberate = false;

  CheckWord attempt(bool right) {
    if (global >= global_limit) return CheckWord::UserPinAccountLocked;
    if (locked_until && now < *locked_until) return CheckWord::UserPinAccountLocked;
    if (locked_until || (local > 0 && now >= window_began + minutes(30))) local = 0;
    locked_until.reset();
    if (right && !deliberate) {
      local = 0;
      return CheckWord::Success;
    }
    if (right) return CheckWord::UserPinAccountLocked;
    if (local == 0) window_began = now;
    ++local;
    ++global;
    if (local == local_limit) locked_until = now + minutes(60);
    return CheckWord::IncorrectPin;
  }
  void clear() {
    local = global = 0;
    locked_until.reset();
  }
};

class LockoutModel : public CheckTest {};
DIALIN_ON_BOTH_STORES(LockoutModel);

TEST_P(LockoutModel, RandomSequencesEndAsTheDocumentsSay) {
  std::mt19937 random(20260301);
  int locked = 0, locked_for_good = 0;
  for (int round = 0; round < 4; ++round) {
    const std::string who = fmt::format("bob{}", round);
    const PersonId id = person(who, "7351");
    const std::string address = who + "@contoso.com";
    const unsigned local_limit = round % 2 == 0 ? 10 : 95;
    rules_.policy_of = [&](const Person*) {
      return PinPolicy{.maximum_logon_attempts = round % 2 == 0 ? std::nullopt : std::optional(local_limit)};
    };
    Model model{.local_limit = local_limit, .global_limit = 100};
    for (int step = 0; step < 220; ++step) {
      const unsigned what = random() % 100;
      if (what < 72) {
        const bool right = random() % 12 == 0;
        const CheckWord expected = model.attempt(right);
        ASSERT_EQ(told(address, right ? "7351" : "0000"), expected)
            << "round " << round << " step " << step << " right " << right;
        locked += expected == CheckWord::UserPinAccountLocked;
        locked_for_good += model.global >= model.global_limit;
      } else if (what < 96) {
        // No sum of these is half an hour or an hour: what is counted at the very instant is not the
        // question.
        const seconds steps[] = {minutes(1) + seconds(7), minutes(13) + seconds(3), minutes(31) + seconds(5)};
        const seconds by = steps[random() % 3];
        model.now += by;
        let_pass(by);
      } else if (what == 96) {
        if (model.global < 100) continue;  // or that limit is never reached
        pins().unlock(id, marco_);
        model.clear();
        model.deliberate = false;
      } else if (what == 97) {
        if (model.global < 100 || random() % 4 != 0) continue;
        set_digits(id, "7351");
        model.clear();
      } else if (what == 98) {
        pins().lock(id, "model", marco_);
        model.deliberate = true;
      } else if (model.deliberate && model.global < 60) {
        // The lock's end is the lockout's end too.
        pins().unlock(id, marco_);
        model.clear();
        model.deliberate = false;
      }
      const FailureCounts counts = pins().pin_of(id).failures;
      ASSERT_EQ(counts.global, model.global) << "round " << round << " step " << step;
    }
  }
  // The walk went where it was to go.
  EXPECT_GT(locked, 50);
  EXPECT_GT(locked_for_good, 5);
}

}  // namespace
}  // namespace dialin::test
