// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "mail/built_in_templates.h"
#include "mail/welcome_template.h"
#include "unit/command/command_bench.h"

namespace dialin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class TemplateCommands : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench.run({"people", "import", example("contoso.csv")}), 0) << bench.error();
    ASSERT_EQ(bench.run({"number", "import", example("contoso-numbers.csv")}), 0) << bench.error();
    bench.settings["DIALIN_ORGANISATION_SETTINGS_PAGE_URL"] = "https://dialin.contoso.com";
    bench.settings["DIALIN_ORGANISATION_NAME"] = "Contoso";
  }

  CommandBench bench;
};

TEST_F(TemplateCommands, ExportWritesWhatIsBuiltInAndOverwritesNothing) {
  const std::filesystem::path folder = bench.directory / "templates/mine";
  ASSERT_EQ(bench.run({"template", "export", folder.string()}), 0) << bench.error();
  for (const BuiltInTemplate& file : built_in_templates()) {
    EXPECT_EQ(read_file(folder / file.name), file.html);
    EXPECT_THAT(bench.output(), HasSubstr(std::string(file.name)));
  }
  ASSERT_EQ(bench.run({"template", "check", folder.string()}), 0) << bench.output();

  bench.directory.write("templates/mine/CAWelcomeEmailTemplate.html", "mine");
  std::filesystem::remove(folder / "CAWelcomeEmailTemplate.fr.html");
  EXPECT_EQ(bench.run({"template", "export", folder.string()}), 1);
  EXPECT_EQ(read_file(folder / "CAWelcomeEmailTemplate.html"), "mine");
  EXPECT_FALSE(std::filesystem::exists(folder / "CAWelcomeEmailTemplate.fr.html"));  // all or none
}

TEST_F(TemplateCommands, CheckNamesEveryProblemByLineAndColumn) {
  const auto file = bench.file("mine.html",
                               "<html lang=\"en\"><head><title>Hello</title></head><body>\n"
                               "<p>Your PIN is {{PNI}}.</p>\n</body></html>\n");
  EXPECT_EQ(bench.run({"template", "check", file.string()}), 1);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("mine.html:2:16: error: "), HasSubstr("{{PIN}}")));
  EXPECT_EQ(bench.run({"template", "check", file.string(), "-Output", "json"}), 1);
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("\"Line\": 2"), HasSubstr("\"Severity\": \"Error\"")));
  EXPECT_EQ(bench.run({"template", "check", (bench.directory / "absent.html").string()}), 64);
  EXPECT_EQ(bench.run({"template", "check"}), 0);  // the built-in ones
  EXPECT_EQ(bench.output(), "");
  EXPECT_EQ(bench.run({"template", "check", "-Encoding", "windows-1252"}), 64);  // of which file?
}

TEST_F(TemplateCommands, CheckReadsOtherEncodings) {
  const auto file =
      bench.file("mine.html",
                 "<html lang=\"fr\"><head><title>Conf\xE9rences</title></head><body>\n"
                 "<p>{{PIN}} {{#SETTINGS_PAGE}}{{SETTINGS_PAGE}}{{/SETTINGS_PAGE}}</p></body></html>\n");
  EXPECT_EQ(bench.run({"template", "check", file.string()}), 64);
  EXPECT_THAT(bench.error(), HasSubstr("-Encoding"));
  EXPECT_EQ(bench.run({"template", "check", file.string(), "-Encoding", "windows-1252"}), 0)
      << bench.output();
}

TEST_F(TemplateCommands, TagsListsAllOfThem) {
  ASSERT_EQ(bench.run({"template", "tags"}), 0);
  for (const TemplateTag& tag : template_tags())
    EXPECT_THAT(bench.output(), HasSubstr("{{" + tag.name + "}}"));
}

TEST_F(TemplateCommands, PreviewPrintsTheVeryMailWithASampleAndSetsNothing) {
  ASSERT_EQ(bench.run({"template", "preview", "-Person", "bob@contoso.com"}), 0) << bench.error();
  EXPECT_THAT(bench.output(), AllOf(HasSubstr("00000 SAMPLE"), HasSubstr("Bob Kelly"),
                                    HasSubstr("+1 (425) 555-0190"), HasSubstr("https://dialin.contoso.com")));
  EXPECT_THAT(bench.error(), HasSubstr("Subject: Welcome to Dial In Conferencing"));
  EXPECT_THAT(bench.transport.messages, IsEmpty());
  EXPECT_FALSE(bench.open_store()->pins().pin_of(bench.person("bob@contoso.com").id).verifier.has_value());
  EXPECT_FALSE(bench.open_store()->outbox().latest_of(bench.person("bob@contoso.com").id).has_value());
  ASSERT_EQ(bench.run({"template", "preview", "bob@contoso.com", "--no-link"}), 0);
  EXPECT_THAT(bench.output(), Not(HasSubstr("https://dialin.contoso.com")));
}

TEST_F(TemplateCommands, PreviewIsInThePersonsLanguageUnlessAnotherIsNamed) {
  ASSERT_EQ(bench.run({"template", "preview", "elodie.lefevre@contoso.com"}), 0) << bench.error();
  EXPECT_THAT(bench.error(), HasSubstr("Bienvenue dans les conférences rendez-vous"));
  ASSERT_EQ(bench.run({"template", "preview", "elodie.lefevre@contoso.com", "-Language", "en-GB"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("Welcome to Dial In Conferencing"));
  ASSERT_EQ(bench.run({"template", "preview", "bob@contoso.com", "-Language", "fr-CA"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("Bienvenue"));
  ASSERT_EQ(bench.run({"template", "preview", "bob@contoso.com", "-Language", "cy"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("There is no template in cy"));
  EXPECT_EQ(bench.run({"template", "preview", "bob@contoso.com", "-Language", "no language"}), 64);
}

TEST_F(TemplateCommands, WithoutAnyLanguageThePersonGetsTheConfiguredOneOrTheOperators) {
  ASSERT_EQ(bench.run({"people", "add", "ana@contoso.com", "--mail", "ana@contoso.com"}), 0);
  ASSERT_EQ(bench.run({"template", "preview", "ana@contoso.com"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("Welcome"));
  bench.variables = {{"LANG", "fr_CA.UTF-8"}};
  ASSERT_EQ(bench.run({"template", "preview", "ana@contoso.com"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("Bienvenue"));
  bench.settings["DIALIN_MAIL_LANGUAGE"] = "en";
  ASSERT_EQ(bench.run({"template", "preview", "ana@contoso.com"}), 0);
  EXPECT_THAT(bench.error(), HasSubstr("Welcome"));
}

TEST_F(TemplateCommands, PreviewWritesTheHtmlIntoANewFile) {
  const std::filesystem::path file = bench.directory / "bob.html";
  ASSERT_EQ(bench.run({"template", "preview", "bob@contoso.com", "--html", file.string()}), 0)
      << bench.error();
  EXPECT_THAT(read_file(file), AllOf(HasSubstr("<html"), HasSubstr("00000 SAMPLE")));
  EXPECT_EQ(bench.run({"template", "preview", "bob@contoso.com", "--html", file.string()}), 1);
}

TEST_F(TemplateCommands, PreviewUsesOnesOwnTemplates) {
  const auto file = bench.file("mine.html",
                               "<html lang=\"en\"><head><title>Our own</title></head><body>\n"
                               "<p>PIN {{PIN}} for {{DISPLAY_NAME}}</p></body></html>\n");
  ASSERT_EQ(bench.run({"template", "preview", "bob@contoso.com", "-TemplatePath", file.string()}), 0)
      << bench.error();
  EXPECT_THAT(bench.output(), HasSubstr("PIN 00000 SAMPLE for Bob Kelly"));
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("Subject: Our own"), HasSubstr("warning")));  // no link in it
  bench.settings["DIALIN_MAIL_TEMPLATE_DIRECTORY"] = (bench.directory / "nowhere").string();
  EXPECT_EQ(bench.run({"template", "preview", "bob@contoso.com"}), 64);
}

TEST_F(TemplateCommands, PreviewIsSentAsOneWholeMessage) {
  bench.settings["DIALIN_MAIL_FROM"] = "Contoso IT <marco@contoso.com>";
  bench.settings["DIALIN_MAIL_ENVELOPE_SENDER"] = "bounces@contoso.com";
  ASSERT_EQ(bench.run({"template", "preview", "-Person", "bob@contoso.com", "-SendTo", "kim@contoso.com",
                       "-SmtpServer", "mail.contoso.com:587"}),
            0)
      << bench.error();
  ASSERT_EQ(bench.transport.messages.size(), 1U);
  const FakeTransport::Submitted& sent = bench.transport.messages[0];
  EXPECT_EQ(sent.server.host, "mail.contoso.com");
  EXPECT_EQ(sent.server.port, 587);
  EXPECT_EQ(sent.envelope_sender, "bounces@contoso.com");
  EXPECT_EQ(sent.recipient, "kim@contoso.com");
  EXPECT_THAT(sent.content,
              AllOf(HasSubstr("Subject: Welcome to Dial In Conferencing\r\n"), HasSubstr("text/html"),
                    HasSubstr("00000 SAMPLE"), HasSubstr("To: kim@contoso.com\r\n")));
  EXPECT_THAT(bench.output(), HasSubstr("SentTo            : kim@contoso.com"));
  ASSERT_EQ(bench.run({"template", "preview", "-Person", "bob@contoso.com", "-SendTo", "kim@contoso.com",
                       "-SmtpServer", "mail.contoso.com", "-BodyAsPlainText", "-Subject", "Look"}),
            0);
  EXPECT_THAT(bench.transport.messages[1].content,
              AllOf(Not(HasSubstr("text/html")), HasSubstr("Subject: Look\r\n")));
  EXPECT_FALSE(bench.open_store()->outbox().latest_of(bench.person("bob@contoso.com").id).has_value());
}

TEST_F(TemplateCommands, PreviewTellsWhatTheMailServerSaid) {
  const std::vector<std::string> words = {"template",          "preview",         "bob@contoso.com",
                                          "-SendTo",           "kim@contoso.com", "-From",
                                          "marco@contoso.com", "-SmtpServer",     "mail.contoso.com"};
  bench.transport.answer = {.result = DeliveryResult::Refused,
                            .scope = DeliveryScope::Recipient,
                            .during = "RCPT TO",
                            .reply_code = 550,
                            .text = "no such user"};
  EXPECT_EQ(bench.run(words), 1);
  EXPECT_THAT(bench.error(), HasSubstr("no such user"));
  bench.transport.answer = {.result = DeliveryResult::Unknown, .scope = DeliveryScope::None};
  EXPECT_EQ(bench.run(words), 1);
  bench.transport.session_problem =
      Delivery{.problem = SessionProblem::Unreachable, .text = "connection refused"};
  EXPECT_EQ(bench.run(words), 75);
  bench.transport.session_problem = Delivery{.problem = SessionProblem::PasswordRefused, .text = "no"};
  EXPECT_EQ(bench.run(words), 77);
}

TEST_F(TemplateCommands, PreviewNeedsASenderAndAServerOnlyToSend) {
  const std::vector<std::string> words = {"template", "preview", "bob@contoso.com", "-SendTo",
                                          "kim@contoso.com"};
  EXPECT_EQ(bench.run(words), 64);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("--from"), HasSubstr("[mail]")));
  bench.settings["DIALIN_MAIL_FROM"] = "marco@contoso.com";
  EXPECT_EQ(bench.run(words), 78);
  EXPECT_THAT(bench.error(), AllOf(HasSubstr("-SmtpServer"), HasSubstr("PSEmailServer")));
  bench.settings["DIALIN_MAIL_FROM"] = "not an address";
  EXPECT_EQ(bench.run(words), 78);
  EXPECT_EQ(bench.run({"template", "preview", "bob@contoso.com", "-SendTo", "a@b.c, d@e.f"}), 64);
  EXPECT_THAT(bench.transport.messages, IsEmpty());
}

TEST(TemplatePreviewWithoutStore, MakesNone) {
  CommandBench bench;
  EXPECT_EQ(bench.run({"template", "preview", "bob@contoso.com"}), 1);
  EXPECT_FALSE(bench.store_exists());
}

}  // namespace
}  // namespace dialin::test
