// SPDX-License-Identifier: Apache-2.0
// Which policy holds for whom, which values one may have, and what a change does to PINs that are set.
#include <gtest/gtest.h>

#include <random>

#include "pin/pin_generator.h"
#include "pin/policy_change.h"
#include "pin/policy_set.h"
#include "support/fake_random.h"

namespace dialin {
namespace {

using std::chrono::hours;
constexpr hours kDay{24};
const Timestamp kNow{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};

TEST(ScopeIdentity, IsReadAsTheOriginalWritesIt) {
  EXPECT_EQ(ScopeIdentity::parse("global")->text(), "Global");
  EXPECT_EQ(ScopeIdentity::parse(" GLOBAL ")->text(), "Global");
  EXPECT_EQ(ScopeIdentity::parse("Site:Redmond")->text(), "site:Redmond");
  EXPECT_EQ(ScopeIdentity::parse("RedmondUsersPinPolicy")->text(), "tag:RedmondUsersPinPolicy");
  EXPECT_EQ(ScopeIdentity::parse("tag:RedmondUsersPinPolicy"), ScopeIdentity::parse("redmondusersPINpolicy"));
  EXPECT_NE(*ScopeIdentity::parse("site:Redmond"), *ScopeIdentity::parse("tag:Redmond"));
  for (const char* bad : {"", "site:", "tag: ", "service:x", "site:a*", "a\nb", "\xff"})
    EXPECT_FALSE(ScopeIdentity::parse(bad)) << bad;
  EXPECT_FALSE(ScopeIdentity::parse(std::string(257, 'x')));
}

NamedPolicy named(const char* identity, unsigned length) {
  return {
      .identity = *ScopeIdentity::parse(identity), .description = {}, .policy = {.minimum_length = length}};
}

TEST(PolicySet, UserBeforeSiteBeforeGlobal) {
  PolicySet set({named("site:Redmond", 7), named("Managers", 8), named("global", 6)});
  EXPECT_EQ(set.of("", "").policy.minimum_length, 6U);
  EXPECT_EQ(set.of("redmond", "").policy.minimum_length, 7U);
  EXPECT_EQ(set.of("Redmond", "MANAGERS").policy.minimum_length, 8U);
  EXPECT_EQ(set.of("Paris", "managers").policy.minimum_length, 8U);
  EXPECT_EQ(set.of("Paris", "nobody").policy.minimum_length, 6U);
  EXPECT_EQ(set.all().front().identity.text(), "Global");
  set.erase(*ScopeIdentity::parse("Managers"));
  EXPECT_EQ(set.of("Redmond", "Managers").policy.minimum_length, 7U);
  set.erase(ScopeIdentity());
  EXPECT_EQ(set.of("", "").policy, PinPolicy());
}

// Against a model that is a list of rules tried one after the other.
TEST(PolicySet, PrecedenceHoldsForEveryCombination) {
  std::mt19937 random(20260301);
  const std::vector<std::string> names = {"", "a", "b", "c"};
  for (int round = 0; round < 2000; ++round) {
    std::vector<NamedPolicy> policies;
    std::map<std::string, unsigned> model;
    for (const char* identity : {"global", "site:a", "site:b", "tag:a", "tag:c"}) {
      if (random() % 2 == 0) continue;
      const unsigned length = 4 + random() % 21;
      policies.push_back(named(identity, length));
      model[identity] = length;
    }
    const PolicySet set(policies);
    const std::string& site = names[random() % names.size()];
    const std::string& tag = names[random() % names.size()];
    unsigned expected = model.contains("global") ? model["global"] : 5;
    if (model.contains("site:" + site)) expected = model["site:" + site];
    if (model.contains("tag:" + tag)) expected = model["tag:" + tag];
    ASSERT_EQ(set.of(site, tag).policy.minimum_length, expected) << site << " " << tag;
  }
}

TEST(PolicyChange, RangesAndTheHistoryOfALifetime) {
  EXPECT_EQ(explain_bad_policy({}), "");
  EXPECT_EQ(explain_bad_policy({.minimum_length = 24, .history_count = 20, .lifetime_days = 999}), "");
  EXPECT_NE(explain_bad_policy({.minimum_length = 3}), "");
  EXPECT_NE(explain_bad_policy({.minimum_length = 25}), "");
  EXPECT_NE(explain_bad_policy({.history_count = 21}), "");
  EXPECT_NE(explain_bad_policy({.history_count = 1, .lifetime_days = 1000}), "");
  EXPECT_NE(explain_bad_policy({.maximum_logon_attempts = 0}), "");
  EXPECT_NE(explain_bad_policy({.maximum_logon_attempts = 1000}), "");
  EXPECT_NE(explain_bad_policy({.lifetime_days = 30}), "");
  EXPECT_EQ(explain_bad_policy({.history_count = 1, .lifetime_days = 30}), "");
}

TEST(PolicyChange, ChangesWhatIsNamedAndNothingElse) {
  const PinPolicy before{.minimum_length = 7, .history_count = 3, .maximum_logon_attempts = 9};
  EXPECT_EQ(changed(before, {}), before);
  EXPECT_TRUE(PinPolicyChanges().empty());
  const PinPolicy after = changed(before, {.lifetime_days = 30, .automatic_logon_attempts = true});
  EXPECT_EQ(after, (PinPolicy{.minimum_length = 7, .history_count = 3, .lifetime_days = 30}));
}

TEST(PolicyChange, AShorterLifetimeGivesFourteenDaysNotice) {
  const PinPolicy month{.history_count = 1, .lifetime_days = 30};
  const Timestamp old = kNow - 100 * kDay;
  EXPECT_EQ(expiry_under(month, old, std::nullopt, kNow), kNow + ShortestNotice);
  EXPECT_EQ(expiry_under(month, kNow - 2 * kDay, std::nullopt, kNow), kNow + 28 * kDay);
  EXPECT_EQ(expiry_under(month, old, kNow + 3 * kDay, kNow), kNow + 3 * kDay) << "not because of the change";
  EXPECT_EQ(expiry_under(month, old, kNow - 3 * kDay, kNow), kNow - 3 * kDay) << "expired, and stays so";
  EXPECT_EQ(expiry_under({.history_count = 1, .lifetime_days = 400}, old, kNow + kDay, kNow),
            old + 400 * kDay);
  EXPECT_EQ(expiry_under({}, old, kNow + kDay, kNow), std::nullopt);
  EXPECT_EQ(expiry_under({}, old, old, kNow), old) << "it waits to be changed at its first use";
}

TEST(PolicyChange, TheSamePolicyAgainChangesNothingAndNobodyExpiresWithoutNotice) {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    const auto days = [&](int most) { return kDay * static_cast<int>(random() % most); };
    const Timestamp set_at = kNow - days(500);
    std::optional<Timestamp> before;
    if (random() % 3 != 0) before = set_at + kDay + days(600);
    const PinPolicy policy{.history_count = 1, .lifetime_days = static_cast<unsigned>(random() % 400)};
    const auto after = expiry_under(policy, set_at, before, kNow);
    const bool valid_before = !before || *before > kNow;
    if (valid_before && after) {
      ASSERT_TRUE(*after >= kNow + ShortestNotice || (before && *after >= *before));
    }
    for (int later : {0, 1, 20})
      ASSERT_EQ(expiry_under(policy, set_at, after, kNow + later * kDay), after) << later;
  }
}

TEST(PolicyChange, StricterIsWhatMayRefuseAPinThatWasAllowed) {
  const PinPolicy policy;
  EXPECT_FALSE(is_stricter(policy, policy));
  EXPECT_TRUE(is_stricter({.minimum_length = 6}, policy));
  EXPECT_FALSE(is_stricter({.minimum_length = 4}, policy));
  EXPECT_TRUE(is_stricter({.history_count = 1}, policy));
  EXPECT_TRUE(is_stricter(policy, {.allow_common_patterns = true}));
}

TEST(PolicyChange, APinThatMustBeChangedExpiresWhenItIsSet) {
  EXPECT_EQ(pin_lifetime({}), std::nullopt);
  EXPECT_EQ(pin_lifetime({.history_count = 1, .lifetime_days = 2}), 48 * 3600 * std::chrono::seconds(1));
  EXPECT_EQ(pin_lifetime({.change_at_first_use = true}), std::chrono::seconds(0));
}

TEST(PinsUnderAPolicy, NoneThatIsDrawnOrAcceptedBreaksIt) {
  test::FakeRandom random(11);
  std::mt19937 choose(3);
  for (int round = 0; round < 3000; ++round) {
    const PinPolicy policy{.minimum_length = 4 + static_cast<unsigned>(choose() % 21),
                           .allow_common_patterns = choose() % 2 == 0};
    const PinOwnerNumbers owner{.number = "14255551297", .extension = "51297"};
    const unsigned length = static_cast<unsigned>(choose() % 25);
    const Pin pin = generate_pin(policy, length, owner, random);
    ASSERT_TRUE(check_pin(pin, policy, owner).empty());
    ASSERT_GE(pin.length(), policy.minimum_length);
    ASSERT_LE(pin.length(), 24U);
  }
}

}  // namespace
}  // namespace dialin
