// SPDX-License-Identifier: Apache-2.0
// The contract of the store: PIN policies, who has which, and when PINs expire under them; the PINs that a
// person had.
#include <gmock/gmock.h>

#include <thread>

#include "base/error.h"
#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
constexpr hours kDay{24};

class Policies : public StoreTest {
 protected:
  PolicyStore& policies() { return store().policies(); }
  static ScopeIdentity id(const char* text) { return *ScopeIdentity::parse(text); }
  static NamedPolicy policy(const char* identity, PinPolicy properties) {
    return {.identity = id(identity), .description = "for a test", .policy = properties};
  }
  PolicyEffect create(const char* identity, PinPolicy properties, ImportMode mode = ImportMode::Apply) {
    return policies().create(policy(identity, properties), mode, marco_);
  }
  PolicyEffect change(const char* identity, PinPolicyChanges changes, ImportMode mode = ImportMode::Apply) {
    return policies().change(id(identity), changes, mode, marco_);
  }
  void set_site(const std::string& name, const std::string& site) {
    PersonRow row{.line = 0, .sip_address = *SipAddress::parse(name + "@contoso.com")};
    row.site = {true, site};
    ASSERT_THAT(people().apply({row}, ImportMode::Apply, true, marco_).conflicts, IsEmpty());
  }
  unsigned length_for(const PersonId& person) {
    const Person record = people().get(person).value();
    return policies().policies().of(record.site, record.pin_policy).policy.minimum_length;
  }
  void set_with_history(const PersonId& person, const std::string& digits, unsigned count) {
    const Secret verifier{std::string_view(digits)};
    SetPin request;
    request.person = person;
    request.expected_version = version_of(person);
    request.verifier = &verifier;
    request.history_count = count;
    ASSERT_NE(pins().set_pin(request, marco_).outcome, SetPinResult::Outcome::VersionChanged);
  }
  std::vector<std::string> last(const PersonId& person, unsigned count) {
    std::vector<std::string> texts;
    for (const Secret& verifier : pins().last_verifiers(person, count))
      texts.emplace_back(verifier.reveal(ClearSecretAccess()));
    return texts;
  }
};

TEST_P(Policies, AtFirstThereIsTheGlobalOneWithTheDefaults) {
  const PolicySet set = policies().policies();
  ASSERT_EQ(set.all().size(), 1U);
  EXPECT_EQ(set.all()[0].identity.text(), "Global");
  EXPECT_EQ(set.all()[0].policy, PinPolicy());
}

TEST_P(Policies, EveryPropertyIsKept) {
  const PinPolicy properties{.minimum_length = 24,
                             .history_count = 20,
                             .allow_common_patterns = true,
                             .lifetime_days = 999,
                             .maximum_logon_attempts = 999,
                             .change_at_first_use = true};
  create("site:Redmond", properties);
  create("RedmondUsersPinPolicy", {});
  const PolicySet set = policies().policies();
  ASSERT_EQ(set.all().size(), 3U);
  EXPECT_EQ(set.find(id("SITE:redmond"))->policy, properties);
  EXPECT_EQ(set.find(id("site:Redmond"))->description, "for a test");
  EXPECT_EQ(set.all()[2].identity.text(), "tag:RedmondUsersPinPolicy");
  EXPECT_EQ(events(), (std::vector<std::string>{"policy-created", "policy-created"}));
}

TEST_P(Policies, WhatCannotBeIsRefusedAndChangesNothing) {
  create("site:Redmond", {});
  const auto code = [&](auto body) {
    try {
      body();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::Internal;
  };
  EXPECT_EQ(code([&] { create("site:REDMOND", {}); }), ErrorCode::AlreadyExists);
  EXPECT_EQ(code([&] { create("global", {}); }), ErrorCode::AlreadyExists);
  EXPECT_EQ(code([&] { create("x", {.lifetime_days = 3}); }), ErrorCode::InvalidInput);
  EXPECT_EQ(code([&] { change("global", {.minimum_length = 25}); }), ErrorCode::InvalidInput);
  EXPECT_EQ(code([&] { change("global", {.lifetime_days = 25}); }), ErrorCode::InvalidInput);
  EXPECT_EQ(code([&] { change("nobody", {.minimum_length = 7}); }), ErrorCode::NotFound);
  EXPECT_EQ(code([&] { policies().remove(id("nobody"), ImportMode::Apply, marco_); }), ErrorCode::NotFound);
  const PersonId bob = add_person("bob");
  EXPECT_EQ(code([&] { policies().grant({bob}, "nobody", ImportMode::Apply, marco_); }), ErrorCode::NotFound);
  EXPECT_EQ(code([&] { policies().grant({"x"}, "", ImportMode::Apply, marco_); }), ErrorCode::NotFound);
  EXPECT_EQ(policies().policies().all().size(), 2U);
}

TEST_P(Policies, UserBeforeSiteBeforeGlobalAndRemovingDropsToTheNext) {
  const PersonId bob = add_person("bob"), kim = add_person("kim");
  set_site("bob", "redmond");
  change("global", {.minimum_length = 6});
  EXPECT_EQ(create("site:Redmond", {.minimum_length = 7}).people, 1U);
  EXPECT_EQ(create("Managers", {.minimum_length = 8}).people, 0U);
  EXPECT_EQ(length_for(bob), 7U);
  EXPECT_EQ(length_for(kim), 6U);
  EXPECT_EQ(policies().grant({bob, kim, bob}, "MANAGERS", ImportMode::Apply, marco_).people, 2U);
  EXPECT_EQ(people().get(bob)->pin_policy, "Managers");
  EXPECT_EQ(policies().grant({bob}, "Managers", ImportMode::Apply, marco_).people, 0U) << "has it already";
  EXPECT_EQ(length_for(bob), 8U);
  EXPECT_EQ(length_for(kim), 8U);
  EXPECT_EQ(policies().grant({kim}, "", ImportMode::Apply, marco_).people, 1U);
  EXPECT_EQ(length_for(kim), 6U);
  EXPECT_EQ(policies().remove(id("managers"), ImportMode::Apply, marco_).people, 1U);
  EXPECT_EQ(people().get(bob)->pin_policy, "");
  EXPECT_EQ(length_for(bob), 7U);
  EXPECT_EQ(policies().remove(id("site:redmond"), ImportMode::Apply, marco_).people, 1U);
  EXPECT_EQ(length_for(bob), 6U);
  EXPECT_EQ(policies().remove(id("global"), ImportMode::Apply, marco_).people, 2U);
  EXPECT_EQ(length_for(bob), 5U);
}

TEST_P(Policies, AnImportKeepsWhatWasGrantedAndARemovedPersonLosesIt) {
  const PersonId bob = add_person("bob");
  create("Managers", {});
  policies().grant({bob}, "Managers", ImportMode::Apply, marco_);
  set_site("bob", "Paris");
  EXPECT_EQ(people().get(bob)->pin_policy, "Managers");
  people().remove(bob, marco_);
  EXPECT_EQ(text("SELECT pin_policy FROM people WHERE id = :id", {{"id", bob}}), "");
}

TEST_P(Policies, AShorterLifetimeExpiresNobodySoonerThanInFourteenDays) {
  const PersonId bob = add_person("bob"), kim = add_person("kim"), max = add_person("max");
  set_pin(bob);
  set_pin(kim);
  tables().execute("UPDATE pins SET changed_at = changed_at - :long WHERE person = :p",
                   {{"long", std::chrono::microseconds(100 * kDay).count()}, {"p", bob}});
  const PinPolicyChanges month{.history_count = 1, .lifetime_days = 30};
  const PolicyEffect plan = change("global", month, ImportMode::WhatIf);
  EXPECT_FALSE(pins().pin_of(bob).expires_at) << "it was a plan";
  const PolicyEffect effect = change("global", month);
  for (const PolicyEffect& counted : {plan, effect}) {
    EXPECT_EQ(counted.people, 3U);
    EXPECT_EQ(counted.with_pin, 2U);
    EXPECT_EQ(counted.expire_sooner, 2U);
  }
  const PinRecord old = pins().pin_of(bob), young = pins().pin_of(kim);
  EXPECT_EQ(effect.first_expiry, old.expires_at);
  EXPECT_EQ(*young.expires_at - *young.changed_at, 30 * kDay);
  EXPECT_GE(*old.expires_at - *old.changed_at, 114 * kDay);
  EXPECT_LT(*old.expires_at - *old.changed_at, 115 * kDay);
  EXPECT_FALSE(pins().pin_of(max).expires_at);
  // The same again is no further notice, and no lifetime is for ever again.
  EXPECT_EQ(change("global", month).expire_sooner, 0U);
  EXPECT_EQ(pins().pin_of(bob).expires_at, old.expires_at);
  EXPECT_EQ(change("global", {.lifetime_days = 0}).expire_later, 2U);
  EXPECT_FALSE(pins().pin_of(bob).expires_at);
}

TEST_P(Policies, WhoMovesToASiteHasItsLifetime) {
  const PersonId bob = add_person("bob");
  set_pin(bob);
  create("site:Paris", {.history_count = 1, .lifetime_days = 30});
  EXPECT_FALSE(pins().pin_of(bob).expires_at);
  set_site("bob", "Paris");
  const PinRecord record = pins().pin_of(bob);
  ASSERT_TRUE(record.expires_at);
  EXPECT_EQ(*record.expires_at - *record.changed_at, 30 * kDay);
}

TEST_P(Policies, TwoOperatorsAtOnceLoseNothingOfEachOthers) {
  const PersonId bob = add_person("bob");
  create("Managers", {});
  const auto repeat = [&](auto body) {
    return std::thread([this, body] {
      const auto mine = open();
      for (int i = 0; i < 20; ++i) body(mine->policies(), i);
    });
  };
  std::thread length = repeat([&](PolicyStore& mine, int i) {
    mine.change(id("global"), {.minimum_length = 4 + static_cast<unsigned>(i)}, ImportMode::Apply, marco_);
  });
  std::thread history = repeat([&](PolicyStore& mine, int i) {
    mine.change(id("global"), {.history_count = static_cast<unsigned>(i)}, ImportMode::Apply, marco_);
    mine.grant({bob}, i % 2 == 0 ? "" : "Managers", ImportMode::Apply, marco_);
  });
  length.join();
  history.join();
  const PinPolicy global = policies().policies().find(ScopeIdentity())->policy;
  EXPECT_EQ(global.minimum_length, 23U);
  EXPECT_EQ(global.history_count, 19U);
  EXPECT_EQ(people().get(bob)->pin_policy, "Managers");
}

// ---- PINs that a person had, and people by their PINs

TEST_P(Policies, TheLastPinsWithThePresentOneFirst) {
  const PersonId bob = add_person("bob");
  EXPECT_THAT(last(bob, 3), IsEmpty());
  for (const char* digits : {"a", "b", "c", "d"}) set_with_history(bob, digits, 3);
  EXPECT_THAT(last(bob, 3), ElementsAre("d", "c", "b"));
  EXPECT_THAT(last(bob, 2), ElementsAre("d", "c"));
  EXPECT_THAT(last(bob, 0), IsEmpty());
}

TEST_P(Policies, APinFromBeforeThereWasAHistoryBelongsToIt) {
  const PersonId bob = add_person("bob");
  set_with_history(bob, "a", 0);
  EXPECT_THAT(last(bob, 3), ElementsAre("a"));
  set_with_history(bob, "b", 3);
  EXPECT_THAT(last(bob, 3), ElementsAre("b", "a"));
  // A verifier of another cost is the same PIN.
  pins().replace_verifier(bob, version_of(bob), Secret(std::string_view("B")));
  EXPECT_THAT(last(bob, 3), ElementsAre("B", "a"));
}

TEST_P(Policies, PeopleByTheStateOfTheirPins) {
  const PersonId bob = add_person("bob"), kim = add_person("kim"), max = add_person("max"),
                 zoe = add_person("zoe");
  set_pin(bob);
  set_pin(kim);
  people().disable(max, marco_);
  EXPECT_THAT(pins().people_with(PinCondition::NotSet), ElementsAre(zoe));
  EXPECT_THAT(pins().people_with(PinCondition::Locked), IsEmpty());
  pins().lock(kim, "lost", marco_);
  EXPECT_THAT(pins().people_with(PinCondition::Locked), ElementsAre(kim));
  // One that never expires has not expired; nor has one that waits for its first use.
  EXPECT_THAT(pins().people_with(PinCondition::Expired), IsEmpty());
  tables().execute("UPDATE pins SET expires_at = changed_at WHERE person = :p", {{"p", kim}});
  EXPECT_THAT(pins().people_with(PinCondition::Expired), IsEmpty());
  tables().execute("UPDATE pins SET expires_at = changed_at + 1 WHERE person = :p", {{"p", bob}});
  let_pass(kDay);
  EXPECT_THAT(pins().people_with(PinCondition::Expired), ElementsAre(bob));
}

TEST_P(Policies, WhoSetsAPinAgainstTheHistoryStandsInTheAuditTrail) {
  const PersonId bob = add_person("bob");
  const Secret verifier{std::string_view("a")};
  SetPin request;
  request.person = bob;
  request.expected_version = version_of(bob);
  request.verifier = &verifier;
  request.ignores_history = true;
  pins().set_pin(request, marco_);
  EXPECT_THAT(text("SELECT detail FROM audit WHERE event = 'pin-set'"),
              testing::HasSubstr("\"ignores_history\":\"yes\""));
}

DIALIN_ON_BOTH_STORES(Policies);

}  // namespace
}  // namespace dialin::test
