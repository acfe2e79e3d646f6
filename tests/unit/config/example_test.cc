// SPDX-License-Identifier: Apache-2.0
#include "config/example.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "config/configuration.h"

namespace dialin {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

// Each line that sets something, with its section, taken out of its comment.
std::string uncommented(const std::string& example) {
  std::string text;
  for (const std::string& line : split(example, '\n')) {
    const bool sets = line.starts_with("#") && !line.starts_with("# ") && line.size() > 1;
    text += (sets ? line.substr(1) : line) + "\n";
  }
  return text;
}

std::vector<std::string> texts(const std::vector<ConfigurationProblem>& problems) {
  std::vector<std::string> all;
  for (const ConfigurationProblem& problem : problems)
    all.push_back(fmt::format("{}: {}", problem.line, problem.text));
  return all;
}

TEST(Example, HoldsEverySettingWithSentenceAndNameInTheEnvironment) {
  const std::string example = example_configuration();
  std::string flat;  // as one line, because sentences are wrapped
  for (const std::string& line : split(example, '\n'))
    flat += line.substr(std::min<std::size_t>(line.size(), 1));
  for (const SettingDeclaration& setting : setting_declarations()) {
    EXPECT_THAT(example, HasSubstr(fmt::format("#[{}]\n", setting.section)));
    EXPECT_THAT(flat, HasSubstr(std::string(setting.sentence)));
    EXPECT_FALSE(describe_section(setting.section).empty()) << setting.section;
    EXPECT_THAT(example, HasSubstr(fmt::format("\n#{} = {}\n", setting.key, example_value(setting))));
    EXPECT_THAT(flat, HasSubstr(setting.environment_name()));
  }
}

TEST(Example, ChangesNothingAsItIs) {
  const Configuration plain = load_configuration(std::nullopt, {});
  const Configuration read =
      load_configuration(ConfigurationText{"dialin.toml", example_configuration()}, {});
  ASSERT_EQ(read.settings.size(), plain.settings.size());
  for (const SettingInUse& setting : read.settings)
    EXPECT_EQ(setting.origin.kind, SettingOrigin::Kind::Default) << setting.name;
}

TEST(Example, IsAcceptedWithEveryLineInForce) {
  const ConfigurationText text{"dialin.toml", uncommented(example_configuration())};
  ASSERT_THAT(texts(read_configuration(text, {}).problems), IsEmpty());
  const Configuration read = load_configuration(text, {});
  for (const SettingDeclaration& setting : setting_declarations()) {
    EXPECT_EQ(read.origin_of(setting.name()).kind, SettingOrigin::Kind::File) << setting.name();
  }
  EXPECT_EQ(read.for_site("paris").mail.from, "Conférences <dialin@contoso.fr>");
}

TEST(ConfigurationProblems, AreAllNamedByLineThenTheEnvironments) {
  std::string text = "[smtp]\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("key{} = {}\n", i, i);
  text += "port = 70000\n";
  const auto problems =
      read_configuration(ConfigurationText{"a.toml", text}, {{"DIALIN_SMTP_TLS", "maybe"}}).problems;
  ASSERT_EQ(problems.size(), 42U);
  for (std::size_t i = 0; i < 41; ++i) EXPECT_EQ(problems[i].line, i + 2);
  EXPECT_THAT(problems[40].text, HasSubstr("1 to 65535"));
  EXPECT_EQ(problems[41].line, 0U);
  EXPECT_THAT(problems[41].text, HasSubstr("DIALIN_SMTP_TLS"));
}

TEST(ConfigurationProblems, OfWhatIsNoTomlIsOne) {
  const auto problems = read_configuration(ConfigurationText{"a.toml", "[smtp]\nserver = \n"}, {}).problems;
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].line, 2U);
}

}  // namespace
}  // namespace dialin
