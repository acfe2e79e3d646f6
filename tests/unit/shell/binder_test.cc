// SPDX-License-Identifier: Apache-2.0
#include "shell/binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "support/fake_prompter.h"
#include "support/sample_commands.h"

namespace dialin {
namespace {

using test::import_row;
using test::list_row;
using test::set_pin_row;
using test::welcome_row;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

using Words = std::vector<std::string_view>;

BoundParameters cmdlet(const Words& words) {
  return bind_parameters(welcome_row(), words, Spelling::Cmdlet);
}
BoundParameters native(const Words& words) {
  return bind_parameters(welcome_row(), words, Spelling::Native);
}

// What the refusal says, both sentences; fails the test if there is none.
std::string refusal(const CommandSpec& row, const Words& words, Spelling spelling) {
  try {
    bind_parameters(row, words, spelling);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
    return std::string(error.what()) + " | " + error.next();
  }
  ADD_FAILURE() << "was not refused";
  return {};
}
std::string refusal(const Words& words) {
  return refusal(welcome_row(), words, Spelling::Cmdlet);
}

bool has_secret(BoundParameters& bound, std::string_view expected) {
  auto secret = bound.take_secret("Pin");
  return secret && secret->same_as(Secret(expected));
}

TEST(Binder, BindsTheOriginalsFirstExample) {
  const auto bound = cmdlet({"-UserUri", "bob@contoso.com", "-From", "marco@contoso.com"});
  EXPECT_EQ(bound.text("UserUri"), "bob@contoso.com");
  EXPECT_EQ(bound.text("From"), "marco@contoso.com");
  EXPECT_EQ(bound.text("Subject"), std::nullopt);
  EXPECT_FALSE(bound.flag("Force"));
  EXPECT_TRUE(bound.missing().empty());
}

TEST(Binder, BindsTheOriginalsSecondExample) {
  auto bound = cmdlet({"-UserUri", "bob@contoso.com", "-From", "marco@contoso.com", "-Subject",
                       "Your new dial-in conferencing PIN", "-Pin", "383042650", "-Force", "-Credential",
                       "Admin@contoso.com", "-UseSsl"});
  EXPECT_EQ(bound.text("Subject"), "Your new dial-in conferencing PIN");
  EXPECT_TRUE(has_secret(bound, "383042650"));
  EXPECT_TRUE(bound.flag("Force"));
  EXPECT_TRUE(bound.flag("UseSsl"));
  EXPECT_EQ(bound.text("Credential"), "Admin@contoso.com");
}

TEST(Binder, BindsTheNativeSpelling) {
  const auto bound = native({"bob@contoso.com", "--from", "marco@contoso.com", "--use-ssl",
                             "--smtp-server=mail", "--body-as-plain-text", "--PORT=587"});
  EXPECT_EQ(bound.text("UserUri"), "bob@contoso.com");
  EXPECT_EQ(bound.text("SmtpServer"), "mail");
  EXPECT_TRUE(bound.flag("UseSsl"));
  EXPECT_TRUE(bound.flag("BodyAsPlainText"));
  EXPECT_EQ(bound.number("Port"), 587);
}

TEST(Binder, TakesEachSpellingFromEachEntry) {
  EXPECT_EQ(native({"-UserUri", "bob"}).text("UserUri"), "bob");
  EXPECT_EQ(cmdlet({"--user-uri", "bob"}).text("UserUri"), "bob");
  EXPECT_EQ(cmdlet({"--user-uri=bob"}).text("UserUri"), "bob");
  EXPECT_EQ(native({"-useruri:bob"}).text("UserUri"), "bob");
}

TEST(Binder, KnowsNamesInAnyCase) {
  EXPECT_EQ(cmdlet({"-USERURI", "bob"}).text("UserUri"), "bob");
  EXPECT_TRUE(cmdlet({"-bodyasplaintext"}).flag("BodyAsPlainText"));
}

TEST(Binder, PrefersTheOriginalsParametersForAPrefix) {
  auto bound = cmdlet({"-P", "383042650"});  // Pin, not Port or PolicyName
  EXPECT_TRUE(has_secret(bound, "383042650"));
  EXPECT_TRUE(cmdlet({"-Fo"}).flag("Force"));
  EXPECT_EQ(cmdlet({"-Por:25"}).number("Port"), 25);
}

TEST(Binder, TakesAPrefixAmongAllWhereTheOriginalHasNone) {
  EXPECT_EQ(cmdlet({"-Lang", "fr"}).text("Language"), "fr");
  EXPECT_TRUE(cmdlet({"-W"}).what_if());
  EXPECT_TRUE(native({"--add"}).flag("AddPeople"));
}

TEST(Binder, AnExactNameIsNotAPrefix) {
  EXPECT_THAT(cmdlet({"-Cc", "a@x"}).list("Cc"), ElementsAre("a@x"));
}

TEST(Binder, RefusesAnAmbiguousPrefixWithItsCandidates) {
  EXPECT_THAT(refusal({"-S", "x"}), AllOf(HasSubstr("-Subject"), HasSubstr("-SmtpServer")));
  EXPECT_THAT(refusal({"-Re", "x"}), AllOf(HasSubstr("-Force"), HasSubstr("-ReplyTo")));
  EXPECT_THAT(refusal(welcome_row(), {"--user", "x"}, Spelling::Native),
              AllOf(HasSubstr("--user-uri"), HasSubstr("--user-email-address")));
}

TEST(Binder, TakesAliases) {
  EXPECT_TRUE(cmdlet({"-Replace"}).flag("Force"));
  EXPECT_TRUE(native({"--replace"}).flag("Force"));
  EXPECT_TRUE(cmdlet({"-wi"}).what_if());
}

TEST(Binder, SaysWhichParameterWasMeant) {
  EXPECT_THAT(refusal({"-UserUrl", "bob"}), HasSubstr("Did you mean -UserUri?"));
  EXPECT_THAT(refusal(welcome_row(), {"--form", "x"}, Spelling::Native), HasSubstr("Did you mean --from?"));
  EXPECT_THAT(refusal({"-Replce"}), HasSubstr("Did you mean -Force?"));
  EXPECT_THAT(refusal({"-Frobnicate"}),
              AllOf(HasSubstr("no parameter \"-Frobnicate\""), Not(HasSubstr("Did you"))));
}

TEST(Binder, ExplainsPowerShellsOwnParameters) {
  EXPECT_THAT(refusal({"-ErrorAction", "Stop"}), HasSubstr("PowerShell's own"));
}

TEST(Binder, YesAndConfigAreNeverMeantByAPrefix) {
  EXPECT_TRUE(native({"--yes"}).flag("Yes"));
  EXPECT_EQ(native({"--config", "/etc/x"}).text("Config"), "/etc/x");
  refusal({"-Y"});
  EXPECT_TRUE(cmdlet({"-Conf"}).flag("Confirm"));
}

TEST(Binder, ReadsSwitchValues) {
  EXPECT_TRUE(cmdlet({"-Force:true"}).flag("Force"));
  EXPECT_TRUE(cmdlet({"-Force:$true"}).flag("Force"));
  EXPECT_TRUE(cmdlet({"-Force:TRUE"}).flag("Force"));
  const auto off = cmdlet({"-Force:False"});
  EXPECT_FALSE(off.flag("Force"));
  EXPECT_TRUE(off.flag_given("Force"));
  EXPECT_FALSE(native({"--force=false"}).flag("Force"));
  EXPECT_FALSE(cmdlet({"-Force:$false"}).flag("Force"));
  EXPECT_THAT(refusal({"-Force:perhaps"}), HasSubstr("perhaps"));
}

TEST(Binder, ExplainsWhatTheShellDidToASwitch) {
  EXPECT_THAT(refusal({"-UserUri", "bob", "-Confirm:"}),
              AllOf(HasSubstr("-Confirm has an empty value"), HasSubstr("-Confirm:false"),
                    HasSubstr("'-Confirm:$false' in single quotes")));
}

TEST(Binder, ASwitchTakesNoWordAfterIt) {
  EXPECT_THAT(refusal({"-UserUri", "bob", "-Confirm", "$false"}), HasSubstr("takes no word after it"));
  EXPECT_THAT(refusal(welcome_row(), {"--confirm", "False"}, Spelling::Native),
              HasSubstr("takes no word after it"));
  EXPECT_THAT(refusal({"mail", "$true"}), HasSubstr("in the same word"));
}

TEST(Binder, ExplainsAMissingValue) {
  EXPECT_THAT(refusal({"-UserUri", "-From", "marco@contoso.com"}),
              AllOf(HasSubstr("-UserUri needs a value, but -From follows"), HasSubstr("$null")));
  EXPECT_THAT(refusal({"-UserUri"}), HasSubstr("nothing follows"));
  EXPECT_THAT(refusal({"-Cc", "-Force"}), HasSubstr("-Cc needs a value, but -Force follows"));
  EXPECT_THAT(refusal({"-UserUri:"}), HasSubstr("empty value"));
  EXPECT_THAT(refusal({"-UserUri", ""}), HasSubstr("value of -UserUri is empty"));
  EXPECT_THAT(refusal({"-UserUri", "--"}), HasSubstr("-UserUri needs a value"));
  EXPECT_THAT(refusal({"-Cc", ""}), HasSubstr("value of -Cc is empty"));
  EXPECT_THAT(refusal({"-Cc", ","}), HasSubstr("value of -Cc is empty"));
}

TEST(Binder, AnEmptyValueWhereOneMayStand) {
  EXPECT_EQ(cmdlet({"-PolicyName", ""}).text("PolicyName"), "");
  EXPECT_EQ(cmdlet({"-PolicyName:"}).text("PolicyName"), "");
  EXPECT_EQ(cmdlet({"-PolicyName", "$null"}).text("PolicyName"), "$null");
}

TEST(Binder, ReadsLists) {
  EXPECT_THAT(cmdlet({"-Cc", "a@x,b@x"}).list("Cc"), ElementsAre("a@x", "b@x"));
  EXPECT_THAT(cmdlet({"-Cc", "a@x", "b@x", "-Force"}).list("Cc"), ElementsAre("a@x", "b@x"));
  EXPECT_THAT(cmdlet({"-Cc", "a@x,", "b@x", ",c@x"}).list("Cc"), ElementsAre("a@x", "b@x", "c@x"));
  EXPECT_THAT(cmdlet({"-Cc:a@x,b@x", "mail"}).list("Cc"), ElementsAre("a@x", "b@x"));
  EXPECT_THAT(cmdlet({"-Cc", "\"Kelly, Bob\" <b@x>,a@x"}).list("Cc"),
              ElementsAre("\"Kelly, Bob\" <b@x>", "a@x"));
  EXPECT_THAT(cmdlet({"-Cc", "\"Kelly, Bob\",Ann"}).list("Cc"), ElementsAre("Kelly, Bob", "Ann"));
  EXPECT_THAT(bind_parameters(list_row(), Words{"CN=Kelly\\, Bob,OU=Sales,DC=contoso"}, Spelling::Native)
                  .list("Identity"),
              ElementsAre("CN=Kelly\\, Bob,OU=Sales,DC=contoso"));
}

// `--cc a bob` must not make a copy's reader of bob.
TEST(Binder, ANativeListTakesOneWordAndMayStandAgain) {
  const auto bound = native({"--cc", "a@x", "bob@contoso.com", "--cc=b@x,c@x"});
  EXPECT_THAT(bound.list("Cc"), ElementsAre("a@x", "b@x", "c@x"));
  EXPECT_EQ(bound.text("UserUri"), "bob@contoso.com");
}

TEST(Binder, RefusesTheSameParameterTwice) {
  EXPECT_THAT(refusal({"-From", "a", "-from", "b"}), HasSubstr("-From is given twice"));
  EXPECT_THAT(refusal({"-Cc", "a", "-Cc", "b"}), HasSubstr("-Cc is given twice"));
  EXPECT_THAT(refusal({"-Force", "-Replace"}), HasSubstr("-Force is given twice"));
}

TEST(Binder, BindsPositionsInTheCmdletSpelling) {
  EXPECT_EQ(cmdlet({"mail.contoso.com", "-UserUri", "bob"}).text("SmtpServer"), "mail.contoso.com");
  auto bound = bind_parameters(set_pin_row(), Words{"bob", "18723834"}, Spelling::Cmdlet);
  EXPECT_THAT(bound.list("Identity"), ElementsAre("bob"));
  EXPECT_TRUE(has_secret(bound, "18723834"));
  auto named = bind_parameters(set_pin_row(), Words{"-Identity:bob", "18723834"}, Spelling::Cmdlet);
  EXPECT_TRUE(has_secret(named, "18723834"));
  auto several = bind_parameters(set_pin_row(), Words{"bob,", "ann", "18723834"}, Spelling::Cmdlet);
  EXPECT_THAT(several.list("Identity"), ElementsAre("bob", "ann"));
}

TEST(Binder, BindsOperandsInTheNativeSpelling) {
  EXPECT_THAT(bind_parameters(list_row(), Words{"bob", "ann,carl"}, Spelling::Native).list("Identity"),
              ElementsAre("bob", "ann", "carl"));
  EXPECT_EQ(bind_parameters(import_row(), Words{"-"}, Spelling::Native).text("File"), "-");
}

TEST(Binder, GuardsThePositionOfTheMailServer) {
  EXPECT_THAT(refusal({"bob@contoso.com"}), HasSubstr("Did you mean -UserUri \"bob@contoso.com\"?"));
  EXPECT_THAT(refusal({"CONTOSO\\bob"}), HasSubstr("Did you mean -UserUri"));
  EXPECT_EQ(cmdlet({"-SmtpServer", "odd@name"}).text("SmtpServer"), "odd@name");
}

TEST(Binder, RefusesBareWordsThatNoPositionTakes) {
  EXPECT_THAT(refusal({"mail", "second"}), HasSubstr("\"second\" belongs to no parameter"));
  EXPECT_THAT(refusal(welcome_row(), {"bob", "Kelly"}, Spelling::Native), HasSubstr("stands in quotes"));
}

TEST(Binder, TakesTypographicDashes) {
  EXPECT_EQ(cmdlet({"–UserUri", "bob"}).text("UserUri"), "bob");
  EXPECT_EQ(cmdlet({"—UserUri", "bob"}).text("UserUri"), "bob");
  EXPECT_EQ(cmdlet({"―UserUri:bob"}).text("UserUri"), "bob");
  EXPECT_EQ(native({"––user–uri", "bob"}).text("UserUri"), "bob");
  auto bound = cmdlet({"-Pin", "–"});
  EXPECT_TRUE(bound.reads_standard_input("Pin"));
}

TEST(Binder, IgnoresBackticks) {
  const auto bound = cmdlet({"-UserUri", "bob", "`", "-From", "marco`"});
  EXPECT_EQ(bound.text("UserUri"), "bob");
  EXPECT_EQ(bound.text("From"), "marco");
  EXPECT_EQ(cmdlet({"-Subject", "a`", "-Force", "`\n"}).text("Subject"), "a`");
}

TEST(Binder, TakesValuesThatBeginWithADash) {
  auto bound = cmdlet({"-Pin", "-", "-Subject", "-5 degrees", "-ReplyTo:-x"});
  EXPECT_TRUE(bound.given("Pin"));
  EXPECT_TRUE(bound.reads_standard_input("Pin"));
  EXPECT_FALSE(bound.take_secret("Pin"));
  EXPECT_EQ(bound.text("Subject"), "-5 degrees");
  EXPECT_EQ(bound.text("ReplyTo"), "-x");
  EXPECT_EQ(cmdlet({"-Subject", "- news"}).text("Subject"), "- news");
  EXPECT_EQ(cmdlet({"-Subject", "-my news"}).text("Subject"), "-my news");
  EXPECT_THAT(refusal({"-Subject", "-news"}), HasSubstr("-Subject:-value"));
  EXPECT_EQ(native({"--from", "x", "--", "-bob"}).text("UserUri"), "-bob");
}

TEST(Binder, KeepsWhatFollowsTheFirstColon) {
  EXPECT_EQ(cmdlet({"-SmtpServer:smtp://mail:25"}).text("SmtpServer"), "smtp://mail:25");
  EXPECT_EQ(native({"--subject=a=b"}).text("Subject"), "a=b");
}

TEST(Binder, ChecksNumbersAndChoices) {
  EXPECT_EQ(cmdlet({"-Port", "65535"}).number("Port"), 65535);
  for (std::string_view bad : {"0", "65536", "25x", "2.5", "-5", "99999999999999999999"}) {
    EXPECT_THAT(refusal({"-Port", bad}), HasSubstr("whole number from 1 to 65535")) << bad;
  }
  EXPECT_EQ(cmdlet({"-Encoding", "utf-16"}).text("Encoding"), "UTF-16");
  EXPECT_THAT(refusal({"-Output", "jsn"}),
              AllOf(HasSubstr("table, list, json, csv"), HasSubstr("Did you mean json?")));
}

TEST(Binder, RefusesWhatIsNoText) {
  EXPECT_THAT(refusal({"-Subject", std::string_view("a\0b", 3)}), HasSubstr("NUL"));
  EXPECT_THAT(refusal({"-Subject", "\xFF"}), HasSubstr("not UTF-8"));
  const std::string longest(MaximumValueSize, 'x');
  EXPECT_EQ(cmdlet({"-Subject", longest}).text("Subject"), longest);
  const std::string longer(MaximumValueSize + 1, 'x');
  EXPECT_THAT(refusal({"-Subject", longer}), HasSubstr("64 KiB"));
}

TEST(Binder, NeutralisesWhatItQuotes) {
  const std::string text = refusal({"mail", "x\x1b[31m\ny"});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_LT(refusal({"mail", std::string(5000, 'y')}).size(), 400u);
}

TEST(Binder, ShowsNoPin) {
  const std::string_view pin = "383042650";
  for (const Words& words :
       {Words{"-Pin", pin, "-Pin", pin}, Words{"-Pin", pin, "-Nonsense"},
        Words{"-Pin:383042650", "mail", "383042650"}, Words{"-Pin383042650"}, Words{"mail", "-Pni", pin},
        Words{"-Xyz:383042650"}, Words{"-Force:383042650"}, Words{"-Port", pin},
        Words{"-S", "-Pin:383042650"}, Words{"-From", "-Pin=383042650"},
        Words{"mail", "--", "-Pin:383042650"}, Words{"-Output", pin}}) {
    EXPECT_THAT(refusal(words), Not(HasSubstr(std::string(pin))));
  }
}

TEST(Binder, TellsWhatWasSaidAboutQuestions) {
  EXPECT_EQ(cmdlet({}).confirmation(), Confirmation::AskIfNeeded);
  EXPECT_EQ(cmdlet({"-Confirm"}).confirmation(), Confirmation::AlwaysAsk);
  EXPECT_EQ(cmdlet({"-Confirm:false"}).confirmation(), Confirmation::NeverAsk);
  EXPECT_EQ(native({"--yes"}).confirmation(), Confirmation::NeverAsk);
  EXPECT_EQ(cmdlet({"-Force"}).confirmation(), Confirmation::AskIfNeeded);
  EXPECT_THAT(refusal({"-Confirm", "--yes"}), HasSubstr("forbids to ask"));
}

TEST(BoundParameters, GivesItsFieldsWithoutSecrets) {
  const auto bound =
      cmdlet({"-Pin", "383042650", "-Force:false", "-Cc", "a", "b", "-Port", "25", "-From", "m"});
  EXPECT_THAT(bound.fields(), ElementsAre(Pair("From", "m"), Pair("Cc", "a,b"), Pair("Pin", "(given)"),
                                          Pair("Force", "false"), Pair("Port", "25")));
}

TEST(BoundParameters, ASecretIsTakenOnce) {
  auto bound = cmdlet({"-Pin", "383042650"});
  EXPECT_TRUE(bound.take_secret("Pin"));
  EXPECT_FALSE(bound.take_secret("Pin"));
  EXPECT_TRUE(bound.given("Pin"));
}

TEST(BoundParameters, AWrongNameIsOurOwnBug) {
  const auto bound = cmdlet({});
  for (const auto& mistake :
       std::vector<std::function<void()>>{[&] { bound.text("Nothing"); }, [&] { bound.flag("UserUri"); },
                                          [&] { bound.text("Pin"); }, [&] { bound.list("From"); }}) {
    try {
      mistake();
      ADD_FAILURE() << "was not noticed";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Internal);
    }
  }
}

TEST(AskForMissing, AsksOnATerminal) {
  auto bound = native({"--from", "x"});
  ASSERT_EQ(bound.missing().size(), 1u);
  FakePrompter prompter;
  prompter.texts = {"bob@contoso.com"};
  ask_for_missing(bound, prompter);
  EXPECT_EQ(bound.text("UserUri"), "bob@contoso.com");
  EXPECT_THAT(prompter.questions, ElementsAre("UserUri (The person to welcome)"));
}

TEST(AskForMissing, NamesThemAllWithoutATerminal) {
  auto bound = native({});
  FakePrompter prompter;
  prompter.terminal = false;
  try {
    ask_for(bound, {"UserUri", "From", "Pin"}, prompter);
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(exit_code(error.code()), 64);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("--user-uri"), HasSubstr("--from"), HasSubstr("--pin")));
  }
  EXPECT_TRUE(prompter.questions.empty());
}

TEST(AskForMissing, ChecksAnswersAndLeavesWhatIsGiven) {
  auto bound = native({"--from", "x"});
  FakePrompter prompter;
  prompter.texts = {"70000"};
  EXPECT_THROW(ask_for(bound, {"From", "Port"}, prompter), Error);
  EXPECT_EQ(prompter.questions.size(), 1u);
  EXPECT_EQ(bound.text("From"), "x");
}

TEST(AskForMissing, AsksForASecretUnseen) {
  auto bound = native({"bob"});
  FakePrompter prompter;
  prompter.terminal = false;  // standard input is a list; the terminal is still there
  prompter.secrets = {"383042650"};
  ask_for(bound, {"Pin"}, prompter);
  EXPECT_TRUE(has_secret(bound, "383042650"));
}

}  // namespace
}  // namespace dialin
