// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "store/lockout_store.h"
#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class Why : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0) << bench.error();
    bench.settings["DIALIN_MAIL_FROM"] = "marco@contoso.com";
    bench.transport.answer.text = "queued as 4F1";
  }
  // The screen as one line, without the breaks that its width makes.
  std::string why(const std::string& who = "bob@contoso.com") {
    EXPECT_EQ(bench.run({"why", who}), 0) << bench.error();
    std::string text;
    for (const std::string& word : split(bench.output(), ' ')) {
      if (!word.empty()) text += (text.empty() ? "" : " ") + word;
    }
    for (char& c : text) c = c == '\n' ? ' ' : c;
    std::string flat;
    for (const char c : text) {
      if (c != ' ' || !flat.ends_with(' ')) flat += c;
    }
    return flat;
  }
  nlohmann::json json(const std::string& who = "bob@contoso.com") {
    EXPECT_EQ(bench.run({"why", who, "-Output", "json"}), 0) << bench.error();
    return nlohmann::json::parse(bench.output());
  }
  int welcome(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"welcome", "bob@contoso.com", "--smtp-server", "mail.contoso.com"};
    words.insert(words.end(), more.begin(), more.end());
    return bench.run(words);
  }
  void fail_check(const CheckOrigin& origin, bool locks_out) {
    const auto store = bench.open_store();
    const PersonId id = bench.person("bob@contoso.com").id;
    LockoutStore& lockouts = store->lockouts();
    const PaidAttempts paid =
        lockouts.pay({{{id, false}, store->pins().pin_of(id).version, {locks_out ? 1U : 10U, 100}}});
    ASSERT_FALSE(paid.version_changed);
    lockouts.settle({{{id, false}, paid.payments.front(), AttemptEnd::Wrong, "IncorrectPin"}}, "IncorrectPin",
                    origin, {.name = "dialin", .origin = "serve"});
  }

  CommandBench bench;
};

TEST_F(Why, NobodyWithoutPin) {
  EXPECT_THAT(why(), AllOf(HasSubstr("None is set."), HasSubstr("Next Welcome the person. "),
                           HasSubstr("dialin welcome bob@contoso.com "), Not(HasSubstr("--from"))));
  EXPECT_EQ(json()["IsPinSet"], false);
  bench.settings.erase("DIALIN_MAIL_FROM");
  EXPECT_THAT(why(), HasSubstr("--from NAME@DOMAIN"));
  EXPECT_EQ(bench.run({"why", "nobody@contoso.com"}), 1);
  EXPECT_EQ(bench.run({"why"}), 64);
}

TEST_F(Why, AWelcomeThatArrivedTellsServerWordsAddressAndLanguage) {
  ASSERT_EQ(welcome({"-ShowPin", "-Output", "json"}), 0) << bench.error();
  const std::string pin = nlohmann::json::parse(bench.output()).value("Pin", "");
  ASSERT_FALSE(pin.empty());
  const std::string text = why();
  EXPECT_THAT(
      text,
      AllOf(ContainsRegex("Set on .* by marco, by a welcome"), HasSubstr("does not expire"),
            HasSubstr("by mail.contoso.com:25 (\"250 queued as 4F1\"), for bob@contoso.com, in English"),
            HasSubstr("No wrong PIN since then"), HasSubstr("Not locked"),
            HasSubstr("dialin welcome bob@contoso.com --force")));
  EXPECT_THAT(text, Not(HasSubstr(pin)));
  const nlohmann::json object = json();
  EXPECT_EQ(object["PinSetBy"], "marco");
  EXPECT_EQ(object["MailSentTo"], "bob@contoso.com");
  EXPECT_EQ(object["MailServer"], "mail.contoso.com:25");
  EXPECT_EQ(object["MailServerWords"], "250 queued as 4F1");
  EXPECT_EQ(object["MailLanguage"], "en");
  EXPECT_EQ(object["NextCommand"], "dialin welcome bob@contoso.com --force");
}

TEST_F(Why, APinSetWithoutAMail) {
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com"}), 0);
  EXPECT_THAT(why(), AllOf(ContainsRegex("Set on .* by marco, without a mail"), Not(HasSubstr(" Mail "))));
}

TEST_F(Why, WrongPinsAndWhereTheyCameFrom) {
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com"}), 0);
  fail_check({"+14255550199", "192.0.2.7"}, false);
  EXPECT_EQ(bench.run({"pin", "check", "bob@contoso.com", "--pin", "000000"}), 1);
  EXPECT_THAT(why(),
              AllOf(HasSubstr("2 wrong PINs since then"), HasSubstr("from +14255550199 through 192.0.2.7"),
                    HasSubstr("by Test-CsClientPin (marco)")));
  const nlohmann::json object = json();
  EXPECT_EQ(object["FailedTries"], 2);
  EXPECT_EQ(object["FailedTry2Caller"], "+14255550199");
  EXPECT_EQ(object["FailedTry2AskedBy"], "192.0.2.7");
}

TEST_F(Why, LockoutsAndLocksAreToldApart) {
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com"}), 0);
  fail_check({"", "192.0.2.7"}, true);
  EXPECT_THAT(why(), AllOf(ContainsRegex("Locked out by wrong PINs, until .*; the right one"),
                           HasSubstr("dialin pin unlock bob@contoso.com")));
  ASSERT_EQ(bench.run({"pin", "lock", "bob@contoso.com", "--reason", "telephone lost"}), 0);
  EXPECT_THAT(why(),
              AllOf(ContainsRegex("Locked on purpose since .* by marco .\"telephone lost\".*until somebody"),
                    HasSubstr("Ask marco whether the reason still holds")));
  const nlohmann::json object = json();
  EXPECT_EQ(object["Locked"], true);
  EXPECT_EQ(object["LockReason"], "telephone lost");
  EXPECT_EQ(object["LockedOut"], true);
}

TEST_F(Why, AWelcomeThatWaitsSaysWhyAndWhenItIsTriedAgain) {
  bench.transport.answer = {.result = DeliveryResult::Deferred,
                            .scope = DeliveryScope::Recipient,
                            .reply_code = 451,
                            .enhanced_code = "4.2.1",
                            .text = "mailbox busy"};
  ASSERT_EQ(welcome(), 75);
  EXPECT_THAT(why(), AllOf(HasSubstr("None is set."), HasSubstr("not sent yet"),
                           HasSubstr("\"451 4.2.1 mailbox busy\""), HasSubstr("Next attempt on "),
                           HasSubstr("or try at once")));
  EXPECT_EQ(json()["WelcomeState"], "queued");
  EXPECT_FALSE(json()["WelcomeNextAttempt"].is_null());
  // Deliver and status say when, too.
  EXPECT_EQ(bench.run({"deliver"}), 75);
  EXPECT_THAT(bench.error(), HasSubstr("1 mail stays queued for a later attempt, the next at "));
  EXPECT_EQ(bench.run({"status"}), 0);
  EXPECT_THAT(bench.output(), HasSubstr("NextAttempt"));
}

TEST_F(Why, APauseIsNamedWithWhatEndsIt) {
  bench.transport.session_problem =
      Delivery{.problem = SessionProblem::PasswordRefused, .reply_code = 535, .text = "no such password"};
  bench.prompter.terminal = true;
  bench.prompter.secrets = {"wrong"};
  EXPECT_EQ(welcome({"-Credential", "admin"}), 77) << bench.error();
  EXPECT_THAT(why(), AllOf(HasSubstr("deliveries are paused"), HasSubstr("no such password"),
                           HasSubstr("-Credential")));
}

TEST_F(Why, AWelcomeOfWhichNothingIsKnownAsksForTheReader) {
  bench.transport.answer = {.result = DeliveryResult::Unknown, .scope = DeliveryScope::None};
  for (int i = 0; i < 3 && json()["WelcomeState"] != "uncertain"; ++i) welcome();
  EXPECT_THAT(why(),
              AllOf(HasSubstr(": uncertain: three times"), HasSubstr("Ask whether the mail has arrived"),
                    HasSubstr("dialin welcome bob@contoso.com ")));
}

TEST_F(Why, ARefusedWelcomeIsTheServersWord) {
  bench.transport.answer = {.result = DeliveryResult::Refused,
                            .scope = DeliveryScope::Recipient,
                            .reply_code = 550,
                            .enhanced_code = "5.1.1",
                            .text = "no such user"};
  ASSERT_EQ(welcome(), 1);
  EXPECT_THAT(why(), AllOf(HasSubstr(": failed"), HasSubstr("550 5.1.1 no such user"),
                           HasSubstr("See whether the mail address is right")));
}

TEST_F(Why, ADisabledPersonIsSaidFirst) {
  ASSERT_EQ(bench.run({"pin", "set", "bob@contoso.com"}), 0);
  ASSERT_EQ(bench.run({"people", "disable", "bob@contoso.com"}), 0);
  EXPECT_THAT(why(),
              AllOf(HasSubstr("The person is disabled"), HasSubstr("dialin people enable bob@contoso.com")));
}

TEST_F(Why, ALockedPinKeepsItsFirstReasonAndSaysSo) {
  ASSERT_EQ(bench.run({"pin", "lock", "bob@contoso.com", "--reason", "telephone lost"}), 0);
  ASSERT_EQ(bench.run({"pin", "lock", "bob@contoso.com", "--reason", "left us"}), 0);
  EXPECT_THAT(bench.error(),
              AllOf(HasSubstr("telephone lost"), HasSubstr("The new reason was not recorded")));
  ASSERT_EQ(bench.run({"pin", "lock", "bob@contoso.com", "--reason", "telephone lost"}), 0);
  EXPECT_THAT(bench.error(), Not(HasSubstr("not recorded")));
}

}  // namespace
}  // namespace dialin::test
