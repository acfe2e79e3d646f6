// SPDX-License-Identifier: Apache-2.0
// Hostile values in every place of a custom template that has no pragma. The result is judged by Python's
// html.parser, which knows nothing of our tracker, once as written and once as Outlook reads it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/error.h"
#include "mail/template_tag.h"
#include "support/child_process.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

using test::minimal;
using test::render;
using test::source_of;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view Attacks[] = {
    "<script>alert(1)</script>",
    "\" onx=alert(1) x=\"",
    "' onx=alert(1) x='",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " \tjavascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "<![endif]--><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "red;background:url(javascript:alert(1))",
    "</title><script>alert(1)</script>",
    "{{PIN}}",
    "&lt;script&gt;",
    "\\3c script",
    "https://x/\" onx=\"alert(1)",
};

// Where a tag may be put; @ stands for it.
constexpr std::string_view Places[] = {
    "<p>@</p>",
    "<p title=\"@\">x</p>",
    "<p title='a @ b'>x</p>",
    "<a href=\"@\">x</a>",
    "<a href='@'>x</a>",
    "<a href=\" @\">x</a>",
    "<a href=\"https://contoso.com/?u=@&amp;v=1\">x</a>",
    "<a href=\"mailto:@\">x</a>",
    "<a href=\"@@\">x</a>",
    "<td background=\"@\">x</td>",
    "<img src=\"@\" alt=\"@\">",
    "<p style=\"color: @\">x</p>",
    "<style>p { color: @; }</style>",
    "<!-- @ -->",
    "<!-- @-> -->",
    "<!--[if mso]><p>@</p><![endif]-->",
    "<!--[if mso]><a href=\"@\" title=\"@\">x</a><![endif]-->",
    "<!--[if mso]><v:rect href='@' style='width:@'>x</v:rect><![endif]-->",
    "<!--[if !mso]><!--><a href=\"@\">@</a><!--<![endif]-->",
    "<a>@</a",
    "< @ <",
    "a &@; b",
};

WelcomeValues all_set_to(std::string_view attack) {
  const std::string text(attack);
  WelcomeValues values = test::contoso_values();
  for (std::string* value :
       {&values.display_name, &values.sip_address, &values.mail_address, &values.number, &values.extension,
        &values.conference_id, &values.region, &values.settings_page_url, &values.support_contact,
        &values.organisation_name, &values.logo_text, &values.sent_to}) {
    *value = text;
  }
  values.changed_at = Timestamp();
  const AccessNumberValue number = {
      .display_number = text, .display_name = text, .region = text, .languages = {text}, .number = text};
  values.access_numbers = {number, number};
  std::vector<WelcomeValues::TelephoneCommand> commands(values.telephone_commands.begin(),
                                                        values.telephone_commands.end());
  for (WelcomeValues::TelephoneCommand& command : commands) command.keys = text;
  values.telephone_commands = SharedList(std::move(commands));
  return values;
}

std::string put(std::string_view place, const std::string& tag) {
  std::string result;
  for (const char c : place) result += c == '@' ? "{{" + tag + "}}" : std::string(1, c);
  return result;
}

// One line a page in base64; prints what is alive in it.
constexpr const char* Judge = R"(
import base64, re, sys
from html.parser import HTMLParser

class Page(HTMLParser):
    def handle_starttag(self, tag, attributes):
        if tag == 'script':
            print('script element')
        for name, value in attributes:
            if name.startswith('on'):
                print('event handler', name)
            plain = re.sub(r'[\x00-\x20]', '', value or '').lower()
            if name in ('href', 'src', 'background') and re.match(r'(javascript|data|vbscript):', plain):
                print('address', plain)
            if name == 'style' and re.search(r'url\(|expression|[<>";]{1}on', plain):
                print('style', plain)

for line in sys.stdin:
    page = base64.b64decode(line).decode()
    for view in (page, re.sub(r'<!--\[if mso\]>|<!\[endif\]-->', '', page)):
        parser = Page()
        parser.feed(view)
        parser.close()
)";

TEST(Escaping, EveryTagWithEveryAttackInEveryPlace) {
  std::string pages;
  std::size_t rendered = 0;
  std::size_t refused = 0;
  for (const std::string& name : value_names()) {
    const bool of_number = properties_of(*find_tag(name)).of_access_number;
    const bool of_notice = properties_of(*find_tag(name)).only_in == TemplatePurpose::Notice;
    for (const std::string_view place : Places) {
      std::string body = put(place, name);
      if (of_number) body = "{{#ACCESS_NUMBER}}" + body + "{{/ACCESS_NUMBER}}";
      TemplateSource source = source_of(minimal(body + "<p>end</p>"));
      if (of_notice) {
        source.purpose = TemplatePurpose::Notice;
        source.html.erase(source.html.find("{{PIN}}"), 7);
      }
      std::optional<WelcomeTemplate> parsed;
      try {
        parsed = WelcomeTemplate::parse(source);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
        ++refused;
        // Only the PIN is refused where others are taken; and in "<a>@</a" its end is not in the text.
        EXPECT_TRUE(name == "PIN" || (place.back() != '>' && of_number))
            << name << " in " << place << error.what();
        continue;
      }
      for (const std::string_view attack : Attacks) {
        const auto pin = Pin::parse(test::ContosoPin);
        const test::Rendered welcome = test::plain(parsed->render(all_set_to(attack), &*pin));
        EXPECT_THAT(welcome.html, Not(HasSubstr("<script>alert"))) << name << " in " << place;
        EXPECT_THAT(welcome.html, HasSubstr("<p>end</p>"));
        pages += to_base64(welcome.html) + "\n";
        ++rendered;
      }
    }
  }
  EXPECT_GT(rendered, 6000u);
  EXPECT_GT(refused, 10u);
  const test::Completed judged = test::run({.arguments = {"python3", "-c", Judge}}, pages);
  EXPECT_EQ(judged.exit_code, 0) << judged.error;
  EXPECT_EQ(judged.output, "");
}

TEST(Escaping, TheJudgeSeesWhatIsAlive) {
  const std::string pages = to_base64(std::string_view("<script>x</script>")) + "\n" +
                            to_base64(std::string_view("<a onx=1 href=' javascript:x'>")) + "\n" +
                            to_base64(std::string_view("<!--[if mso]><a href=\"javascript:x\"><![endif]-->"));
  const test::Completed judged = test::run({.arguments = {"python3", "-c", Judge}}, pages);
  EXPECT_THAT(judged.output, HasSubstr("script element"));
  EXPECT_THAT(judged.output, HasSubstr("event handler onx"));
  EXPECT_THAT(judged.output, HasSubstr("address javascript:x"));
}

std::string shown(const std::string& body, const std::string& region) {
  WelcomeValues values = test::contoso_values();
  values.region = region;
  const std::string html = render(source_of(minimal("|" + body + "|")), values).html;
  const std::size_t begin = html.find('|') + 1;
  return html.substr(begin, html.rfind('|') - begin);
}

TEST(Escaping, EachPlaceInItsOwnWay) {
  EXPECT_EQ(shown("<p>{{REGION}}</p>", "a<b>&\"c'"), "<p>a&lt;b&gt;&amp;&quot;c&#39;</p>");
  EXPECT_EQ(shown("<p title=\"{{REGION}}\">", "a\"b"), "<p title=\"a&quot;b\">");
  EXPECT_EQ(shown("<a href=\"{{REGION}}\">", "https://c.com/?a=1&b=2"),
            "<a href=\"https://c.com/?a=1&amp;b=2\">");
  EXPECT_EQ(shown("<a href=\"{{REGION}}\">", "HTTP://c.com"), "<a href=\"HTTP://c.com\">");
  EXPECT_EQ(shown("<a href=\"{{REGION}}\">", "mailto:a@b.c"), "<a href=\"mailto:a@b.c\">");
  EXPECT_EQ(shown("<a href=\"{{REGION}}\">", "tel:+1425"), "<a href=\"tel:+1425\">");
  EXPECT_EQ(shown("<a href=\"{{REGION}}\">", "javascript:alert(1)"), "<a href=\"#\">");
  EXPECT_EQ(shown("<a href=\"{{REGION}}\">", "contoso.com"), "<a href=\"#\">");
  EXPECT_EQ(shown("<a href=\"https://c.com/{{REGION}}\">", "a b/c?d&\xC3\xA9"),
            "<a href=\"https://c.com/a%20b%2Fc%3Fd%26%C3%A9\">");
  EXPECT_EQ(shown("<a href=\"tel:{{REGION}}\">", "+14255551297"), "<a href=\"tel:+14255551297\">");
  EXPECT_EQ(shown("<a href=\"mailto:{{REGION}}?cc=a\">", "a+b@c.com?x"),
            "<a href=\"mailto:a+b@c.com%3Fx?cc=a\">");
  EXPECT_EQ(shown("<a href=\"mailto:h@c.com?subject={{REGION}}\">", "a+b@c"),
            "<a href=\"mailto:h@c.com?subject=a%2Bb%40c\">");
  EXPECT_EQ(shown("<b style=\"color:{{REGION}}\">", "#fff;x:url(y)"), "<b style=\"color:#fffxurly\">");
  EXPECT_EQ(shown("<!--[if mso]><a href=\"{{REGION}}\">x</a><![endif]-->", "javascript:x"),
            "<!--[if mso]><a href=\"#\">x</a><![endif]-->");
}

TEST(Escaping, ControlCharactersOfAValueBecomeSpaces) {
  EXPECT_EQ(shown("<p>{{REGION}}</p>", "a\r\nBcc: x\x1b[1m\xE2\x80\xAEz"), "<p>a  Bcc: x [1m z</p>");
  EXPECT_EQ(shown("<p>{{REGION}}</p>", std::string("a\0b", 3)), "<p>a b</p>");
  EXPECT_EQ(shown("<p>{{REGION}}</p>", std::string(10000, 'n')).size(), 2048u + 7);
}

TEST(Escaping, MailHtmlPassesUnchanged) {
  const std::string body =
      "<!--[if gte mso 9]><xml><o:AllowPNG/></xml><![endif]--><style type='text/css'>@media x { a > b { c: "
      "'d' } }"
      "</style><table width=100% border=0><tr><td nowrap>1 < 2 &amp; 3<br/>&nbsp;</td></tr></table>"
      "<!--[if mso | IE]><table><tr><td><![endif]--><p class=MsoNormal>x<o:p></o:p></p>"
      "<!--[if mso | IE]></td></tr></table><![endif]-->";
  EXPECT_EQ(shown(body, ""), body);
}

}  // namespace
}  // namespace dialin
