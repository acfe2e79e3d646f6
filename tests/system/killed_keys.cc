// SPDX-License-Identifier: Apache-2.0
// The commands that change keys and archive the audit trail.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint_list.h"
#include "killed_command.h"

namespace dialin::test {
namespace {

using Arguments = DialinProgram::Arguments;
using testing::HasSubstr;

const std::string bob = "bob@contoso.com";

std::string output_of(World& world, const Arguments& arguments, const std::string& input = {}) {
  const Completed done = world.program.run(arguments, input);
  EXPECT_EQ(done.exit_code, 0) << done.error;
  return done.output;
}

// Bob has a PIN, anna's welcome waits.
void seal_something(World& world) {
  world.program.import_people({"bob", "anna"});
  output_of(world, {"pin", "set", bob, "-Pin", "-"}, std::string(first_pin) + "\n");
  ASSERT_EQ(
      world.program.run(welcome_command("anna", world.receiver.port()), {}, kill_at("issued")).exit_code,
      killed);
}

nlohmann::json keys_of(World& world) {
  return nlohmann::json::parse(output_of(world, {"key", "status", "-Output", "json"}));
}

std::string key_in_state(World& world, const std::string& state) {
  for (const nlohmann::json& key : keys_of(world)) {
    if (key["State"] == state) return key["Key"];
  }
  return "none";
}

void expect_everything_works(World& world) {
  EXPECT_TRUE(world.program.pin_is("bob", first_pin));
  const Completed delivered = world.program.run({"deliver"});
  EXPECT_EQ(delivered.exit_code, 0) << delivered.error;
  const auto mails = world.receiver.mails_to("anna@contoso.com");
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_TRUE(world.program.pin_is("anna", mails.front().pin()));
}

}  // namespace

std::vector<KilledCommand> killed_keys() {
  const auto always = [](Arguments arguments) { return [arguments](World&) { return arguments; }; };
  return {
      {"RotateKey",
       seal_something,
       always({"key", "rotate"}),
       "",
       {0},
       [](World& world) {
         int in_use = 0;
         for (const nlohmann::json& key : keys_of(world)) {
           in_use += key["State"] == "InUse" ? 1 : 0;
           EXPECT_NE(key["State"], "Former");
           if (key["State"] == "InUse") continue;
           EXPECT_EQ(key["Verifiers"].get<int>() + key["Welcomes"].get<int>(), 0);
         }
         EXPECT_EQ(in_use, 1);
         // Without the files of retired keys.
         for (std::string former; (former = key_in_state(world, "Retired")) != "none";)
           output_of(world, {"key", "forget", former, "--yes"});
         expect_everything_works(world);
       }},
      {"PrepareKey",
       seal_something,
       always({"key", "rotate", "-Prepare"}),
       "",
       {0},
       [](World& world) {
         EXPECT_EQ(keys_of(world).size(), 2U);
         EXPECT_NE(key_in_state(world, "Prepared"), "none");
         expect_everything_works(world);
       }},
      {"ForgetKey",
       [](World& world) {
         seal_something(world);
         output_of(world, {"key", "rotate"});
       },
       [](World& world) {
         std::string former = key_in_state(world, "Retired");
         if (former == "none") former = key_in_state(world, "Forgotten");
         return Arguments{"key", "forget", former, "--yes"};
       },
       "",
       {0},
       [](World& world) {
         const std::string former = key_in_state(world, "Forgotten");
         EXPECT_FALSE(std::filesystem::exists(world.program.data_directory() / "keys" / (former + ".key")));
         expect_everything_works(world);
       }},
      {"ExportKey",
       [](World& world) {
         seal_something(world);
         std::filesystem::permissions(
             world.program.directory().write("passphrase", "correct horse battery\n"),
             std::filesystem::perms::owner_read);
       },
       [](World& world) {
         return Arguments{"key", "export", "-PassphraseFile",
                          (world.program.directory() / "passphrase").string()};
       },
       "",
       {0},
       [](World& world) { EXPECT_FALSE(keys_of(world)[0]["ExportedAt"].is_null()); }},
      {"SignAudit",
       [](World& world) {
         world.program.import_people({"bob", "anna"});  // whose lines are signed at once, as the first ones
         output_of(world, {"pin", "set", bob, "-Pin", "-"}, std::string(first_pin) + "\n");
       },
       always({"audit", "head"}),
       "",
       {0},
       [](World& world) {
         EXPECT_THAT(output_of(world, {"audit", "head"}), HasSubstr("number=3 "));
       }},
      // 1: the file is there already.
      {"ArchiveAudit",
       [](World& world) {
         world.program.import_people({"bob", "anna"});
         output_of(world, {"audit", "head"});
       },
       always({"audit", "archive", "-Before", "2099-01-01", "-File", "archived.jsonl", "--yes"}),
       "",
       {0, 1},
       [](World& world) {
         output_of(world, {"audit", "verify", "-Segment", "archived.jsonl"});
         // Whatever of it is left to do, another file finds, or nothing.
         output_of(world, {"audit", "archive", "-Before", "2099-01-01", "-File", "more.jsonl", "--yes"});
         output_of(world, {"audit", "verify"});
       }},
  };
}

}  // namespace dialin::test
