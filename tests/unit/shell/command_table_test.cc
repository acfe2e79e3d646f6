// SPDX-License-Identifier: Apache-2.0
// The table: its check, the lookup of a row, and the help that is rendered from it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"
#include "shell/command_lookup.h"
#include "shell/command_spec.h"
#include "shell/help.h"
#include "support/sample_commands.h"

namespace dialin {
namespace {

using test::sample_table;
using test::set_pin_row;
using test::welcome_row;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using What = FoundCommand::What;

// Keeps the words that the result's views point into.
struct Lookup {
  std::vector<std::string> words;
  FoundCommand found;
  Lookup(std::string_view program, std::vector<std::string> given)
      : words(std::move(given)), found(find_command(sample_table(), program, words)) {}
  const FoundCommand* operator->() const { return &found; }
};

std::string refusal(std::vector<std::string> words) {
  try {
    find_command(sample_table(), "dialin", words);
  } catch (const Error& error) {
    EXPECT_EQ(exit_code(error.code()), 64);
    return std::string(error.what()) + " | " + error.next();
  }
  ADD_FAILURE() << "was not refused";
  return {};
}

TEST(NativeOptionName, IsDerivedFromTheParameter) {
  EXPECT_EQ(native_option_name("UserUri"), "user-uri");
  EXPECT_EQ(native_option_name("BodyAsPlainText"), "body-as-plain-text");
  EXPECT_EQ(native_option_name("UseSsl"), "use-ssl");
  EXPECT_EQ(native_option_name("LineURI"), "line-uri");
  EXPECT_EQ(native_option_name("PINLifetime"), "pin-lifetime");
  EXPECT_EQ(native_option_name("PINHistoryCount"), "pin-history-count");
  EXPECT_EQ(native_option_name("Cc"), "cc");
}

TEST(ProblemsOfTable, FindsNoneInASoundTable) {
  EXPECT_THAT(problems_of_table(sample_table()), IsEmpty());
}

TEST(ProblemsOfTable, FindsWhatIsWrong) {
  CommandSpec row = welcome_row();
  row.parameters[1].aliases = {"User-Uri"};
  row.parameters[2].help.clear();
  row.parameters[3].position = 3;
  row.parameters[4].choices = {"a"};
  const auto problems = problems_of_table({&welcome_row(), &row});
  EXPECT_THAT(problems, testing::UnorderedElementsAre(
                            HasSubstr("means two parameters"), HasSubstr("Subject has no help"),
                            HasSubstr("positions are not 1, 2, 3"), HasSubstr("choices belong to a Choice"),
                            HasSubstr("set-cspinsendcawelcomemail names two commands"),
                            HasSubstr("welcome names two commands")));
}

TEST(AllParameters, ARowsOwnStandsInForTheCommonOne) {
  const CommandSpec row{.verb = "x",
                        .parameters = {{.name = "output", .kind = ParameterKind::Path, .help = "Where."}}};
  int count = 0;
  for (const ParameterSpec* parameter : all_parameters(row))
    count += to_lower_ascii(parameter->name) == "output";
  EXPECT_EQ(count, 1);
}

TEST(FindCommand, ByTheNameOfTheProgram) {
  for (std::string_view program : {"Set-CsClientPin", "/usr/bin/set-csclientpin", "./SET-CSCLIENTPIN"}) {
    const Lookup lookup(program, {"bob", "-Pin", "-"});
    EXPECT_EQ(lookup->spec, &set_pin_row());
    EXPECT_EQ(lookup->spelling, Spelling::Cmdlet);
    EXPECT_THAT(lookup->words, ElementsAre("bob", "-Pin", "-"));
  }
}

TEST(FindCommand, ByTheFirstWords) {
  EXPECT_EQ(Lookup("dialin", {"Set–CsClientPin", "bob"})->spec, &set_pin_row());
  const Lookup verb("/opt/dialin", {"people", "import", "x.csv"});
  EXPECT_EQ(verb->spec, &test::import_row());
  EXPECT_EQ(verb->spelling, Spelling::Native);
  EXPECT_THAT(verb->words, ElementsAre("x.csv"));
  EXPECT_EQ(Lookup("dialin", {"Welcome", "bob"})->spec, &welcome_row());
}

TEST(FindCommand, TakesConfigBeforeTheVerb) {
  const Lookup lookup("dialin", {"--config", "/tmp/x", "-Verbose", "welcome", "--", "bob"});
  EXPECT_EQ(lookup->spec, &welcome_row());
  EXPECT_THAT(lookup->words, ElementsAre("--config", "/tmp/x", "-Verbose", "--", "bob"));
  EXPECT_EQ(Lookup("dialin", {"--config=/tmp/x", "welcome"})->words.size(), 1u);
  EXPECT_EQ(Lookup("dialin", {"--config"})->what, What::Overview);
}

TEST(FindCommand, HelpAndVersion) {
  EXPECT_EQ(Lookup("dialin", {})->what, What::Overview);
  EXPECT_EQ(Lookup("dialin", {"help"})->what, What::Overview);
  EXPECT_EQ(Lookup("dialin", {"--help"})->what, What::Overview);
  EXPECT_EQ(Lookup("dialin", {"-?"})->what, What::Overview);
  EXPECT_EQ(Lookup("dialin", {"--version"})->what, What::Version);
  EXPECT_EQ(Lookup("dialin", {"help", "people", "import"})->spec, &test::import_row());
  EXPECT_EQ(Lookup("dialin", {"help", "set-csclientpin"})->what, What::CommandHelp);
  EXPECT_EQ(Lookup("dialin", {"help", "people"})->group, "people");
  EXPECT_EQ(Lookup("dialin", {"people", "--help"})->group, "people");
  EXPECT_EQ(Lookup("dialin", {"welcome", "bob", "--nonsense", "-?"})->what, What::CommandHelp);
  EXPECT_EQ(Lookup("Set-CsClientPin", {"-Help"})->what, What::CommandHelp);
  EXPECT_EQ(Lookup("dialin", {"welcome", "--", "--help"})->what, What::Run);
}

TEST(FindCommand, RefusesWhatIsNoCommand) {
  EXPECT_THAT(refusal({"wlecome", "bob"}), HasSubstr("Did you mean welcome?"));
  EXPECT_THAT(refusal({"people", "imprt"}),
              AllOf(HasSubstr("\"people imprt\""), HasSubstr("mean people import?")));
  EXPECT_THAT(refusal({"peple", "import"}), HasSubstr("mean people import?"));
  EXPECT_THAT(refusal({"Set-CsClientPni"}), HasSubstr("mean Set-CsClientPin?"));
  EXPECT_THAT(refusal({"people", "frobnicate"}),
              AllOf(HasSubstr("\"people frobnicate\""), HasSubstr("There are: people import, people list")));
  EXPECT_THAT(refusal({"people"}),
              AllOf(HasSubstr("not a whole command"), HasSubstr("people import, people list")));
  EXPECT_THAT(refusal({"-UserUri:383042650", "bob"}),
              AllOf(HasSubstr("-UserUri"), Not(HasSubstr("383042650"))));
  EXPECT_THAT(refusal({"383042650"}), Not(HasSubstr("383042650")));
  EXPECT_THAT(refusal({"help", "frobnicate"}), HasSubstr("no command \"frobnicate\""));
}

void expect_width(const std::string& text, std::size_t width) {
  for (const std::string& line : split(text, '\n')) EXPECT_LE(display_width(line), width) << line;
}

TEST(Help, TellsAllAboutACommand) {
  const std::string help = render_help(welcome_row(), 80);
  for (const ParameterSpec* parameter : all_parameters(welcome_row())) {
    EXPECT_THAT(help, HasSubstr("-" + parameter->name + ", --" + native_option_name(parameter->name)));
  }
  EXPECT_THAT(help, HasSubstr("Set-CsPinSendCAWelcomeMail -UserUri <user identifier>"));
  EXPECT_THAT(help, HasSubstr("[[-SmtpServer] <host>]"));
  EXPECT_THAT(help, HasSubstr("dialin welcome <user identifier> [--from <address>]"));
  EXPECT_THAT(help, HasSubstr("First paragraph of two lines.\n\n  Second paragraph.\n"));
  EXPECT_THAT(help, HasSubstr("    1  The PIN was not set.\n"));
  EXPECT_THAT(help, HasSubstr("   78  Configuration"));
  EXPECT_THAT(help, HasSubstr("-Force, --force, -Replace\n"));
}

TEST(Help, WrapsToTheWidth) {
  CommandSpec row = welcome_row();
  row.examples.clear();  // are shown as they are typed
  expect_width(render_help(row, 60), 60);
  expect_width(render_overview(sample_table(), 60), 60);
}

TEST(Help, OverviewByGroup) {
  const std::string all = render_overview(sample_table(), 80);
  EXPECT_THAT(
      all, AllOf(HasSubstr("\nPINs\n  pin set"), HasSubstr("(Set-CsClientPin)"), HasSubstr("people list")));
  const std::string people = render_overview(sample_table(), 80, "people");
  EXPECT_THAT(people, AllOf(HasSubstr("people import"), Not(HasSubstr("pin set"))));
}

}  // namespace
}  // namespace dialin
