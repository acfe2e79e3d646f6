// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/checkpoint.h"
#include "base/random_source.h"
#include "support/temporary_directory.h"
#include "unit/run/input_pieces.h"

namespace dialin::test {
namespace {

using testing::ElementsAre;

class StoreRunInputTest : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& region, const std::string& site, bool enabled = true) {
    PersonRow row{.line = 1, .sip_address = *SipAddress::parse(name + "@contoso.com")};
    row.region = {true, region};
    row.site = {true, site};
    row.enabled = enabled;
    people_.push_back(std::move(row));
  }
  void apply() { store_->people().apply(people_, ImportMode::Apply, false, by_); }
  void set_pin(const std::string& name) {
    const Person person = resolve_person(store_->people(), *UserIdentifier::parse(name + "@contoso.com"));
    const Secret verifier("a verifier");
    const SetPin request{.person = person.id,
                         .expected_version = store_->pins().pin_of(person.id).version,
                         .verifier = &verifier};
    ASSERT_EQ(store_->pins().set_pin(request, by_).outcome, SetPinResult::Outcome::Set);
  }
  std::vector<std::string> selected(const PeopleSelection& selection) {
    const auto input = store_run_input(*store_, selection);
    std::vector<std::string> names;
    for (const RunInputRow& row : all_rows(*input)) {
      EXPECT_EQ(row.line, static_cast<std::int64_t>(names.size() + 1));
      EXPECT_TRUE(row.person && row.person->sip_address.uri() == row.identity);
      names.push_back(row.identity.substr(4, row.identity.find('@') - 4));
    }
    return names;
  }

  TemporaryDirectory directory_;
  SystemClock clock_;
  SystemRandom random_;
  Checkpoints checkpoints_;
  Operator by_{.name = "marco", .origin = "test"};
  std::vector<PersonRow> people_;
  std::unique_ptr<Store> store_ =
      open_store({.url = "", .data_directory = (directory_ / "data").string()}, OpenMode::CreateIfAbsent,
                 clock_, random_, checkpoints_, [](const std::string&) {});
};

TEST_F(StoreRunInputTest, SelectsEnabledPeopleInOrder) {
  add("zoe", "Paris", "HQ");
  add("bob", "Paris", "north");
  add("gone", "Paris", "north", false);
  add("kim", "Redmond", "");
  apply();
  EXPECT_THAT(selected({}), ElementsAre("bob", "kim", "zoe"));
  EXPECT_THAT(selected({.region = "PARIS"}), ElementsAre("bob", "zoe"));
  EXPECT_THAT(selected({.region = "paris", .site = "North"}), ElementsAre("bob"));
  EXPECT_THAT(selected({.site = "south"}), ElementsAre());
  set_pin("bob");
  EXPECT_THAT(selected({.pin_not_set = true}), ElementsAre("kim", "zoe"));
  EXPECT_THAT(selected({.pin_not_set = true, .region = "Paris"}), ElementsAre("zoe"));
}

TEST_F(StoreRunInputTest, ReadsPageAfterPage) {
  for (int i = 0; i < 1000; ++i) add("person" + std::to_string(1000 + i), "", "");
  apply();
  EXPECT_EQ(selected({}).size(), 1000U);
  EXPECT_EQ(selected({}).back(), "person1999");
}

TEST_F(StoreRunInputTest, TheDigestIsOfTheSelection) {
  const auto digest = [&](const PeopleSelection& selection) {
    return store_run_input(*store_, selection)->digest();
  };
  EXPECT_EQ(digest({.region = "Paris"}), digest({.region = "paris"}));
  EXPECT_NE(digest({}), digest({.pin_not_set = true}));
  EXPECT_NE(digest({.region = "a"}), digest({.site = "a"}));
  EXPECT_NE(digest({.region = "1:a"}), digest({.region = "1", .site = "a"}));
}

}  // namespace
}  // namespace dialin::test
