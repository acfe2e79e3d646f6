// SPDX-License-Identifier: Apache-2.0
// The contract of the store: access numbers, their order within regions, telephone commands.
#include <gmock/gmock.h>

#include <thread>

#include "base/error.h"
#include "contract/store/store_test.h"

namespace dialin::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Numbers : public StoreTest {
 protected:
  NumberStore& numbers() { return store().numbers(); }
  static PhoneNumber line(const std::string& last) { return *PhoneNumber::parse("tel:+1425555" + last); }
  static AccessNumber number(const std::string& last, std::vector<std::string> regions, int priority = 0) {
    AccessNumber made{.primary_uri = "sip:n" + last + "@contoso.com", .line_uri = line(last)};
    made.display_number = last;
    made.regions = std::move(regions);
    made.primary_language = "en-US";
    made.priority = priority;
    return made;
  }
  std::vector<std::string> of_region(const std::string& region) {
    std::vector<std::string> shown;
    for (const AccessNumber& found : numbers().of_region(region)) shown.push_back(found.display_number);
    return shown;
  }
  template <class Body>
  static ErrorCode code(Body body) {
    try {
      body();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::Internal;
  }
};

TEST_P(Numbers, AreCreatedOnceAndChangedByWhatIsNamed) {
  AccessNumber first = number("0001", {"Redmond", "Paris"});
  first.secondary_languages = {"fr-FR", "de-DE"};
  first.site = "USA";
  numbers().create(first, marco_);
  EXPECT_EQ(code([&] { numbers().create(number("0001", {}), marco_); }), ErrorCode::AlreadyExists);
  AccessNumber same_address = number("0002", {});
  same_address.primary_uri = "sip:N0001@contoso.com";
  EXPECT_EQ(code([&] { numbers().create(same_address, marco_); }), ErrorCode::AlreadyExists);
  numbers().change(line("0001"), {.display_number = "new"}, marco_);
  const AccessNumber found = numbers().of_region("").at(0);
  EXPECT_EQ(found.display_number, "new");
  EXPECT_EQ(found.site, "USA");
  EXPECT_THAT(found.regions, ElementsAre("Redmond", "Paris"));
  EXPECT_THAT(found.secondary_languages, ElementsAre("fr-FR", "de-DE"));
  EXPECT_EQ(code([&] { numbers().change(line("0009"), {.site = ""}, marco_); }), ErrorCode::NotFound);
  EXPECT_TRUE(numbers().remove(line("0001"), marco_));
  EXPECT_FALSE(numbers().remove(line("0001"), marco_));
  EXPECT_THAT(events(),
              ElementsAre("access-number-created", "access-number-changed", "access-number-removed"));
}

TEST_P(Numbers, HaveAnOrderWithinEachRegion) {
  numbers().create(number("1", {"R", "P"}, 1), marco_);
  numbers().create(number("2", {"R"}, 2), marco_);
  numbers().create(number("3", {"r", "P"}, 3), marco_);
  EXPECT_THAT(of_region("R"), ElementsAre("1", "2", "3"));
  numbers().reorder(line("3"), "R", 0, marco_);
  EXPECT_THAT(of_region("r"), ElementsAre("3", "1", "2"));
  EXPECT_THAT(of_region("P"), ElementsAre("1", "3"));
  EXPECT_THAT(of_region(""), ElementsAre("1", "2", "3"));
  numbers().reorder(line("3"), "R", 99, marco_);
  EXPECT_THAT(of_region("R"), ElementsAre("1", "2", "3"));
  numbers().reorder(line("1"), "R", 1, marco_);
  EXPECT_THAT(of_region("R"), ElementsAre("2", "1", "3"));
  numbers().create(number("4", {"R"}, 0), marco_);
  EXPECT_THAT(of_region("R"), ElementsAre("2", "1", "3", "4")) << "a later one follows";
  numbers().change(line("2"), {.line_uri = line("9")}, marco_);
  EXPECT_THAT(of_region("R"), ElementsAre("2", "1", "3", "4")) << "a place goes with the number";
  EXPECT_EQ(code([&] { numbers().reorder(line("9"), "P", 0, marco_); }), ErrorCode::Precondition);
  EXPECT_EQ(code([&] { numbers().change(line("1"), {.line_uri = line("9")}, marco_); }),
            ErrorCode::AlreadyExists);
  // An import is the newer decision.
  numbers().import({number("1", {"R", "P"}, 9)}, ImportMode::Apply, marco_);
  EXPECT_THAT(of_region("R"), ElementsAre("2", "3", "4", "1"));
}

TEST_P(Numbers, RegionsThatPeopleHaveAndNoNumberHas) {
  for (const char* name : {"bob", "kim", "max"}) {
    add_person(name);
    PersonRow row{.line = 0, .sip_address = *SipAddress::parse(std::string(name) + "@contoso.com")};
    row.region = {true, name == std::string("max") ? "redmond" : "Bellevue"};
    people().apply({row}, ImportMode::Apply, true, marco_);
  }
  numbers().create(number("1", {"Redmond"}), marco_);
  const std::vector<EmptyRegion> empty = numbers().empty_regions();
  ASSERT_EQ(empty.size(), 1U);
  EXPECT_EQ(empty[0].region, "Bellevue");
  EXPECT_EQ(empty[0].people, 2);
}

TEST_P(Numbers, TelephoneCommandsOfSitesBeginWithTheGlobalOnes) {
  const ScopeIdentity redmond = ScopeIdentity::site("Redmond");
  EXPECT_EQ(numbers().dtmf().at(0).keys, DtmfConfiguration::default_keys());
  numbers().change_dtmf({}, {.command_character = '#', .keys = {{"HelpCommand", '2'}}}, marco_);
  numbers().change_dtmf(redmond, {.keys = {{"AdmitAll", std::nullopt}}, .operator_line_uri = line("0100")},
                        marco_);
  const auto all = numbers().dtmf();
  ASSERT_EQ(all.size(), 2U);
  const DtmfConfiguration site = dtmf_of(all, "REDMOND");
  EXPECT_EQ(site.command_character, '#');
  EXPECT_EQ(site.keys.at("HelpCommand"), '2');
  EXPECT_FALSE(site.keys.contains("AdmitAll"));
  EXPECT_EQ(site.operator_line_uri, line("0100"));
  EXPECT_TRUE(dtmf_of(all, "Paris").keys.contains("AdmitAll"));
  EXPECT_EQ(code([&] {
              numbers().change_dtmf({}, {.keys = {{"AdmitAll", '2'}}}, marco_);
            }),
            ErrorCode::InvalidInput);
  EXPECT_EQ(code([&] {
              numbers().change_dtmf(redmond, {.keys = {{"AdmitAll", '0'}}}, marco_);
            }),
            ErrorCode::InvalidInput);
  // All of them can be disabled.
  DtmfChanges none;
  for (const std::string& command : dtmf_commands()) none.keys[command] = std::nullopt;
  numbers().change_dtmf(redmond, none, marco_);
  EXPECT_THAT(dtmf_of(numbers().dtmf(), "Redmond").keys, IsEmpty());
  EXPECT_TRUE(numbers().reset_dtmf(redmond, marco_));
  EXPECT_FALSE(numbers().reset_dtmf(redmond, marco_));
  EXPECT_EQ(dtmf_of(numbers().dtmf(), "Redmond").command_character, '#');
  EXPECT_TRUE(numbers().reset_dtmf({}, marco_));
  EXPECT_EQ(numbers().dtmf().at(0).command_character, '*');
}

TEST_P(Numbers, TwoOperatorsAtOnceLoseNothingOfEachOthers) {
  numbers().create(number("1", {"R"}), marco_);
  const auto repeat = [&](auto body) {
    return std::thread([this, body] {
      const auto mine = open();
      for (int i = 0; i < 20; ++i) body(mine->numbers(), std::to_string(i));
    });
  };
  std::thread name = repeat([&](NumberStore& mine, const std::string& text) {
    mine.change(line("1"), {.display_name = text}, marco_);
  });
  std::thread shown = repeat([&](NumberStore& mine, const std::string& text) {
    mine.change(line("1"), {.display_number = text}, marco_);
  });
  name.join();
  shown.join();
  const AccessNumber found = numbers().of_region("").at(0);
  EXPECT_EQ(found.display_name + found.display_number, "1919");
}

DIALIN_ON_BOTH_STORES(Numbers);

}  // namespace
}  // namespace dialin::test
