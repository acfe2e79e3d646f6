// SPDX-License-Identifier: Apache-2.0
#include "mail/welcome_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include <thread>

#include "mail/language_names.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

using test::minimal;
using test::render;
using test::source_of;
using testing::HasSubstr;
using testing::Not;

TEST(WelcomeTemplate, SubjectIsTheTitle) {
  const std::string page =
      "<title>\n  Hello&nbsp;&eacute;, {{DISPLAY_NAME}}\n  &amp; {{#REPLACED_PIN}}new{{/REPLACED_PIN}}"
      "{{#FIRST_PIN}}first{{/FIRST_PIN}} </title><title>no</title>{{PIN}}";
  WelcomeValues values = test::contoso_values();
  values.display_name = "B<o>b\r\nBcc: x";
  const test::Rendered first = render(source_of(page), values);
  EXPECT_EQ(first.subject, "Hello\xC2\xA0\xC3\xA9, B<o>b Bcc: x & first");
  EXPECT_THAT(first.html, HasSubstr("B&lt;o&gt;b  Bcc: x"));
  values.replaces_pin = true;
  EXPECT_THAT(render(source_of(page), values).subject, testing::EndsWith("& new"));
  EXPECT_EQ(render(source_of("{{PIN}}"), values).subject, "Welcome to Dial In Conferencing");
}

TEST(WelcomeTemplate, ShippedSubjects) {
  const TemplateLibrary& library = test::shipped();
  EXPECT_EQ(render(library.choose({"en"}), {}).subject, "Welcome to Dial In Conferencing");
  EXPECT_EQ(render(library.choose({"fr"}), {}).subject, "Bienvenue dans les conf\xC3\xA9rences rendez-vous");
}

TEST(WelcomeTemplate, ThePinStandsOnceInEachPartWhole) {
  for (const TemplateSource& source : test::shipped().all()) {
    const test::Rendered welcome = render(source, test::contoso_values());
    for (const std::string& part : {welcome.html, welcome.text}) {
      const std::size_t at = part.find(test::ContosoPin);
      ASSERT_NE(at, std::string::npos);
      EXPECT_EQ(part.find(test::ContosoPin, at + 1), std::string::npos);
    }
    EXPECT_THAT(welcome.subject, Not(HasSubstr(test::ContosoPin)));
  }
}

TEST(WelcomeTemplate, SampleAndMask) {
  const WelcomeTemplate parsed = WelcomeTemplate::parse(test::shipped().choose({"en"}));
  const test::Rendered sample = test::plain(parsed.render(test::contoso_values(), nullptr));
  EXPECT_THAT(sample.html, HasSubstr(">00000 SAMPLE<"));
  EXPECT_THAT(sample.text, HasSubstr("\n00000 SAMPLE\n"));
  const test::Rendered masked = test::plain(parsed.render_masked(test::contoso_values()));
  EXPECT_THAT(masked.html, HasSubstr(">*****<"));
  EXPECT_THAT(masked.text, HasSubstr("\n*****\n"));
}

TEST(WelcomeTemplate, FirstAndReplacedPin) {
  const TemplateLibrary& library = test::shipped();
  WelcomeValues values = test::contoso_values();
  const std::string replaced = "Your PIN has been replaced. The old one no longer works.";
  EXPECT_THAT(render(library.choose({"en"}), values).text, Not(HasSubstr("replaced")));
  values.replaces_pin = true;
  const test::Rendered english = render(library.choose({"en"}), values);
  EXPECT_THAT(english.text, HasSubstr(replaced));
  EXPECT_THAT(english.html, HasSubstr(replaced));
  EXPECT_THAT(english.text, Not(HasSubstr("You can now join")));
  EXPECT_THAT(render(library.choose({"fr"}), values).text, HasSubstr("L’ancien ne fonctionne plus."));
}

TEST(WelcomeTemplate, DatesAreWrittenInItsLanguage) {
  const auto date_in = [](const std::string& language) {
    TemplateSource source = source_of(minimal("<p>{{PIN_EXPIRES}}</p>"));
    source.language = language;
    const std::string html = render(source, test::contoso_values()).html;
    const std::size_t begin = html.rfind("<p>") + 3;
    return html.substr(begin, html.find("</p>", begin) - begin);
  };
  EXPECT_EQ(date_in("en"), "March 15, 2027");
  EXPECT_EQ(date_in("en-GB"), "15 March 2027");
  EXPECT_EQ(date_in("fr"), "15 mars 2027");
  EXPECT_EQ(date_in("fr-CA"), "15 mars 2027");
  EXPECT_EQ(date_in("de"), "15. M\xC3\xA4rz 2027");
  EXPECT_EQ(date_in("ja"), "2027年3月15日");
}

TEST(WelcomeTemplate, AccessNumbers) {
  const std::string page = minimal(
      "{{#ACCESS_NUMBERS}}[{{#ACCESS_NUMBER}}({{#ACCESS_NUMBER_LINK}}L {{ACCESS_NUMBER_LINK}} "
      "{{/ACCESS_NUMBER_LINK}}"
      "{{#ACCESS_NUMBER_TEXT}}T {{/ACCESS_NUMBER_TEXT}}{{ACCESS_NUMBER}} {{ACCESS_NUMBER_NAME}} "
      "{{ACCESS_NUMBER_REGION}} {{ACCESS_NUMBER_LANGUAGES}}){{/ACCESS_NUMBER}}]{{/ACCESS_NUMBERS}}");
  WelcomeValues values;
  values.access_numbers = {
      {.display_number = "+1 (425) 555-0100",
       .display_name = "A",
       .region = "R",
       .languages = {"fr-CA", "xx-YY"}},
      {.display_number = "+44 (0)20 7946 0000", .display_name = "B", .region = "", .languages = {}},
      {.display_number = "020 7946 0000",
       .display_name = "",
       .region = "",
       .languages = {},
       .number = "+442079460000"},
      {.display_number = " ", .display_name = "not a number", .region = "", .languages = {}},
  };
  EXPECT_THAT(render(source_of(page), values).html,
              HasSubstr("[(L tel:+14255550100 +1 (425) 555-0100 A R Français (Canada), xx-YY)"
                        "(T +44 (0)20 7946 0000 B  )(L tel:+442079460000 020 7946 0000   )]"));
  EXPECT_THAT(render(source_of(page), {}).html, Not(HasSubstr("[")));
}

TEST(WelcomeTemplate, ThreadsRenderOneAtATime) {
  const WelcomeTemplate shared = WelcomeTemplate::parse(test::shipped().choose({"fr"}));
  std::array<bool, 4> right{};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < right.size(); ++i) {
    threads.emplace_back([&shared, &right, i] {
      const std::string digits = std::string("98765").append(std::to_string(i));
      const auto pin = Pin::parse(digits);
      WelcomeValues values = test::contoso_values();
      values.display_name = "Bob " + std::to_string(i);
      // Each thread asks for its own day, so that they take turns in what is kept of the last one.
      *values.pin_expires += std::chrono::hours(24 * i);
      const test::Rendered first = test::plain(shared.render(values, &*pin));
      right[i] = first.html.find(digits) != std::string::npos &&
                 first.text.find(std::to_string(15 + i) + " mars 2027") != std::string::npos;
      for (int k = 0; k < 100; ++k) {
        const test::Rendered again = test::plain(shared.render(values, &*pin));
        right[i] &= again.html == first.html && again.text == first.text;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, (std::array<bool, 4>{true, true, true, true}));
}

TEST(WelcomeTemplate, SupportContactAsALink) {
  const auto link_of = [](const std::string& contact) {
    WelcomeValues values;
    values.support_contact = contact;
    const std::string html =
        render(source_of(minimal("<p>{{SUPPORT_CONTACT_LINK}}|{{SUPPORT_CONTACT_TEXT}}</p>")), values).html;
    const std::size_t begin = html.rfind("<p>") + 3;
    return html.substr(begin, html.find("</p>", begin) - begin);
  };
  EXPECT_EQ(link_of("help+desk@contoso.com"), "mailto:help+desk@contoso.com|");
  EXPECT_EQ(link_of("https://help.contoso.com"), "https://help.contoso.com|");
  EXPECT_EQ(link_of("+1 (425) 555-0123"), "tel:+14255550123|");
  EXPECT_EQ(link_of("Help desk, ext. 5"), "|Help desk, ext. 5");
  EXPECT_EQ(link_of("javascript:alert(1)"), "|javascript:alert(1)");
}

TEST(WelcomeTemplate, TelephoneCommandsByTheirNames) {
  const std::string page = minimal(
      "{{#TELEPHONE_COMMANDS}}[{{#HELP_COMMAND}}{{HELP_COMMAND}}{{/HELP_COMMAND}}"
      "{{#ADMIT_ALL_COMMAND}}{{ADMIT_ALL_COMMAND}}{{/ADMIT_ALL_COMMAND}}]"
      "{{/TELEPHONE_COMMANDS}}");
  WelcomeValues values;
  values.telephone_commands = {{"AdmitAll", "#8"}, {"HelpCommand", ""}, {"Unheard", "*2"}};
  EXPECT_THAT(render(source_of(page), values).html, HasSubstr("[#8]"));
  values.telephone_commands = {{"HelpCommand", ""}, {"Unheard", "*2"}};
  EXPECT_THAT(render(source_of(page), values).html, Not(HasSubstr("[")));
}

TEST(WelcomeTemplate, TextFileIsTakenAsItIs) {
  TemplateSource source = source_of(minimal("<p>html only</p>"));
  source.text =
      "Hello {{DISPLAY_NAME}} <&>,\r\n\r\n  PIN:  {{PIN}}\r\n\r\n{{#REGION}}\r\nRegion: "
      "{{REGION}}\r\n\r\n{{/REGION}}\r\n"
      "{{#ACCESS_NUMBER}}\n* {{ACCESS_NUMBER}}\n{{/ACCESS_NUMBER}}\nBye{{#EXTENSION}} "
      "{{EXTENSION}}{{/EXTENSION}}\n";
  WelcomeValues values = test::contoso_values();
  EXPECT_EQ(
      render(source, values).text,
      "Hello Bob Kelly <&>,\n\n  PIN:  383042650\n\nRegion: Redmond\n\n* +1 (425) 555-0100\n* 5-0100\nBye "
      "51297\n");
  values.region.clear();
  values.extension.clear();
  EXPECT_EQ(render(source, values).text,
            "Hello Bob Kelly <&>,\n\n  PIN:  383042650\n\n* +1 (425) 555-0100\n* 5-0100\nBye\n");
}

TEST(WelcomeTemplate, OneTemplateServesManyThreads) {
  const WelcomeTemplate parsed = WelcomeTemplate::parse(test::shipped().choose({"fr"}));
  const std::string expected = test::plain(parsed.render_masked(test::contoso_values())).html;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        if (test::plain(parsed.render_masked(test::contoso_values())).html != expected) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(LanguageNames, InTheLanguageItself) {
  EXPECT_EQ(endonym("fr-CA"), "Français (Canada)");
  EXPECT_EQ(endonym("FR-ca"), "Français (Canada)");
  EXPECT_EQ(endonym("fr"), "Français");
  EXPECT_EQ(endonym("de"), "Deutsch");
  EXPECT_EQ(endonym("zh"), "中文");
  EXPECT_EQ(endonym("ja-JP"), "日本語");
  EXPECT_EQ(endonym("tlh"), "tlh");
}

TEST(Notices, SayWhenAndWhichWayInTheirLanguage) {
  WelcomeValues values = test::contoso_values();
  values.changed_at = from_microseconds(1805102047LL * 1000000);  // 2027-03-15T09:14:07Z
  const TemplateLibrary library = TemplateLibrary::notices("", "");
  const auto notice = [&](const char* language) {
    return test::plain(WelcomeTemplate::parse(library.choose({language})).render_masked(values));
  };
  const test::Rendered set = notice("en");
  EXPECT_EQ(set.subject, "Your PIN for conferences was changed");
  for (const std::string& part : {set.html, set.text}) {
    EXPECT_THAT(part, HasSubstr("March 15, 2027"));
    EXPECT_THAT(part, HasSubstr("9:14"));
    EXPECT_THAT(part, HasSubstr("UTC"));
    EXPECT_THAT(part, HasSubstr("An administrator set it."));
    EXPECT_THAT(part, Not(HasSubstr("It was sent in a mail")));
    EXPECT_THAT(part, Not(HasSubstr("*****")));
  }
  values.sent_to = "reception@contoso.com";
  const test::Rendered mailed = notice("fr");
  EXPECT_EQ(mailed.subject, "Votre code PIN pour les conférences a été modifié");
  for (const std::string& part : {mailed.html, mailed.text}) {
    EXPECT_THAT(part, HasSubstr("15 mars 2027"));
    EXPECT_THAT(part, HasSubstr("reception@contoso.com"));
    EXPECT_THAT(part, Not(HasSubstr("administrateur")));
  }
}

}  // namespace
}  // namespace dialin
