// SPDX-License-Identifier: Apache-2.0
// The text part that is made out of the HTML.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mail/html_entities.h"
#include "support/child_process.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

using test::source_of;

std::string text_of(const std::string& body, const WelcomeValues& values = test::contoso_values()) {
  return test::render(source_of("<title>t</title>{{PIN}}<p>|</p>" + body), values).text.substr(14);
}

TEST(DerivedText, HeadingsParagraphsAndLines) {
  EXPECT_EQ(text_of("<h1>One\n  big</h1><p>a <b>b</b>c</p>\n<p>d<br>e</p><h2>Two</h2>f<h3>Three</h3>g"),
            "One big\n=======\n\na bc\n\nd\ne\n\nTwo\n---\nf\n\nThree\n\ng\n");
}

TEST(DerivedText, Lists) {
  EXPECT_EQ(text_of("<ul><li>a</li><li>b<br>c<ol><li>d<li>e</ol></li></ul>f"),
            "- a\n- b\n  c\n  1. d\n  2. e\n\nf\n");
}

TEST(DerivedText, NumbersOfAListWithAVanishedItem) {
  WelcomeValues values = test::contoso_values();
  values.region.clear();
  EXPECT_EQ(text_of("<ol><li>a</li>{{#REGION}}<li>{{REGION}}</li>{{/REGION}}<li>b</li></ol>", values),
            "1. a\n2. b\n");
}

TEST(DerivedText, TablesBecomeLines) {
  EXPECT_EQ(text_of("<table><tr><th>Extension</th><td>{{EXTENSION}}</td></tr><tr><th>Why?</th><td>x</td></tr>"
                    "<tr><td>a</td><td></td><td>b</td></tr></table>"),
            "Extension: 51297\nWhy? x\na   b\n");
  EXPECT_EQ(text_of("<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>"), "a\n\nb\n");
}

TEST(DerivedText, Links) {
  EXPECT_EQ(text_of("<a href=\"https://intranet.contoso.com/a?b=1&amp;c=2\">the guide</a>."),
            "the guide <https://intranet.contoso.com/a?b=1&c=2>.\n");
  EXPECT_EQ(text_of("<a href=\"{{SETTINGS_PAGE}}\">Settings</a>"), "Settings <https://dialin.contoso.com>\n");
  EXPECT_EQ(text_of("<a href=\"{{SETTINGS_PAGE}}\">{{SETTINGS_PAGE}}</a>"), "https://dialin.contoso.com\n");
  EXPECT_EQ(text_of("<a href=\"https://contoso.com/\">contoso.com</a>"), "contoso.com\n");
  EXPECT_EQ(text_of("<a href=\"mailto:{{MAIL_ADDRESS}}\">{{MAIL_ADDRESS}}</a>"), "bob@contoso.com\n");
  EXPECT_EQ(text_of("<a href=\"mailto:{{MAIL_ADDRESS}}\">write</a>"), "write <mailto:bob@contoso.com>\n");
  EXPECT_EQ(text_of("<a href=\"{{SUPPORT_CONTACT_LINK}}\">{{SUPPORT_CONTACT}}</a>"),
            "helpdesk@contoso.com\n");
  EXPECT_EQ(text_of("<a href=\"tel:+1425\">+1 (425)</a> <a href='tel:+1425'>call</a>"),
            "+1 (425) call <tel:+1425>\n");
  EXPECT_EQ(text_of("<a href=\"#top\">up</a> <a name=x>y</a> <a href=\"https://c.com\"></a>z"),
            "up y <https://c.com>z\n");
  EXPECT_EQ(text_of("<a href=\"https://c.com/?r={{REGION}}\">x</a>"), "x <https://c.com/?r=Redmond>\n");
}

TEST(DerivedText, AHostileAddressStaysInItsBrackets) {
  WelcomeValues values = test::contoso_values();
  values.settings_page_url = "https://c.com/> or <https://evil.example";
  EXPECT_EQ(text_of("<a href=\"{{SETTINGS_PAGE}}\">x</a>", values),
            "x <https://c.com/%3E%20or%20%3Chttps://evil.example>\n");
}

TEST(DerivedText, EntitiesImagesAndFillers) {
  EXPECT_EQ(text_of("<p>&eacute;&#8217;&#x2019;&amp;lt; &unknown; &copy 5&euro;</p>"),
            "é’’&lt; &unknown; &copy 5€\n");
  EXPECT_EQ(
      text_of("<p>&nbsp;&zwnj;&nbsp;</p><p>a&nbsp;b</p><img src='l.png' alt='Contoso &amp; {{REGION}}'>"),
      "a\xC2\xA0"
      "b\n\nContoso & Redmond\n");
}

TEST(DerivedText, WhatIsNotSeenIsLeftOut) {
  EXPECT_EQ(text_of("<style>p{}</style><!-- c --><div style='DISPLAY : none'>pre<b>x</b></div><p hidden>y</p>"
                    "<div style='max-height:0; overflow:hidden'><div>z</div>z</div>"
                    "<!--[if mso]><p>Outlook</p><![endif]--><!--[if !mso]><!--><p>seen</p><!--<![endif]-->"),
            "seen\n");
}

TEST(DerivedText, ValuesAreNotReadAsMarkup) {
  WelcomeValues values = test::contoso_values();
  values.region = "<b>&amp;</b> \"x\"";
  EXPECT_EQ(text_of("<p>{{REGION}}</p>", values), "<b>&amp;</b> \"x\"\n");
}

TEST(DerivedText, LongLinesAreWrapped) {
  const std::string word(30, 'x');
  EXPECT_EQ(text_of("<ul><li>" + word + " " + word + " " + word + "</li></ul>"),
            "- " + word + " " + word + "\n  " + word + "\n");
  EXPECT_EQ(text_of("<p>" + std::string(100, 'y') + " z</p>"), std::string(100, 'y') + "\nz\n");
}

TEST(DerivedText, VanishedSectionsLeaveNoTrace) {
  WelcomeValues values = test::contoso_values();
  values.region.clear();
  EXPECT_EQ(text_of("<p>a</p>{{#REGION}}<h2>R</h2><p>{{REGION}}</p>{{/REGION}}\n\n<p>b{{#REGION}}, {{REGION}}"
                    "{{/REGION}}.</p>",
                    values),
            "a\n\nb.\n");
}

// Reads the HTML with Python's parser and compares its words, in order, with those of the text.
constexpr const char* CompareWords = R"(
import re, sys
from html.parser import HTMLParser

class Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.skipped = [], 0
    def handle_starttag(self, tag, attributes):
        if tag in ('style', 'title') or 'display:none' in dict(attributes).get('style', ''):
            self.skipped += 1
    def handle_endtag(self, tag):
        if self.skipped and tag in ('style', 'title', 'div'):
            self.skipped -= 1
    def handle_data(self, data):
        if not self.skipped:
            self.text.append(data)

html, text = sys.stdin.read().split('\0')
words = Words()
words.feed(html)
in_html = re.findall(r'[\w*#@+]+', ' '.join(words.text))
in_text = re.findall(r'[\w*#@+]+', re.sub(r'(?m)^\d+\. ', '', text))
print('same' if in_html == in_text and len(in_html) > 150 else (in_html, in_text))
)";

TEST(DerivedText, OfShippedTemplatesHasEveryWordOfTheHtml) {
  for (const TemplateSource& source : test::shipped().all()) {
    const test::Rendered welcome = test::render(source, test::contoso_values());
    const test::Completed compared =
        test::run({.arguments = {"python3", "-c", CompareWords}}, welcome.html + '\0' + welcome.text);
    EXPECT_EQ(compared.output, "same\n") << source.name << compared.error;
  }
}

TEST(HtmlEntities, AreDecodedStrictly) {
  EXPECT_EQ(decode_entities("&amp;amp; &lt&gt; &#65;&#x42;&#67 &#; &#x; & &"), "&amp; &lt> ABC &#; &#x; & &");
  EXPECT_EQ(decode_entities("&#0;&#13;&#xD800;&#x110000;&#99999999999;"),
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(decode_entities("&thetasym;&AElig;&apos;"), "\xCF\x91\xC3\x86'");
}

}  // namespace
}  // namespace dialin
