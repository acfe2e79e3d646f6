// SPDX-License-Identifier: Apache-2.0
// The commands that change PIN policies, access numbers and telephone commands.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "killed_command.h"

namespace dialin::test {
namespace {

using Arguments = DialinProgram::Arguments;
using testing::HasSubstr;
using testing::Not;

const std::string bob = "bob@contoso.com";
const std::string redmond = "sip:redmond@contoso.com";

std::string output_of(World& world, const Arguments& arguments) {
  const Completed done = world.program.run(arguments);
  EXPECT_EQ(done.exit_code, 0) << done.error;
  return done.output;
}

Arguments new_policy(const std::string& identity) {
  return {"policy", "new", identity, "-MinPasswordLength", "7", "-Force"};
}

Arguments new_number(const std::string& name, const std::string& line) {
  return {"number",
          "new",
          fmt::format("sip:{}@contoso.com", name),
          "-LineUri",
          line,
          "-DisplayNumber",
          name,
          "-Regions",
          "Redmond",
          "-PrimaryLanguage",
          "en-US"};
}

void add_policy(World& world) {
  world.program.import_people({"bob"});
  output_of(world, new_policy("tag:Strict"));
}

void add_numbers(World& world) {
  output_of(world, new_number("seattle", "tel:+12065550100"));
  output_of(world, new_number("redmond", "tel:+14255550100"));
}

std::string policies(World& world) {
  return output_of(world, {"policy", "show", "-Output", "csv"});
}

std::string numbers(World& world) {
  return output_of(world, {"number", "show", "-Region", "Redmond", "-Output", "csv"});
}

std::string keys(World& world) {
  return output_of(world, {"dtmf", "show", "-Output", "csv"});
}

}  // namespace

std::vector<KilledCommand> killed_settings() {
  const auto always = [](Arguments arguments) { return [arguments](World&) { return arguments; }; };
  return {
      // 1: there is such a policy already.
      {"NewPolicy",
       [](World& world) { world.program.import_people({"bob"}); },
       always(new_policy("tag:Strict")),
       "",
       {0, 1},
       [](World& world) { EXPECT_THAT(policies(world), HasSubstr("tag:Strict")); }},
      {"ChangePolicy",
       add_policy,
       always({"policy", "set", "tag:Strict", "-Description", "for guests", "-Force"}),
       "",
       {0},
       [](World& world) { EXPECT_THAT(policies(world), HasSubstr("for guests")); }},
      {"GrantPolicy",
       add_policy,
       always({"policy", "grant", bob, "-PolicyName", "Strict", "-Force"}),
       "",
       {0},
       [](World& world) {
         EXPECT_EQ(world.program.run({"pin", "set", bob, "-Pin", "-"}, first_pin).exit_code, 1)
             << "it is shorter than 7";
       }},
      // 1: there is no such policy any more.
      {"RemovePolicy",
       add_policy,
       always({"policy", "remove", "tag:Strict", "-Force"}),
       "",
       {0, 1},
       [](World& world) { EXPECT_THAT(policies(world), Not(HasSubstr("tag:Strict"))); }},
      // 1: there is such a number already.
      {"NewNumber",
       [](World& world) { world.program.import_people({"bob"}); },
       always(new_number("redmond", "tel:+14255550100")),
       "",
       {0, 1},
       [](World& world) { EXPECT_THAT(numbers(world), HasSubstr(redmond)); }},
      {"ChangeNumber",
       add_numbers,
       always({"number", "set", redmond, "-DisplayName", "Head office"}),
       "",
       {0},
       [](World& world) { EXPECT_THAT(numbers(world), HasSubstr("Head office")); }},
      {"OrderNumbers",
       add_numbers,
       always({"number", "set", redmond, "-Priority", "0", "-ReorderedRegion", "Redmond"}),
       "",
       {0},
       [](World& world) {
         const std::string shown = numbers(world);
         EXPECT_LT(shown.find(redmond), shown.find("sip:seattle@contoso.com"));
       }},
      // 1: there is no such number any more.
      {"RemoveNumber",
       add_numbers,
       always({"number", "remove", redmond}),
       "",
       {0, 1},
       [](World& world) { EXPECT_THAT(numbers(world), Not(HasSubstr(redmond))); }},
      {"ChangeKeys",
       [](World& world) { world.program.import_people({"bob"}); },
       always({"dtmf", "set", "site:Redmond", "-CommandCharacter", "#"}),
       "",
       {0},
       [](World& world) { EXPECT_THAT(keys(world), HasSubstr("#")); }},
      {"ResetKeys",
       [](World& world) {
         world.program.import_people({"bob"});
         output_of(world, {"dtmf", "set", "site:Redmond", "-CommandCharacter", "#"});
       },
       always({"dtmf", "set", "site:Redmond", "-Reset"}),
       "",
       {0},
       [](World& world) { EXPECT_THAT(keys(world), Not(HasSubstr("#"))); }},
  };
}

}  // namespace dialin::test
