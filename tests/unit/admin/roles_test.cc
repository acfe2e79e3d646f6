// SPDX-License-Identifier: Apache-2.0
// Who is an administrator, who is of the help desk, and what that allows.
#include "admin/roles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "admin/group_name.h"
#include "shell/binder.h"

namespace dialin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(GroupNames, WithoutCaseAndDomain) {
  EXPECT_TRUE(same_group("RTCUniversalServerAdmins", "rtcuniversalserveradmins"));
  EXPECT_TRUE(same_group("RTCUniversalServerAdmins", "RTCUniversalServerAdmins@contoso.com"));
  EXPECT_TRUE(same_group("CONTOSO\\RTCUniversalServerAdmins", "rtcuniversalserveradmins"));
  EXPECT_TRUE(same_group("CONTOSO\\CsHelpDesk", "cshelpdesk@contoso.com"));
  EXPECT_TRUE(same_group("CONTOSO\\CsHelpDesk", "contoso\\cshelpdesk"));
  EXPECT_TRUE(same_group(" CsHelpDesk ", "CsHelpDesk"));
}

TEST(GroupNames, AnotherGroupIsAnotherGroup) {
  EXPECT_FALSE(same_group("CsHelpDesk", "CsHelpDesk2"));
  EXPECT_FALSE(same_group("CsHelpDesk", ""));
  EXPECT_FALSE(same_group("", ""));
  EXPECT_FALSE(same_group("@contoso.com", "@contoso.com"));
  // Where both name a domain it counts: another company's administrators are not this one's.
  EXPECT_FALSE(same_group("CsHelpDesk@contoso.com", "CsHelpDesk@fabrikam.com"));
  EXPECT_FALSE(same_group("CONTOSO\\CsHelpDesk", "FABRIKAM\\CsHelpDesk"));
  EXPECT_FALSE(same_group("FABRIKAM\\CsHelpDesk", "CsHelpDesk@contoso.com"));
}

TEST(GroupNames, Spellings) {
  EXPECT_THAT(spellings_of_group("CsHelpDesk"), ElementsAre("CsHelpDesk", "cshelpdesk"));
  EXPECT_THAT(spellings_of_group("CONTOSO\\Desk"),
              ElementsAre("CONTOSO\\Desk", "Desk", "contoso\\desk", "desk"));
  EXPECT_THAT(spellings_of_group("Desk@contoso.com"),
              ElementsAre("Desk@contoso.com", "Desk", "desk@contoso.com", "desk"));
}

// A directory of accounts in memory, parts of which are away.
class FakeAccounts final : public Accounts {
 public:
  std::map<uid_t, Account> accounts{{0, {"root", 0}}, {1001, {"anna", 100}}, {1002, {"hannah", 100}}};
  std::map<std::string, std::vector<gid_t>> members;
  std::map<gid_t, std::string> names{{100, "users"}};
  bool away = false;

  std::optional<Account> account(uid_t id) override {
    const auto found = accounts.find(id);
    return found == accounts.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<gid_t> groups_of(const Account& account) override {
    std::vector<gid_t> groups = members[account.name];
    groups.push_back(account.group);
    return groups;
  }
  std::optional<std::string> group_name(gid_t id) override {
    const auto found = names.find(id);
    return found == names.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<gid_t> group(const std::string& name) override {
    if (away) throw Error(ErrorCode::Unavailable, "the directory is away");
    for (const auto& [id, known] : names) {
      if (known == name) return id;
    }
    return std::nullopt;
  }
};

constexpr uid_t Service = 990;

class Roles : public testing::Test {
 protected:
  Roles() {
    accounts_.names[500] = "RTCUniversalServerAdmins";
    accounts_.names[501] = "CsHelpDesk";
  }
  RoleOfAccount role(uid_t uid) { return role_of_account(uid, Service, settings_, accounts_); }

  FakeAccounts accounts_;
  RoleSettings settings_{{"RTCUniversalServerAdmins"}, {"CsHelpDesk"}};
};

TEST_F(Roles, RootAndTheServiceItselfAreAdministrators) {
  accounts_.away = true;
  EXPECT_EQ(role(0).role, Role::Administrator);
  EXPECT_EQ(role(0).account, "root");
  EXPECT_EQ(role(Service).role, Role::Administrator);
}

TEST_F(Roles, MembersAreWhatTheirGroupsSay) {
  accounts_.members["anna"] = {501, 500};
  accounts_.members["hannah"] = {501};
  EXPECT_EQ(role(1001).role, Role::Administrator);
  EXPECT_EQ(role(1002).role, Role::HelpDesk);
  EXPECT_THAT(role(1002).unresolved, IsEmpty());
  accounts_.members.clear();
  EXPECT_EQ(role(1001).role, std::nullopt);
  EXPECT_THAT(role(1001).unresolved, IsEmpty());
}

TEST_F(Roles, ADirectorysSpellingOfAGroupCounts) {
  accounts_.names[500] = "rtcuniversalserveradmins@contoso.com";
  accounts_.members["anna"] = {500};
  EXPECT_EQ(role(1001).role, Role::Administrator);
}

TEST_F(Roles, WhatCannotBeResolvedIsNoNo) {
  accounts_.names.erase(501);
  const RoleOfAccount nobody = role(1001);
  EXPECT_EQ(nobody.role, std::nullopt);
  EXPECT_THAT(nobody.unresolved, ElementsAre("the group CsHelpDesk"));
  EXPECT_EQ(refusal(nobody, settings_, "Set-CsClientPin", "").code(), ErrorCode::Unavailable);

  // A group of the account without a name might be the one.
  accounts_.names[501] = "CsHelpDesk";
  accounts_.members["anna"] = {777};
  EXPECT_THAT(role(1001).unresolved, ElementsAre("the group with the number 777"));

  accounts_.members["anna"].clear();
  accounts_.away = true;
  EXPECT_EQ(role(1001).unresolved.size(), 2U);
  // Somebody whose own groups say so is what they say.
  accounts_.members["anna"] = {500};
  EXPECT_EQ(role(1001).role, Role::Administrator);
  // Of the help desk for certain, perhaps an administrator too: what only that allows is not known.
  accounts_.members["hannah"] = {501};
  const RoleOfAccount desk = role(1002);
  EXPECT_EQ(desk.role, Role::HelpDesk);
  EXPECT_EQ(refusal(desk, settings_, "Set-CsClientPin", "Set-CsClientPin").code(), ErrorCode::Unavailable);
}

TEST_F(Roles, AnAccountThatIsNotKnownIsAnError) {
  try {
    role(4711);
    FAIL() << "known";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Unavailable);
  }
}

TEST_F(Roles, ARefusalNamesTheGroup) {
  const Error nobody = refusal(role(1001), settings_, "Set-CsClientPin", "");
  EXPECT_EQ(nobody.code(), ErrorCode::Permission);
  EXPECT_THAT(nobody.what(), HasSubstr("members of RTCUniversalServerAdmins"));
  EXPECT_THAT(nobody.next(), HasSubstr("CsHelpDesk"));
  accounts_.members["hannah"] = {501};
  EXPECT_THAT(refusal(role(1002), settings_, "Set-CsClientPin", "Set-CsClientPin").what(),
              HasSubstr("members of RTCUniversalServerAdmins"));
  settings_.administrators.clear();
  EXPECT_THAT(refusal(role(1001), settings_, "Set-CsClientPin", "").what(), HasSubstr("root alone"));
}

const CommandSpec& shown_row() {
  static const CommandSpec row{.cmdlet = "Get-CsClientPinInfo",
                               .verb = "pin show",
                               .group = "PINs",
                               .summary = "Shows.",
                               .parameters = {{.name = "Identity",
                                               .kind = ParameterKind::List,
                                               .help = "Who.",
                                               .position = 1,
                                               .operand = 1,
                                               .help_desk = true,
                                               .names_people = true},
                                              {.name = "Csv", .kind = ParameterKind::Path, .help = "Many."}},
                               .help_desk = true};
  return row;
}

std::optional<std::string> why_not(const CommandSpec& row, const std::vector<std::string>& words) {
  const std::vector<std::string_view> views(words.begin(), words.end());
  return why_not_for_help_desk(bind_parameters(row, views, Spelling::Cmdlet));
}

TEST(HelpDesk, MayOnlyWhatTheRowNames) {
  EXPECT_EQ(why_not(shown_row(), {"bob@contoso.com", "-Output", "json", "-Verbose"}), std::nullopt);
  EXPECT_THAT(why_not(shown_row(), {"-Csv", "many.csv"}).value_or(""), HasSubstr("-Csv"));
  EXPECT_THAT(why_not(shown_row(), {"bob@contoso.com", "-Config", "x.toml"}).value_or(""),
              HasSubstr("Config"));
  EXPECT_THAT(why_not(shown_row(), {"bob@contoso.com,eva@contoso.com"}).value_or(""), HasSubstr("several"));
  EXPECT_THAT(why_not(shown_row(), {"* Kelly"}).value_or(""), HasSubstr("several"));
  CommandSpec other = shown_row();
  other.help_desk = false;
  EXPECT_THAT(why_not(other, {"bob@contoso.com"}).value_or(""), HasSubstr("Get-CsClientPinInfo"));
}

TEST(HelpDesk, NamesThePersonByAParameterOfTheRow) {
  EXPECT_EQ(person_parameter_of(shown_row()), "Identity");
}

}  // namespace
}  // namespace dialin
