// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

TEST(TemplateSource, ComesBackFromItsText) {
  for (const std::optional<std::string>& text : {std::optional<std::string>(), std::optional<std::string>(""),
                                                 std::optional<std::string>("9:x,\n\0")}) {
    const TemplateSource source{"/a b/\xC3\xA9.html", "fr-CA", "3:abc,{{PIN}}\n", text};
    const TemplateSource back = deserialize_template(serialize(source));
    EXPECT_EQ(back.name, source.name);
    EXPECT_EQ(back.language, source.language);
    EXPECT_EQ(back.html, source.html);
    EXPECT_EQ(back.text, source.text);
  }
}

TEST(TemplateSource, DamageIsAnErrorWhereverItIs) {
  const std::string whole = serialize({"a.html", "en", "{{PIN}}", "text"});
  const std::string without_text = serialize({"a.html", "en", "{{PIN}}", std::nullopt});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    if (cut.size() == without_text.size()) continue;  // a template without a text file
    EXPECT_THROW(deserialize_template(cut), Error) << cut;
  }
  EXPECT_THROW(deserialize_template(whole + "x"), Error);
  EXPECT_THROW(deserialize_template("dialin template 1\n99999999999999999999:x,"), Error);
  EXPECT_THROW(deserialize_template("dialin template 1\n-1:x,"), Error);
}

TEST(TemplateSource, HashIsOfTheContent) {
  const TemplateSource source{"a.html", "en", "{{PIN}}", std::nullopt};
  TemplateSource other = source;
  other.name = "/elsewhere/a.html";
  EXPECT_EQ(template_hash(other), template_hash(source));
  EXPECT_EQ(template_hash(source).size(), 64u);
  other.language = "fr";
  EXPECT_NE(template_hash(other), template_hash(source));
  other = source;
  other.text = "";
  EXPECT_NE(template_hash(other), template_hash(source));
  other = source;
  other.html += " ";
  EXPECT_NE(template_hash(other), template_hash(source));
}

}  // namespace
}  // namespace dialin
