// SPDX-License-Identifier: Apache-2.0
#include "welcome/welcome_values.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pin/policy_change.h"
#include "unit/welcome/fake_store.h"

namespace dialin::test {
namespace {

using std::chrono::hours;

AccessNumber number(const std::string& display, std::vector<std::string> regions) {
  return {.primary_uri = "",
          .line_uri = PhoneNumber::parse("+14255550100").value(),
          .display_number = display,
          .display_name = "Head office",
          .regions = std::move(regions),
          .primary_language = "en-US",
          .secondary_languages = {"es-MX", "fr-CA"},
          .priority = 0};
}

Person bob() {
  Person person{.sip_address = SipAddress::parse("sip:bob.k@contoso.com").value()};
  person.display_name = "Bob Kelly";
  person.mail = Mailbox::parse("bob@contoso.com");
  person.line_uri = PhoneNumber::parse("tel:+14255551297;ext=51297");
  person.region = "Redmond";
  person.conference_id = "4150162";
  return person;
}

const OrganisationValues kContoso = {.name = "Contoso Ltd.",
                                     .settings_page_url = "https://dialin.contoso.com",
                                     .support_contact = "helpdesk@contoso.com",
                                     .logo_text = "CONTOSO"};

TEST(WelcomeValuesOf, PersonAndOrganisation) {
  const WelcomeValues values =
      welcome_values(bob(), {}, telephone_command_values({}), kContoso, false, true, std::nullopt);
  EXPECT_EQ(values.display_name, "Bob Kelly");
  EXPECT_EQ(values.sip_address, "bob.k@contoso.com");
  EXPECT_EQ(values.mail_address, "bob@contoso.com");
  EXPECT_EQ(values.number, "+14255551297");
  EXPECT_EQ(values.extension, "51297");
  EXPECT_EQ(values.conference_id, "4150162");
  EXPECT_EQ(values.region, "Redmond");
  EXPECT_EQ(values.settings_page_url, "https://dialin.contoso.com");
  EXPECT_EQ(values.support_contact, "helpdesk@contoso.com");
  EXPECT_EQ(values.organisation_name, "Contoso Ltd.");
  EXPECT_EQ(values.logo_text, "CONTOSO");
  EXPECT_TRUE(values.replaces_pin);
  EXPECT_FALSE(values.pin_expires);
  EXPECT_EQ(values.telephone_commands.size(), 7u);
}

TEST(WelcomeValuesOf, WhatIsNotKnownIsEmpty) {
  const Person person{.sip_address = SipAddress::parse("sip:bob@contoso.com").value()};
  const WelcomeValues values = welcome_values(person, {}, {}, {}, false, false, std::nullopt);
  EXPECT_EQ(values.display_name + values.mail_address + values.number + values.extension +
                values.conference_id + values.region + values.settings_page_url + values.support_contact,
            "");
  EXPECT_TRUE(values.access_numbers.empty());
  EXPECT_FALSE(values.replaces_pin);
}

TEST(WelcomeValuesOf, NoLinkLeavesTheSettingsPageOut) {
  EXPECT_EQ(welcome_values(bob(), {}, {}, kContoso, true, false, std::nullopt).settings_page_url, "");
}

TEST(WelcomeValuesOf, NumbersHaveTheirRegionAndTheirLanguagesThePrimaryOneFirst) {
  const auto values =
      welcome_values(bob(),
                     access_number_values(
                         {number("5-0100", {"Seattle", "Redmond"}), number("5-0200", {"Paris"})}, "Redmond"),
                     {}, kContoso, false, false, std::nullopt);
  ASSERT_EQ(values.access_numbers.size(), 2u);
  EXPECT_EQ(values.access_numbers[0].display_number, "5-0100");
  EXPECT_EQ(values.access_numbers[0].display_name, "Head office");
  EXPECT_EQ(values.access_numbers[0].region, "Redmond");  // the person's, of two
  EXPECT_EQ(values.access_numbers[0].languages, (std::vector<std::string>{"en-US", "es-MX", "fr-CA"}));
  EXPECT_EQ(values.access_numbers[1].region, "Paris");
}

TEST(WelcomeValuesOf, AtMostTwelveNumbersTheFirstOnes) {
  std::vector<AccessNumber> numbers;
  for (int i = 0; i < 20; ++i) numbers.push_back(number(fmt::format("5-{:04}", i), {"Redmond"}));
  const auto values = access_number_values(numbers, "Redmond");
  ASSERT_EQ(values.size(), MaximumNumbersInMail);
  EXPECT_EQ(values[0].display_number, "5-0000");
  EXPECT_EQ(values[MaximumNumbersInMail - 1].display_number, "5-0011");
}

TEST(WelcomeValuesOf, PeopleOfARegionAndASiteShareItsNumbersAndCommands) {
  const auto numbers = access_number_values({number("5-0100", {"Redmond"})}, "Redmond");
  const auto commands = telephone_command_values({});
  const auto first = welcome_values(bob(), numbers, commands, kContoso, false, false, std::nullopt);
  const auto second = welcome_values(bob(), numbers, commands, kContoso, false, false, std::nullopt);
  EXPECT_EQ(first.access_numbers.begin(), second.access_numbers.begin());
  EXPECT_EQ(first.telephone_commands.begin(), second.telephone_commands.begin());
}

TEST(AccessNumbersFor, ThoseOfTheRegionElseAll) {
  FakeStore store;
  store.numbers().all = {number("1", {"Redmond"}), number("2", {"Paris"})};
  Person person = bob();
  ASSERT_EQ(access_numbers_for(store, person).size(), 1u);
  EXPECT_EQ(access_numbers_for(store, person)[0].display_number, "1");
  person.region = "Nowhere";
  EXPECT_EQ(access_numbers_for(store, person).size(), 2u);
  person.region = "";
  EXPECT_EQ(access_numbers_for(store, person).size(), 2u);
}

TEST(AccessNumbers, ThoseOfAnotherSiteAreNotShown) {
  FakeStore store;
  store.numbers().all = {number("1", {"Redmond"}), number("2", {"Redmond"})};
  store.numbers().all[0].site = "Paris";
  Person person = bob();
  person.site = "Redmond";
  ASSERT_EQ(access_numbers_for(store, person).size(), 1u);
  EXPECT_EQ(access_numbers_for(store, person)[0].display_number, "2");
  person.site = "PARIS";
  EXPECT_EQ(access_numbers_for(store, person).size(), 2u);
}

TEST(TelephoneCommands, AreThoseOfThePersonsSiteWithoutTheDisabledOnes) {
  FakeStore store;
  DtmfConfiguration paris = changed({.identity = ScopeIdentity::site("Paris")},
                                    {.command_character = '#', .keys = {{"HelpCommand", std::nullopt}}});
  store.numbers().commands = {{}, paris};
  Person person = bob();
  const auto commands = [&] {
    return welcome_values(person, {}, telephone_commands_for(store, person), kContoso, false, false,
                          std::nullopt)
        .telephone_commands;
  };
  ASSERT_EQ(commands().size(), 7u);
  EXPECT_EQ(commands()[0].name + commands()[0].keys, "HelpCommand*1");
  person.site = "paris";
  ASSERT_EQ(commands().size(), 6u);
  EXPECT_EQ(commands()[0].name + commands()[0].keys, "PrivateRollCallCommand#3");
}

TEST(PinExpiry, NoDayIsNamedForAPinThatMustBeChanged) {
  EXPECT_FALSE(pin_expiry({.lifetime_days = 30, .change_at_first_use = true}, Timestamp()));
}

TEST(PinExpiry, DaysOfThePolicyZeroForNever) {
  PinPolicy policy;
  const Timestamp now{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
  EXPECT_FALSE(pin_lifetime(policy));
  EXPECT_FALSE(pin_expiry(policy, now));
  policy.lifetime_days = 90;
  EXPECT_EQ(pin_lifetime(policy), hours(90 * 24));
  EXPECT_EQ(pin_expiry(policy, now), now + hours(90 * 24));
}

}  // namespace
}  // namespace dialin::test
