// SPDX-License-Identifier: Apache-2.0
#include "command/command_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "shell/binder.h"
#include "shell/command_lookup.h"
#include "shell/help.h"

namespace dialin {
namespace {

// The words of the commands in a line of examples, as a shell takes them apart: quotes of both kinds; | ; &&
// and > end a command. Only the commands that are ours.
std::vector<std::vector<std::string>> our_commands(const std::string& line) {
  std::vector<std::vector<std::string>> commands(1);
  std::string word;
  char quoted = '\0';
  bool in_word = false;
  const auto end_word = [&] {
    if (in_word) commands.back().push_back(word);
    word.clear();
    in_word = false;
  };
  for (const char c : line) {
    if (quoted != '\0' ? c == quoted : c == '"' || c == '\'') {
      quoted = quoted != '\0' ? '\0' : c;
      in_word = true;
    } else if (quoted == '\0' && c == ' ') {
      end_word();
    } else if (quoted == '\0' && std::string_view("|;&<>").find(c) != std::string_view::npos) {
      end_word();
      commands.emplace_back();
    } else {
      word += c;
      in_word = true;
    }
  }
  end_word();
  std::erase_if(commands, [](const std::vector<std::string>& words) {
    return words.empty() || (words[0] != "dialin" && words[0].find("-Cs") == std::string::npos);
  });
  return commands;
}

TEST(CommandTable, IsSound) {
  EXPECT_THAT(problems_of_table(command_specs()), testing::IsEmpty());
}

TEST(CommandTable, HasTheNamesOfTheOriginal) {
  std::vector<std::string> cmdlets;
  for (const CommandSpec* spec : command_specs()) {
    if (!spec->cmdlet.empty()) cmdlets.push_back(spec->cmdlet);
  }
  EXPECT_THAT(
      cmdlets,
      testing::UnorderedElementsAre(
          "Set-CsPinSendCAWelcomeMail", "Set-CsClientPin", "Get-CsClientPinInfo", "Test-CsClientPin",
          "Lock-CsClientPin", "Unlock-CsClientPin", "New-CsPinPolicy", "Get-CsPinPolicy", "Set-CsPinPolicy",
          "Grant-CsPinPolicy", "Remove-CsPinPolicy", "Get-CsUser", "Set-CsUser", "Enable-CsUser",
          "Disable-CsUser", "New-CsDialInConferencingAccessNumber", "Get-CsDialInConferencingAccessNumber",
          "Set-CsDialInConferencingAccessNumber", "Remove-CsDialInConferencingAccessNumber",
          "Get-CsDialInConferencingLanguageList", "Get-CsDialInConferencingDtmfConfiguration",
          "Set-CsDialInConferencingDtmfConfiguration", "New-CsDialInConferencingDtmfConfiguration",
          "Remove-CsDialInConferencingDtmfConfiguration", "Get-CsPinAudit"));
}

TEST(CommandTable, EveryRowExplainsItselfAndHasExamples) {
  for (const CommandSpec* spec : command_specs()) {
    EXPECT_FALSE(spec->description.empty()) << spec->verb;
    EXPECT_GE(spec->examples.size(), 2U) << spec->verb;
    for (const CommandExample& example : spec->examples) EXPECT_FALSE(example.says.empty()) << example.line;
    EXPECT_THAT(render_help(*spec, 80), testing::HasSubstr(spec->verb));
  }
}

TEST(CommandTable, EveryExampleIsACommandLineThatBinds) {
  const CommandTable table = command_specs();
  for (const CommandSpec* spec : table) {
    for (const CommandExample& example : spec->examples) {
      bool of_this_row = false;
      for (std::vector<std::string>& words : our_commands(example.line)) {
        if (words[0] == "dialin") words.erase(words.begin());
        SCOPED_TRACE(example.line);
        try {
          const FoundCommand found = find_command(table, "dialin", words);
          ASSERT_EQ(found.what, FoundCommand::What::Run);
          const BoundParameters bound = bind_parameters(*found.spec, found.words, found.spelling);
          EXPECT_THAT(bound.missing(), testing::IsEmpty());
          of_this_row = of_this_row || found.spec == spec;
        } catch (const Error& error) {
          ADD_FAILURE() << error.what();
        }
      }
      // An example may show what goes with the command, but the row's own command stands in all but one.
      if (&example == &spec->examples.front()) {
        EXPECT_TRUE(of_this_row) << example.line;
      }
    }
  }
}

TEST(CommandTable, FindsTheCommandOfARow) {
  for (const CommandSpec* spec : command_specs()) EXPECT_EQ(&command_of(*spec).spec, spec);
  const CommandSpec foreign{.verb = "pin set"};
  EXPECT_THROW(command_of(foreign), Error);
}

}  // namespace
}  // namespace dialin
