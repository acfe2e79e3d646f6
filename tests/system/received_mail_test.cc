// SPDX-License-Identifier: Apache-2.0
// What people find in their mailboxes, as Python's e-mail and HTML parsers read it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/free_port.h"
#include "support/mail_servers.h"
#include "user_view.h"

namespace dialin::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ReceivedWelcome : public testing::Test {
 protected:
  ReceivedWelcome() {
    program_.set("organisation", "name", "\"Contoso\"");
    program_.set("organisation", "settings_page_url", "\"https://dialin.contoso.com\"");
    program_.set("organisation", "support_contact", "\"helpdesk@contoso.com\"");
    for (const char* file : {"contoso.csv", "contoso-numbers.csv"}) {
      const std::string kind = std::string(file) == "contoso.csv" ? "people" : "number";
      const Completed done =
          program_.run({kind, "import", std::string(DIALIN_SOURCE_DIR "/examples/") + file});
      if (done.exit_code != 0) throw std::runtime_error(all_of(done));
    }
  }

  // Welcomes, and gives what came of it; the exit code must be 0.
  Completed welcome(const std::string& name, const DialinProgram::Arguments& more = {}) {
    DialinProgram::Arguments arguments = {"Set-CsPinSendCAWelcomeMail", "-UserUri", name + "@contoso.com",
                                          "-SmtpServer", fmt::format("127.0.0.1:{}", receiver_.port())};
    if (std::find(more.begin(), more.end(), "-From") == more.end())
      arguments.insert(arguments.end(), {"-From", "marco@contoso.com"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    Completed done = program_.run(arguments);
    EXPECT_EQ(done.exit_code, 0) << all_of(done);
    return done;
  }
  json only_mail_to(const std::string& address) {
    const std::vector<KeptMail> mails = receiver_.mails_to(address);
    if (mails.size() != 1)
      throw std::runtime_error(fmt::format("{} mails came for {}", mails.size(), address));
    return parsed(mails.front().content);
  }

  DialinProgram program_;
  MailReceiver receiver_;
};

// What every one of our mails keeps to.
void expect_good_form(const json& mail) {
  EXPECT_THAT(mail["defects"], IsEmpty());
  EXPECT_EQ(mail["ascii"], true);
  EXPECT_LT(mail["longest_line"], 998);
  const json& headers = mail["headers"];
  for (const char* once : {"date", "from", "to", "subject", "message-id", "auto-submitted",
                           "x-auto-response-suppress", "mime-version", "content-type", "content-language"}) {
    EXPECT_EQ(headers.value(once, json::array()).size(), 1U) << once;
  }
  EXPECT_EQ(headers["auto-submitted"][0], "auto-generated");
  EXPECT_EQ(headers["x-auto-response-suppress"][0], "All");
  EXPECT_FALSE(headers.contains("bcc"));
}

void expect_both_parts_say_the_same(const json& mail) {
  EXPECT_EQ(mail["structure"], json::parse(R"(["multipart/alternative", ["text/plain", "text/html"]])"));
  EXPECT_EQ(mail["text_charset"], "utf-8");
  EXPECT_EQ(mail["html_charset"], "utf-8");
  EXPECT_EQ(mail["text_words"], mail["html_words"]);
  EXPECT_GT(mail["text_words"].size(), 100U);
  EXPECT_EQ(mail["title"], mail["headers"]["subject"][0]);
  EXPECT_THAT(mail["running"], IsEmpty());
  EXPECT_LT(mail["html"].get<std::string>().size(), 30U * 1024);
}

TEST_F(ReceivedWelcome, EnglishWithEverythingThatIsKnown) {
  const Completed done = welcome("bob");
  const json mail = only_mail_to("bob@contoso.com");
  expect_good_form(mail);
  expect_both_parts_say_the_same(mail);
  EXPECT_EQ(mail["headers"]["subject"][0], "Welcome to Dial In Conferencing");
  EXPECT_EQ(mail["headers"]["content-language"][0], "en");
  EXPECT_EQ(mail["languages"][0], "en");
  EXPECT_THAT(mail["headers"]["message-id"][0].get<std::string>(), HasSubstr("@contoso.com>"));

  const std::string pin = receiver_.mails().front().pin();
  EXPECT_TRUE(program_.pin_is("bob", pin));
  EXPECT_THAT(mail["header_octets"].get<std::string>(), Not(HasSubstr(pin)));
  EXPECT_THAT(mail["html_text"].get<std::string>(), HasSubstr(pin));
  for (const json& link : mail["links"]) EXPECT_THAT(link.get<std::string>(), Not(HasSubstr(pin)));
  EXPECT_THAT(done.output + done.error, Not(HasSubstr(pin)));

  for (const char* part : {"text_flowing", "html_text"}) {
    EXPECT_THAT(mail[part].get<std::string>(),
                AllOf(HasSubstr("Bob Kelly"), HasSubstr("Contoso"), HasSubstr("+14255550101"),
                      HasSubstr("50101"), HasSubstr("4710101"), HasSubstr("https://dialin.contoso.com"),
                      HasSubstr("helpdesk@contoso.com"), HasSubstr("*6")))
        << part;
    EXPECT_THAT(mail[part].get<std::string>(), Not(HasSubstr("has been replaced"))) << part;
  }
  EXPECT_THAT(mail["links"], Contains("https://dialin.contoso.com"));
}

TEST_F(ReceivedWelcome, AReplacedPinSaysSo) {
  welcome("bob");
  welcome("bob", {"-Force"});
  const json mail = parsed(receiver_.mails().at(1).content);
  expect_both_parts_say_the_same(mail);
  EXPECT_THAT(mail["text_flowing"].get<std::string>(), HasSubstr("Your PIN has been replaced."));
}

TEST_F(ReceivedWelcome, FrenchForAFrenchPerson) {
  welcome("elodie.lefevre");
  const json mail = only_mail_to("elodie.lefevre@contoso.com");
  expect_good_form(mail);
  expect_both_parts_say_the_same(mail);
  EXPECT_EQ(mail["headers"]["subject"][0], "Bienvenue dans les conférences rendez-vous");
  EXPECT_EQ(mail["headers"]["content-language"][0], "fr");
  EXPECT_EQ(mail["addresses"]["to"], json::parse(R"([["Élodie Lefèvre", "elodie.lefevre@contoso.com"]])"));
  EXPECT_EQ(mail["languages"][0], "fr");
  EXPECT_THAT(
      mail["text_flowing"].get<std::string>(),
      AllOf(HasSubstr("Bonjour Élodie Lefèvre"), HasSubstr("+33 1 99 00 01 90"), HasSubstr("4720104")));
}

TEST_F(ReceivedWelcome, CanadianFrenchFallsBackToFrench) {
  welcome("bob", {"-Language", "fr-CA"});
  const json mail = only_mail_to("bob@contoso.com");
  EXPECT_EQ(mail["headers"]["subject"][0], "Bienvenue dans les conférences rendez-vous");
  EXPECT_EQ(mail["headers"]["content-language"][0], "fr");
  expect_both_parts_say_the_same(mail);
}

TEST_F(ReceivedWelcome, PlainTextAlone) {
  welcome("elodie.lefevre", {"-BodyAsPlainText"});
  const json mail = only_mail_to("elodie.lefevre@contoso.com");
  expect_good_form(mail);
  EXPECT_EQ(mail["structure"], "text/plain");
  EXPECT_EQ(mail["text_charset"], "utf-8");
  // The same text as beside HTML.
  welcome("elodie.lefevre", {"-Force"});
  EXPECT_THAT(mail["text_flowing"].get<std::string>(),
              AllOf(HasSubstr("Bonjour Élodie Lefèvre"), HasSubstr("https://dialin.contoso.com"),
                    HasSubstr(receiver_.mails().front().pin())));
}

TEST_F(ReceivedWelcome, SubjectSenderAndReplyToInUtf8) {
  const std::string subject =
      "Votre nouveau code PIN – prêt à l’emploi: œuvre n° 7, où l’été dure, Größe, 会議, 🎉 et la suite";
  welcome("bob", {"-Subject", subject, "-From", "Márco Tànara <marco@contoso.com>", "-ReplyTo",
                  "Équipe téléphonie <helpdesk@contoso.com>"});
  const json mail = only_mail_to("bob@contoso.com");
  expect_good_form(mail);
  EXPECT_EQ(mail["headers"]["subject"][0], subject);
  EXPECT_EQ(mail["addresses"]["from"], json::parse(R"([["Márco Tànara", "marco@contoso.com"]])"));
  EXPECT_EQ(mail["addresses"]["reply-to"], json::parse(R"([["Équipe téléphonie", "helpdesk@contoso.com"]])"));
}

TEST_F(ReceivedWelcome, CopiesShowThePinAndHiddenOnesStandNowhere) {
  const Completed done =
      welcome("bob", {"-Cc", "kim.akers@contoso.com", "-Bcc", "marco@contoso.com,audit@contoso.com"});
  EXPECT_THAT(done.error, HasSubstr("-MaskPinInCopies"));
  const std::string pin = receiver_.mails_to("bob@contoso.com").at(0).pin();
  for (const char* reader :
       {"bob@contoso.com", "kim.akers@contoso.com", "marco@contoso.com", "audit@contoso.com"}) {
    const json mail = only_mail_to(reader);
    expect_both_parts_say_the_same(mail);
    EXPECT_EQ(mail["addresses"]["to"][0][1], "bob@contoso.com") << reader;
    EXPECT_EQ(mail["addresses"]["cc"], json::parse(R"([["", "kim.akers@contoso.com"]])")) << reader;
    EXPECT_THAT(mail["header_octets"].get<std::string>(), Not(HasSubstr("audit@contoso.com"))) << reader;
    EXPECT_FALSE(mail["headers"].contains("bcc")) << reader;
    EXPECT_THAT(mail["text"].get<std::string>(), HasSubstr("\n" + pin + "\n")) << reader;
  }
}

TEST_F(ReceivedWelcome, MaskedCopiesShowNoPinAnywhere) {
  welcome("bob", {"-Cc", "kim.akers@contoso.com", "-Bcc", "audit@contoso.com", "-MaskPinInCopies"});
  const std::string pin = receiver_.mails_to("bob@contoso.com").at(0).pin();
  for (const char* reader : {"kim.akers@contoso.com", "audit@contoso.com"}) {
    const json mail = only_mail_to(reader);
    expect_both_parts_say_the_same(mail);
    EXPECT_THAT(mail["text"].get<std::string>(), AllOf(HasSubstr("*****"), Not(HasSubstr(pin)))) << reader;
    EXPECT_THAT(mail["html"].get<std::string>(), AllOf(HasSubstr("*****"), Not(HasSubstr(pin)))) << reader;
  }
}

TEST_F(ReceivedWelcome, ARefusedCopyStandsInTheDetailAndChangesNothingElse) {
  // The person's own RCPT is answered first.
  receiver_.answer(MailReceiver::At::Rcpt, {"250 2.1.5 ok", "550 5.1.1 no such mailbox here"});
  const Completed done = welcome("bob", {"-Cc", "kim.akers@contoso.com", "-Output", "json"});
  const json object = object_of(done);
  EXPECT_EQ(object["MailResult"], "Sent");
  EXPECT_THAT(object["Detail"].get<std::string>(),
              AllOf(HasSubstr("kim.akers@contoso.com"), HasSubstr("no such mailbox here")));
  EXPECT_TRUE(program_.pin_is("bob", receiver_.mails_to("bob@contoso.com").at(0).pin()));
}

// An administrator exports the templates, adds a link and changes a sentence in an editor.
TEST_F(ReceivedWelcome, AnExportedTemplateEditedByHand) {
  const std::string folder = program_.directory() / "templates";
  ASSERT_EQ(program_.run({"template", "export", folder}).exit_code, 0);
  const std::filesystem::path file = std::filesystem::path(folder) / "CAWelcomeEmailTemplate.html";
  std::string text = read_file(file);
  const std::string sentence = "Keep it to yourself.";
  const std::size_t at = text.find(sentence);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, sentence.size(), "Tell it to nobody, not even to Marco & Kim.");
  const std::size_t end_of_list = text.find("</ol>");
  ASSERT_NE(end_of_list, std::string::npos);
  text.insert(end_of_list + 5,
              "\n<p>More in <a href=\"https://wiki.contoso.com/dial-in\">our handbook</a>.</p>\n");
  program_.directory().write("templates/CAWelcomeEmailTemplate.html", text);
  EXPECT_EQ(program_.run({"template", "check", folder}).exit_code, 0);

  welcome("bob", {"-TemplatePath", folder});
  const json mail = only_mail_to("bob@contoso.com");
  expect_good_form(mail);
  for (const char* part : {"text_flowing", "html_text"}) {
    const std::string words = mail[part];
    EXPECT_THAT(words, HasSubstr("not even to Marco")) << part;
    EXPECT_THAT(words, Not(HasSubstr(sentence))) << part;
    EXPECT_THAT(words, HasSubstr("our handbook")) << part;
  }
  EXPECT_THAT(mail["links"], Contains("https://wiki.contoso.com/dial-in"));
  EXPECT_THAT(mail["text"].get<std::string>(), HasSubstr("https://wiki.contoso.com/dial-in"));
  // French people still get French.
  welcome("elodie.lefevre", {"-TemplatePath", folder});
  EXPECT_EQ(only_mail_to("elodie.lefevre@contoso.com")["headers"]["content-language"][0], "fr");
}

TEST_F(ReceivedWelcome, APreviewIsTheVeryMailWithASampleForAPin) {
  const Completed done = program_.run({"template", "preview", "-Person", "elodie.lefevre@contoso.com",
                                       "-SendTo", "marco@contoso.com", "-From", "marco@contoso.com",
                                       "-SmtpServer", fmt::format("127.0.0.1:{}", receiver_.port())});
  ASSERT_EQ(done.exit_code, 0) << all_of(done);
  const json preview = only_mail_to("marco@contoso.com");
  expect_good_form(preview);
  expect_both_parts_say_the_same(preview);
  EXPECT_THAT(preview["text"].get<std::string>(), HasSubstr("\n00000 SAMPLE\n"));
  EXPECT_FALSE(program_.has_pin("elodie.lefevre"));
  EXPECT_EQ(program_.outbox("Sent"), 0U);

  welcome("elodie.lefevre");
  const json mail = only_mail_to("elodie.lefevre@contoso.com");
  std::string text = mail["text"];
  const std::string pin = receiver_.mails_to("elodie.lefevre@contoso.com").at(0).pin();
  text.replace(text.find(pin), pin.size(), "00000 SAMPLE");
  EXPECT_EQ(text, preview["text"].get<std::string>());
}

// A local part that is not ASCII is written on the wire only where the server takes it.
TEST(ReceivedInternationalAddress, NeedsAServerThatTakesIt) {
  DialinProgram program;
  import_csv(program,
             "SipAddress,DisplayName,Mail\nsip:jorg@contoso.com,Jörg Müller,jörg@contoso.com\n"
             "sip:bob@contoso.com,Bob Kelly,bob@contoso.com\n");
  MailReceiver plain;
  const Completed refused = program.run(welcome_command("jorg", plain.port()));
  EXPECT_EQ(refused.exit_code, 1) << all_of(refused);
  EXPECT_EQ(object_of(refused)["MailResult"], "Failed");
  EXPECT_THAT(refused.error, HasSubstr("SMTPUTF8"));
  EXPECT_TRUE(plain.mails().empty());
  EXPECT_FALSE(program.has_pin("jorg"));
  EXPECT_EQ(program.run(welcome_command("bob", plain.port())).exit_code, 0);

  SmtpSink mailbox;
  PostfixServer postfix({.users = {}, .relay_port = mailbox.port()});
  const Completed sent = program.run(welcome_command("jorg", postfix.port()));
  EXPECT_EQ(sent.exit_code, 0) << all_of(sent);
  // Postfix writes its log behind the reply.
  EXPECT_TRUE(eventually([&] { return postfix.log().find("jörg@contoso.com") != std::string::npos; }))
      << postfix.log();
  EXPECT_TRUE(program.has_pin("jorg"));
}

}  // namespace
}  // namespace dialin::test
