// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "mail/template_tag.h"
#include "support/temporary_directory.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

using test::minimal;
using test::source_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using Severity = TemplateProblem::Severity;

auto problem(Severity severity, unsigned line, unsigned column, const std::string& words) {
  return AllOf(Field("severity", &TemplateProblem::severity, severity),
               Field("line", &TemplateProblem::line, line), Field("column", &TemplateProblem::column, column),
               Field("what", &TemplateProblem::what, HasSubstr(words)));
}

auto error(unsigned line, unsigned column, const std::string& words) {
  return problem(Severity::Error, line, column, words);
}

std::vector<TemplateProblem> check(const std::string& html) {
  return WelcomeTemplate::check(source_of(html));
}

// What is said of `body` in a template that has nothing else to complain of; on line 2, columns from 1.
std::vector<TemplateProblem> check_body(const std::string& body) {
  return check(minimal("\n" + body + "\n"));
}

TEST(TemplateCheck, MinimalTemplateHasNoProblems) {
  EXPECT_THAT(check(minimal("")), IsEmpty());
}

TEST(TemplateCheck, ShippedTemplatesHaveNoProblems) {
  for (const TemplateSource& source : test::shipped().all()) {
    EXPECT_THAT(WelcomeTemplate::check(source), IsEmpty()) << source.name;
    EXPECT_LT(source.html.size(), 30u * 1024) << source.name;
  }
}

TEST(TemplateCheck, UnknownTagIsNamedWithItsPlaceAndAGuess) {
  EXPECT_THAT(check_body("<p>\xC3\xA9 {{PNI}}</p>"),
              ElementsAre(error(2, 6, "unknown tag {{PNI}}: did you mean {{PIN}}?")));
  EXPECT_THAT(check_body("{{conference_id}}"), ElementsAre(error(2, 1, "did you mean {{CONFERENCE_ID}}?")));
  EXPECT_THAT(check_body("{{#ORGANIZATION_NAME}}x"),
              ElementsAre(error(2, 1, "did you mean {{#ORGANISATION_NAME}}?")));
  EXPECT_THAT(check_body("{{SOMETHING_ELSE_ENTIRELY}}"), ElementsAre(error(2, 1, "dialin template tags")));
}

TEST(TemplateCheck, EveryProblemIsListedInOrder) {
  EXPECT_THAT(check_body("{{A_B_C}}\n  {{/REGION}}\n{{#NUMBER}}"),
              ElementsAre(error(2, 1, "unknown tag"), error(3, 3, "{{#REGION}} is missing"),
                          error(4, 1, "{{#NUMBER}} is not closed")));
}

TEST(TemplateCheck, UnclosedTags) {
  EXPECT_THAT(check_body("<b>{{REGION</b>"), ElementsAre(error(2, 4, "the tag {{REGION is not closed")));
  EXPECT_THAT(check_body("{{REGION}</b> {{/NUMBER}}"),
              ElementsAre(error(2, 1, "the tag {{REGION is not closed"), error(2, 15, "ends no section")));
  EXPECT_THAT(check_body("{{! a comment\n that is closed }}"), IsEmpty());
  EXPECT_THAT(check_body("{{! a comment that is not"), ElementsAre(error(2, 1, "not closed")));
}

TEST(TemplateCheck, SectionsMustNestAndCloseWhereTheyBegan) {
  EXPECT_THAT(check_body("{{#REGION}}{{#NUMBER}}{{/REGION}}"),
              ElementsAre(error(2, 12, "{{/NUMBER}} is missing")));
  EXPECT_THAT(check_body("{{#REGION}}{{#REGION}}{{/REGION}}{{/REGION}}"),
              testing::Contains(error(2, 12, "inside itself")));
  EXPECT_THAT(check_body("<b {{#REGION}}title=\"x\"{{/REGION}}>"),
              testing::Contains(error(2, 4, "cannot begin inside of <...>")));
  EXPECT_THAT(check_body("{{#REGION}}<b title=\"{{/REGION}}\">"),
              testing::Contains(error(2, 22, "does not end where it began")));
  EXPECT_THAT(check_body("{{#REGION}}<!--{{/REGION}}-->"),
              ElementsAre(error(2, 16, "does not end where it began")));
  EXPECT_THAT(check_body("{{#REGION}}<div style='display: none'>{{/REGION}}</div>"),
              ElementsAre(error(2, 39, "does not end where it began")));
  EXPECT_THAT(check_body("<!-- {{#REGION}} -->x<!-- {{/REGION}} -->"),
              ElementsAre(error(2, 27, "does not end where it began")));
}

TEST(TemplateCheck, WhatOtherEnginesKnowIsRefused) {
  EXPECT_THAT(check_body("{{%AUTOESCAPE context=\"HTML\"}}"), ElementsAre(error(2, 1, "pragmas")));
  EXPECT_THAT(check_body("{{>OTHER}}"), ElementsAre(error(2, 1, "cannot include")));
  EXPECT_THAT(check_body("{{={{ }}=}}"), testing::Contains(error(2, 1, "is not closed")));
  EXPECT_THAT(check_body("{{=| |=}}"), ElementsAre(error(2, 1, "delimiters")));
  EXPECT_THAT(check_body("{{REGION:none}}"), ElementsAre(error(2, 1, "no modifiers")));
  EXPECT_THAT(check_body("{{&REGION}}"), ElementsAre(error(2, 1, "unescaped")));
  EXPECT_THAT(check_body("{{^REGION}}"), ElementsAre(error(2, 1, "inverted")));
  EXPECT_THAT(check_body("{{<b>REGION</b>}}"), ElementsAre(error(2, 1, "markup inside")));
  EXPECT_THAT(check_body("{{}}"), ElementsAre(error(2, 1, "empty tag")));
}

TEST(TemplateCheck, ValuesAndSectionsAreToldApart) {
  EXPECT_THAT(check_body("{{#PIN}}{{/PIN}}"), testing::Contains(error(2, 1, "there is no section PIN")));
  EXPECT_THAT(check_body("{{FIRST_PIN}}"), ElementsAre(error(2, 1, "FIRST_PIN is a section")));
  EXPECT_THAT(check_body("{{ACCESS_NUMBER}}"),
              ElementsAre(error(2, 1, "belongs between {{#ACCESS_NUMBER}}")));
}

TEST(TemplateCheck, ThePinMustStandInTheText) {
  const std::string head = "<title>x</title>{{#SETTINGS_PAGE}}{{SETTINGS_PAGE}}{{/SETTINGS_PAGE}}\n";
  EXPECT_THAT(check(head + "no PIN"), ElementsAre(error(1, 1, "the PIN is missing")));
  EXPECT_THAT(check("<title>{{PIN}}</title>" + head + "{{PIN}}"), ElementsAre(error(1, 8, "the title")));
  EXPECT_THAT(check(head + "<b title=\"{{PIN}}\">"), ElementsAre(error(2, 11, "an attribute")));
  EXPECT_THAT(check(head + "<img alt='{{PIN}}'>"), ElementsAre(error(2, 11, "an attribute")));
  EXPECT_THAT(check(head + "<a href=\"https://c/?p={{PIN}}\">"), ElementsAre(error(2, 23, "an address")));
  EXPECT_THAT(check(head + "<!-- {{PIN}} -->"), ElementsAre(error(2, 6, "a comment")));
  EXPECT_THAT(check(head + "<!--[if mso]>{{PIN}}<![endif]-->"), ElementsAre(error(2, 14, "a comment")));
  EXPECT_THAT(check(head + "<!--[if !mso]><!-->{{PIN}}<!--<![endif]-->"),
              ElementsAre(error(2, 20, "Outlook")));
  EXPECT_THAT(check(head + "<![if !mso]>{{PIN}}<![endif]>"), ElementsAre(error(2, 13, "Outlook")));
  EXPECT_THAT(check(head + "<!--[if !mso]><!-->x<!--<![endif]-->{{PIN}}"), IsEmpty());
  EXPECT_THAT(check(head + "<style>.a{content:'{{PIN}}'}</style>"), ElementsAre(error(2, 20, "a style")));
  EXPECT_THAT(check(head + "<div style=\"display:none\"><p>{{PIN}}</p></div>"),
              ElementsAre(error(2, 30, "not displayed")));
  EXPECT_THAT(check(head + "{{#REGION}}{{PIN}}{{/REGION}}"),
              ElementsAre(error(2, 12, "stands in a section")));
  EXPECT_THAT(check(head + "{{PIN}} {{#FIRST_PIN}}{{PIN}}{{/FIRST_PIN}}"),
              ElementsAre(error(2, 23, "stands in a section")));
}

TEST(TemplateCheck, TheTextFileIsCheckedToo) {
  TemplateSource source = source_of(minimal(""));
  source.text = "Hello\n{{SETTINGS_PAGE}}{{PNI}}\n";
  EXPECT_THAT(WelcomeTemplate::check(source),
              ElementsAre(AllOf(error(1, 1, "the PIN is missing"), Field(&TemplateProblem::file, "my.txt")),
                          problem(Severity::Warning, 2, 1, "{{SETTINGS_PAGE}} may not be set"),
                          error(2, 18, "did you mean {{PIN}}?")));
  source.text = "{{#REGION}}{{PIN}}{{/REGION}}{{#SETTINGS_PAGE}}{{SETTINGS_PAGE}}{{/SETTINGS_PAGE}}";
  EXPECT_THAT(WelcomeTemplate::check(source), ElementsAre(error(1, 12, "stands in a section")));
}

TEST(TemplateCheck, WhatMayBeMissingIsOnlyWarnedOf) {
  EXPECT_THAT(check("<title>x</title>{{PIN}}"),
              ElementsAre(problem(Severity::Warning, 1, 1, "no link to the settings page")));
  EXPECT_THAT(check_body("<p>{{EXTENSION}}, {{EXTENSION}}</p>"),
              ElementsAre(problem(Severity::Warning, 2, 4, "between {{#EXTENSION}} and {{/EXTENSION}}")));
  EXPECT_THAT(check("{{PIN}}{{#SETTINGS_PAGE}}{{SETTINGS_PAGE}}{{/SETTINGS_PAGE}}"),
              ElementsAre(problem(Severity::Warning, 1, 1, "no <title>")));
  EXPECT_THAT(check_body(std::string(103000, 'x')), ElementsAre(problem(Severity::Warning, 1, 1, "Gmail")));
  EXPECT_EQ(WelcomeTemplate::parse(source_of("<title>x</title>{{PIN}}")).warnings().size(), 1u);
}

TEST(TemplateCheck, PlacesThatNothingMakesSafeAreRefused) {
  EXPECT_THAT(check_body("<b title={{REGION}}>"), testing::Contains(error(2, 10, "no quotes")));
  EXPECT_THAT(check_body("<b title=x{{REGION}}>"), testing::Contains(error(2, 11, "no quotes")));
  EXPECT_THAT(check_body("<b {{REGION}}>"), testing::Contains(error(2, 4, "inside of <...>")));
  EXPECT_THAT(check_body("<{{REGION}}>"), testing::Contains(error(2, 2, "inside of <...>")));
  EXPECT_THAT(check_body("<a onclick=\"f('{{REGION}}')\">"),
              testing::Contains(error(2, 16, "onclick holds a script")));
  EXPECT_THAT(check_body("<script>x</script>"), ElementsAre(error(2, 1, "<script>")));
  EXPECT_THAT(check_body("<scr{{! }}ipt>x</script>"), ElementsAre(error(2, 1, "<script>")));
  EXPECT_THAT(check_body("<!--[if mso]><script>x</script><![endif]-->"),
              ElementsAre(error(2, 14, "<script>")));
  EXPECT_THAT(check_body("<svg><a href=\"{{REGION}}\"></a></svg>"),
              testing::Contains(error(2, 15, "inside of <svg>")));
  EXPECT_THAT(check_body("<textarea>{{REGION}}</textarea>"),
              testing::Contains(error(2, 11, "inside <textarea>")));
  EXPECT_THAT(check_body("<a href=\"java{{REGION}}\">"),
              testing::Contains(error(2, 14, "must begin with https:")));
  EXPECT_THAT(check_body("<a href=\"&#106;avascript:{{REGION}}\">"),
              testing::Contains(error(2, 26, "must begin")));
  EXPECT_THAT(check_body("<a href=\"java&#{{REGION}}\">"), testing::Contains(error(2, 16, "must begin")));
  EXPECT_THAT(check_body("<iframe srcdoc=\"{{REGION}}\"></iframe>"),
              testing::Contains(error(2, 17, "srcdoc")));
  EXPECT_THAT(check_body("<!{{REGION}}>"), testing::Contains(error(2, 3, "<!...>")));
  EXPECT_THAT(check_body("<style>a{}</{{REGION}}style>"),
              testing::Contains(error(2, 13, "unfinished end tag")));
  EXPECT_THAT(check_body("<!--[if mso]><a title=\"<![endif]-->"),
              ElementsAre(error(2, 1, "Outlook would read on")));
  EXPECT_THAT(check_body("<!-- never closed"), ElementsAre(error(3, 15, "the file ends inside")));
}

TEST(TemplateCheck, FilesThatAreNoText) {
  EXPECT_THAT(check("a\n" + std::string("b\0", 2)), ElementsAre(error(2, 2, "NUL")));
  EXPECT_THAT(check("\xFF"), ElementsAre(error(1, 1, "not UTF-8")));
  EXPECT_THAT(check(std::string((1 << 20) + 1, ' ')), ElementsAre(error(1, 1, "at most 1048576")));
}

TEST(TemplateCheck, LinesAreCountedWithAnyLineEnds) {
  EXPECT_THAT(check(minimal("\r\n\r\n{{PNI}}")), ElementsAre(error(3, 1, "unknown tag")));
  EXPECT_THAT(check(minimal("\r\r{{PNI}}")), ElementsAre(error(3, 1, "unknown tag")));
}

TEST(TemplateCheck, ParseListsEveryErrorWithFileLineAndColumn) {
  try {
    WelcomeTemplate::parse(source_of(minimal("\n{{PNI}}\n{{REGIO}}")));
    FAIL() << "taken";
  } catch (const Error& refused) {
    EXPECT_EQ(refused.code(), ErrorCode::InvalidInput);
    EXPECT_THAT(refused.what(), HasSubstr("my.html:2:1: unknown tag {{PNI}}"));
    EXPECT_THAT(refused.what(), HasSubstr("my.html:3:1: unknown tag {{REGIO}}"));
    EXPECT_THAT(refused.next(), HasSubstr("dialin template check"));
  }
}

TEST(TemplateTags, TableIsInTheOrderOfTheEnumeration) {
  for (std::size_t i = 0; i < TagCount; ++i) {
    const Tag tag = static_cast<Tag>(i);
    EXPECT_EQ(properties_of(tag).tag, tag);
    EXPECT_EQ(find_tag(properties_of(tag).name), tag);
  }
}

TEST(TemplateTags, EveryTagIsDocumented) {
  const std::string manual = test::read_file(DIALIN_SOURCE_DIR "/doc/template.md");
  EXPECT_EQ(template_tags().size(), value_names().size() + section_names().size());
  for (const TemplateTag& tag : template_tags()) {
    EXPECT_FALSE(tag.meaning.empty()) << tag.name;
    EXPECT_FALSE(tag.example.empty()) << tag.name;
    const std::string written = "{{" + tag.name + "}}";
    const bool section_of_a_value =
        tag.name[0] == '#' && manual.find("{{" + tag.name.substr(1) + "}}") != std::string::npos;
    EXPECT_TRUE(manual.find("| `" + written + "` |") != std::string::npos || section_of_a_value) << tag.name;
  }
}

TEST(NoticeTemplates, HoldNoPinAndSayWhen) {
  TemplateSource source{"notice.html", "en",
                        "<html><head><title>t</title></head><body>{{CHANGED_AT}} {{PIN}} "
                        "{{#FIRST_PIN}}x{{/FIRST_PIN}} {{SETTINGS_PAGE}}</body></html>",
                        std::nullopt, TemplatePurpose::Notice};
  std::vector<std::string> errors;
  for (const TemplateProblem& problem : WelcomeTemplate::check(source))
    if (problem.severity == TemplateProblem::Severity::Error) errors.push_back(problem.what);
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_EQ(
      errors[0],
      "{{PIN}} belongs into the template of a welcome: this is the template of a notice, which never holds a "
      "PIN");
  source.html = "<html><head><title>t</title></head><body>{{SETTINGS_PAGE}} hello</body></html>";
  const auto problems = WelcomeTemplate::check(source);
  EXPECT_TRUE(std::any_of(problems.begin(), problems.end(), [](const TemplateProblem& problem) {
    return problem.severity == TemplateProblem::Severity::Warning &&
           problem.what.find("{{CHANGED_AT}}") != std::string::npos;
  }));
  // What a notice says belongs into no welcome.
  source.purpose = TemplatePurpose::Welcome;
  source.html = "<html><head><title>t</title></head><body>{{PIN}} {{CHANGED_AT}}</body></html>";
  EXPECT_THROW(WelcomeTemplate::parse(source), Error);
}

}  // namespace
}  // namespace dialin
