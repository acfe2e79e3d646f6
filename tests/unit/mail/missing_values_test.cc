// SPDX-License-Identifier: Apache-2.0
// Every shipped template with every subset of its optional values: nothing empty stays behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/text.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

// Each takes one value away.
const std::vector<std::function<void(WelcomeValues&)>>& removals() {
  static const std::vector<std::function<void(WelcomeValues&)>> all = {
      [](WelcomeValues& v) { v.display_name.clear(); },
      [](WelcomeValues& v) { v.number.clear(); },
      [](WelcomeValues& v) { v.extension.clear(); },
      [](WelcomeValues& v) { v.conference_id.clear(); },
      [](WelcomeValues& v) { v.region.clear(); },
      [](WelcomeValues& v) { v.access_numbers = {}; },
      [](WelcomeValues& v) {
        std::vector<AccessNumberValue> numbers(v.access_numbers.begin(), v.access_numbers.end());
        for (AccessNumberValue& number : numbers) {
          number.display_name.clear();
          number.languages.clear();
        }
        v.access_numbers = SharedList(std::move(numbers));
      },
      [](WelcomeValues& v) { v.settings_page_url.clear(); },
      [](WelcomeValues& v) { v.pin_expires.reset(); },
      [](WelcomeValues& v) { v.telephone_commands = {}; },
      [](WelcomeValues& v) { v.support_contact.clear(); },
      [](WelcomeValues& v) { v.organisation_name.clear(); },
      [](WelcomeValues& v) { v.logo_text.clear(); },
  };
  return all;
}

bool must_have_words(std::string_view element) {
  static const std::set<std::string_view> elements = {"h1", "h2", "h3", "p",     "td",  "th",     "tr",  "li",
                                                      "ul", "ol", "a",  "table", "div", "strong", "span"};
  return elements.count(element) != 0;
}

// The first element without words, or link without address, in the body of `html`; empty if there is none.
std::string something_empty(std::string_view html) {
  struct Open {
    std::string_view name;
    bool words;
  };
  std::vector<Open> open;
  html = html.substr(0, html.find("</html>"));
  std::size_t at = html.find("<body");
  while (at < html.size()) {
    if (html.compare(at, 4, "<!--") == 0) {
      at = html.find("-->", at) + 3;
    } else if (html[at] == '<') {
      const std::size_t end = html.find('>', at);
      const std::string_view tag = html.substr(at + 1, end - at - 1);
      at = end + 1;
      if (tag.find("href=\"\"") != std::string_view::npos ||
          tag.find("href=\"#\"") != std::string_view::npos) {
        return std::string(tag);
      }
      if (tag.front() != '/') {
        open.push_back({tag.substr(0, tag.find(' ')), false});
        continue;
      }
      if (open.empty() || open.back().name != tag.substr(1)) return "unbalanced " + std::string(tag);
      const Open closed = open.back();
      open.pop_back();
      if (!closed.words && must_have_words(closed.name)) return "empty " + std::string(tag);
      if (!open.empty()) open.back().words = open.back().words || closed.words;
    } else {
      if (!open.empty() && trim(html.substr(at, 1)) != "") open.back().words = true;
      ++at;
    }
  }
  return open.empty() ? "" : "unclosed " + std::string(open.back().name);
}

bool is_underline(const std::string& line) {
  return line.size() > 2 && line.find_first_not_of(line.front() == '=' ? '=' : '-') == std::string::npos;
}

// The same of a text part: headings without content, bullets, labels and brackets without words.
std::string something_empty_in_text(const std::string& text) {
  const std::vector<std::string> lines = split(text, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    const std::string bare(trim(line));
    if (i > 0 && line.empty() && lines[i - 1].empty() && i + 1 < lines.size()) return "two empty lines";
    if (bare == "-" || bare == "." || (!bare.empty() && bare.back() == ':')) return "bare line: " + line;
    if (display_width(line) > 76 || line != line.substr(0, line.find_last_not_of(' ') + 1))
      return "ragged line: " + line;
    if (!is_underline(line)) continue;
    std::size_t next = i + 1;
    while (next < lines.size() && lines[next].empty()) ++next;
    if (next + 1 >= lines.size() || is_underline(lines[next + 1]))
      return "heading without words: " + lines[i - 1];
  }
  for (const char* odd : {"<>", "{{", " ,", " .", "..", "()"}) {
    if (text.find(odd) != std::string::npos) return std::string("odd ") + odd;
  }
  return "";
}

class MissingValuesIn : public testing::TestWithParam<std::string> {};

TEST_P(MissingValuesIn, EverySubsetLeavesNothingEmpty) {
  const auto pin = Pin::parse(test::ContosoPin);
  const std::size_t subsets = std::size_t{1} << removals().size();
  const TemplateSource& source = test::shipped().choose({GetParam()});
  ASSERT_EQ(source.language, GetParam());
  const WelcomeTemplate parsed = WelcomeTemplate::parse(source);
  for (std::size_t subset = 0; subset < subsets; ++subset) {
    WelcomeValues values = test::contoso_values();
    values.replaces_pin = subset % 2 == 1;
    for (std::size_t i = 0; i < removals().size(); ++i) {
      if ((subset >> i & 1) != 0) removals()[i](values);
    }
    // "Contoso Ltd.": only the template's own full stops are judged.
    if (!values.organisation_name.empty()) values.organisation_name = "Contoso";
    const test::Rendered welcome = test::plain(parsed.render(values, &*pin));
    ASSERT_EQ(something_empty(welcome.html), "") << "without " << subset << "\n" << welcome.html;
    ASSERT_EQ(something_empty_in_text(welcome.text), "") << "without " << subset << "\n" << welcome.text;
    ASSERT_NE(welcome.html.find(test::ContosoPin), std::string::npos);
    ASSERT_NE(welcome.text.find(test::ContosoPin), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, MissingValuesIn, testing::Values("en", "fr"));

TEST(MissingValues, TheJudgesSeeWhatIsEmpty) {
  EXPECT_EQ(something_empty("<body><p>x</p></body>"), "");
  EXPECT_EQ(something_empty("<body><p> </p></body>"), "empty /p");
  EXPECT_EQ(something_empty("<body><a href=\"\">x</a></body>"), "a href=\"\"");
  EXPECT_EQ(something_empty("<body><table><tr><td><!-- x --></td></tr></table></body>"), "empty /td");
  EXPECT_NE(something_empty_in_text("One\n---\n\nTwo\n---\n\nx\n"), "");
  EXPECT_NE(something_empty_in_text("- \n"), "");
  EXPECT_NE(something_empty_in_text("Extension:\n"), "");
}

TEST(MissingValues, EveryValueStandsInBothParts) {
  const WelcomeValues values = test::contoso_values();
  for (const TemplateSource& source : test::shipped().all()) {
    const test::Rendered welcome = test::render(source, values);
    for (const char* value : {"383042650",
                              "Bob Kelly",
                              "bob.k@contoso.com",
                              "bob@contoso.com",
                              "+14255551297",
                              "51297",
                              "4150162",
                              "Redmond",
                              "+1 (425) 555-0100",
                              "Head office",
                              "English (United States), Espa\xC3\xB1ol (M\xC3\xA9xico)",
                              "5-0100",
                              "https://dialin.contoso.com",
                              "2027",
                              "*1",
                              "*3",
                              "*4",
                              "*6",
                              "*7",
                              "*8",
                              "*9",
                              "*0",
                              "helpdesk@contoso.com",
                              "Contoso Ltd.",
                              "CONTOSO"}) {
      EXPECT_THAT(welcome.html, testing::HasSubstr(value)) << source.name;
      EXPECT_THAT(welcome.text, testing::HasSubstr(value)) << source.name;
    }
  }
}

TEST(MissingValues, AContactThatIsNoAddressStaysText) {
  WelcomeValues values = test::contoso_values();
  values.support_contact = "the help desk, second floor";
  for (const TemplateSource& source : test::shipped().all()) {
    const test::Rendered welcome = test::render(source, values);
    EXPECT_EQ(something_empty(welcome.html), "");
    EXPECT_THAT(welcome.html, testing::HasSubstr("the help desk, second floor</p>"));
    EXPECT_THAT(welcome.text, testing::HasSubstr("the help desk, second floor"));
  }
}

}  // namespace
}  // namespace dialin
