// SPDX-License-Identifier: Apache-2.0
#include "mail/template_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"
#include "support/temporary_directory.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

using test::minimal;
using test::TemporaryDirectory;
using testing::HasSubstr;

TEST(TemplateLibrary, BuiltInLanguages) {
  const TemplateLibrary& library = test::shipped();
  ASSERT_EQ(library.all().size(), 2u);
  EXPECT_EQ(library.choose({"en"}).language, "en");
  EXPECT_EQ(library.choose({"fr"}).language, "fr");
  EXPECT_EQ(library.choose({"fr-CA"}).language, "fr");
  EXPECT_EQ(library.choose({"fr_CA"}).language, "fr");
  EXPECT_EQ(library.choose({"FR-ca-x-y"}).language, "fr");
  EXPECT_EQ(library.choose({"de", "fr"}).language, "fr");
  EXPECT_EQ(library.choose({"en-GB", "fr"}).language, "en");
  EXPECT_EQ(library.choose({"de"}).language, "en");
  EXPECT_EQ(library.choose({}).language, "en");
  EXPECT_EQ(library.choose({"de"}).name, "CAWelcomeEmailTemplate.html");
}

TEST(TemplateLibrary, NoticesHaveTemplatesOfTheirOwn) {
  const TemplateLibrary shipped = TemplateLibrary::notices("", "");
  ASSERT_EQ(shipped.all().size(), 2u);
  EXPECT_EQ(shipped.choose({"fr-CA"}).name, "CAPinNoticeEmailTemplate.fr.html");
  EXPECT_EQ(shipped.choose({"de"}).name, "CAPinNoticeEmailTemplate.html");
  for (const TemplateSource& source : shipped.all()) {
    EXPECT_EQ(source.purpose, TemplatePurpose::Notice);
    EXPECT_TRUE(WelcomeTemplate::check(source).empty()) << source.name;
  }
  const TemporaryDirectory folder;
  folder.write("CAWelcomeEmailTemplate.html", minimal(""));
  EXPECT_EQ(TemplateLibrary::notices(folder.path(), "").choose({"en"}).name, "CAPinNoticeEmailTemplate.html");
  folder.write("CAPinNoticeEmailTemplate.html", "<p>{{CHANGED_AT}}</p>");
  const std::string own = (folder / "CAPinNoticeEmailTemplate.html").string();
  EXPECT_EQ(TemplateLibrary::notices(folder.path(), "").choose({"fr"}).name, own);
  EXPECT_EQ(TemplateLibrary::notices(own, "").choose({"fr"}).name, own);
  EXPECT_EQ(TemplateLibrary::from_path(folder.path(), "").all().size(), 1u) << "a notice is no welcome";
}

TEST(TemplateLibrary, FolderByLanguage) {
  const TemporaryDirectory folder;
  folder.write("CAWelcomeEmailTemplate.html", "<html lang='de'>" + minimal(""));
  folder.write("CAWelcomeEmailTemplate.fr.html", minimal("fr"));
  folder.write("CAWelcomeEmailTemplate.fr.txt", "texte {{PIN}}");
  folder.write("CAWelcomeEmailTemplate.fr-CA.html", minimal("fr-CA"));
  folder.write("CAWelcomeEmailTemplate.html.bak", "not this one");
  folder.write("other.html", "nor this one");
  const TemplateLibrary library = TemplateLibrary::from_path(folder.path(), "");
  ASSERT_EQ(library.all().size(), 3u);
  EXPECT_EQ(library.choose({"fr-CA"}).language, "fr-CA");
  EXPECT_EQ(library.choose({"fr-BE"}).language, "fr");
  EXPECT_EQ(library.choose({"fr"}).text, "texte {{PIN}}");
  EXPECT_EQ(library.choose({"fr-CA"}).text, std::nullopt);
  EXPECT_EQ(library.choose({"it"}).language, "de");
  EXPECT_EQ(library.choose({"it"}).name, (folder / "CAWelcomeEmailTemplate.html").string());
}

TEST(TemplateLibrary, FolderNeedsOneForEverybody) {
  const TemporaryDirectory folder;
  EXPECT_THROW(TemplateLibrary::from_path(folder.path(), ""), Error);
  folder.write("CAWelcomeEmailTemplate.fr.html", minimal(""));
  EXPECT_EQ(TemplateLibrary::from_path(folder.path(), "").choose({"de"}).language, "fr");
  folder.write("CAWelcomeEmailTemplate.de.html", minimal(""));
  try {
    TemplateLibrary::from_path(folder.path(), "");
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
    EXPECT_THAT(error.what(), HasSubstr("there is no CAWelcomeEmailTemplate.html"));
  }
}

TEST(TemplateLibrary, AFileIsForEverybody) {
  const TemporaryDirectory folder;
  const TemplateLibrary library =
      TemplateLibrary::from_path(folder.write("mine.html", "<html lang=pt-BR>x"), "");
  EXPECT_EQ(library.choose({"fr"}).language, "pt-BR");
  EXPECT_EQ(library.choose({"fr"}).html, "<html lang=pt-BR>x");
}

TEST(TemplateLibrary, WhatCannotBeReadIsAnError) {
  const TemporaryDirectory folder;
  try {
    TemplateLibrary::from_path(folder / "missing.html", "");
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
    EXPECT_THAT(error.what(), HasSubstr("missing.html: No such file or directory"));
  }
}

TEST(TemplateLibrary, Encodings) {
  const TemporaryDirectory folder;
  const auto read = [&](const std::string& octets, const std::string& encoding = "") {
    return TemplateLibrary::from_path(folder.write("t.html", octets), encoding).all().front().html;
  };
  EXPECT_EQ(read("\xC3\xA9"), "\xC3\xA9");
  EXPECT_EQ(read("\xEF\xBB\xBF\xC3\xA9"), "\xC3\xA9");
  EXPECT_EQ(read(std::string("\xFF\xFE\xE9\0x\0", 6)), "\xC3\xA9x");
  EXPECT_EQ(read(std::string("\xFE\xFF\0\xE9\0x", 6)), "\xC3\xA9x");
  EXPECT_EQ(read("\xE9", "windows-1252"), "\xC3\xA9");
  EXPECT_EQ(read("\xC3\xA9", "windows-1252"), "\xC3\xA9") << "valid UTF-8 is UTF-8";
  EXPECT_EQ(read("<META content=\"text/html; charset=windows-1252\">\x93", "windows-1252"),
            "<META content=\"text/html; charset=utf-8\">\xE2\x80\x9C");
  EXPECT_EQ(read("<meta charset='iso-8859-1'>\xE9", "iso-8859-1"), "<meta charset='utf-8'>\xC3\xA9");
}

TEST(TemplateLibrary, EncodingsThatDoNotFit) {
  const TemporaryDirectory folder;
  const auto refusal = [&](const std::string& octets, const std::string& encoding) -> std::string {
    try {
      TemplateLibrary::from_path(folder.write("t.html", octets), encoding);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
      return std::string(error.what()) + " " + error.next();
    }
    return "taken";
  };
  EXPECT_THAT(refusal("a\n  caf\xE9 b\nc", ""),
              testing::AllOf(HasSubstr("line 2 is not UTF-8: caf? b"), HasSubstr("-Encoding windows-1252")));
  EXPECT_THAT(refusal("\xE9", "klingon"), HasSubstr("the encoding klingon is not known"));
  EXPECT_THAT(refusal("ab\xFF", "us-ascii"), HasSubstr("octet 3 is not valid in us-ascii"));
  EXPECT_THAT(refusal(std::string("\xFF\xFE\0\xD8x\0", 6), ""), HasSubstr("not valid in UTF-16LE"));
  EXPECT_THAT(refusal("\xFF\xFEx", ""), HasSubstr("not valid in UTF-16LE"));
}

// What an administrator does: exports the template, adds a link, changes a sentence.
TEST(TemplateLibrary, AnEditedExportShowsTheEditsInBothParts) {
  const TemporaryDirectory folder;
  std::string html = test::shipped().choose({"en"}).html;
  const std::string sentence = "Here is your PIN, and everything you need to use it.";
  ASSERT_NE(html.find(sentence), std::string::npos);
  html.replace(html.find(sentence), sentence.size(), "The help desk wishes you good conversations.");
  const std::string heading = "<h2 class=\"heading\"";
  html.insert(html.find(heading),
              "<p><a href=\"https://intranet.contoso.com/phone\">Our telephone guide</a></p>\n");
  folder.write("CAWelcomeEmailTemplate.html", html);
  const TemplateLibrary library = TemplateLibrary::from_path(folder.path(), "");
  EXPECT_THAT(WelcomeTemplate::check(library.choose({"en"})), testing::IsEmpty());
  const test::Rendered welcome = test::render(library.choose({"en"}), test::contoso_values());
  EXPECT_THAT(welcome.html,
              HasSubstr("<a href=\"https://intranet.contoso.com/phone\">Our telephone guide</a>"));
  EXPECT_THAT(welcome.html, HasSubstr("The help desk wishes you good conversations."));
  EXPECT_THAT(welcome.text, HasSubstr("\n\nOur telephone guide <https://intranet.contoso.com/phone>\n\n"));
  EXPECT_THAT(join(split(welcome.text, '\n'), " "),
              HasSubstr("The help desk wishes you good conversations."));
  EXPECT_THAT(welcome.text, testing::Not(HasSubstr("everything you need")));
}

}  // namespace
}  // namespace dialin
