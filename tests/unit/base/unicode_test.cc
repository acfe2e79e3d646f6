// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/text.h"
#include "base/utf8.h"

namespace dialin {
namespace {

TEST(Utf8, EveryScalarValueComesBack) {
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, code);
    const Utf8Character character = decode_utf8(text, 0);
    ASSERT_EQ(character.code, code);
    ASSERT_EQ(character.size, text.size());
    ASSERT_TRUE(is_utf8(text));
    ASSERT_EQ(length_in_characters(text), 1U);
  }
}

TEST(Utf8, RefusesWhatRfc3629Forbids) {
  for (const char* text : {
           "\x80", "\xBF", "\xFE", "\xFF",               // no lead octets
           "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF",       // overlong
           "\xF0\x8F\xBF\xBF",                           // overlong
           "\xED\xA0\x80", "\xED\xBF\xBF",               // surrogates
           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",       // above U+10FFFF
           "\xF8\x88\x80\x80\x80",                       // five octets
           "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3(",  // cut off
       }) {
    EXPECT_FALSE(is_utf8(text)) << text;
    EXPECT_FALSE(is_utf8(std::string("ab") + text)) << text;
  }
  EXPECT_TRUE(is_utf8("Grüße, Ελλάδα, Привет, 日本, 😀"));
  EXPECT_TRUE(is_utf8(""));
}

TEST(Characters, AsciiAndControls) {
  EXPECT_TRUE(is_ascii("abc\x7F"));
  EXPECT_FALSE(is_ascii("é"));
  for (const char* text :
       {"a\rb", "\n", "\x1B[31m", "\x7F", "\u0085", "\u2028", "\u2029", "\u202E", "\u2066", "\t"}) {
    EXPECT_TRUE(has_control_characters(text));
  }
  EXPECT_TRUE(has_control_characters(std::string_view("a\0b", 3)));
  EXPECT_FALSE(has_control_characters("Zoë O'Neil \u00A0 \u200D"));
  EXPECT_TRUE(has_control_characters("\xFF\n"));  // found behind what is no UTF-8
}

TEST(Characters, WidthOnATerminal) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("Zoë"), 3U);
  EXPECT_EQ(display_width("Zoe\u0308"), 3U);  // combining mark
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("ｆｕｌｌ"), 8U);
  EXPECT_EQ(display_width("한국"), 4U);
  EXPECT_EQ(display_width("😀"), 2U);
  EXPECT_EQ(display_width("שָׁלוֹם"), 4U);  // vowel points
  EXPECT_EQ(display_width("a\u200Bb"), 2U);
  EXPECT_EQ(display_width("co\u00ADop"), 5U);  // terminals show the soft hyphen
  EXPECT_EQ(display_width("a\xFFz"), 3U);
}

TEST(FoldCase, FoldsTheLettersOfNames) {
  EXPECT_EQ(fold_case("Bob.SMITH@Contoso.com"), "bob.smith@contoso.com");
  EXPECT_EQ(fold_case("ÄÖÜ ÀÉÎÕÝÞ"), "äöü àéîõýþ");
  EXPECT_EQ(fold_case("ŁÓDŹ ĐŽIĆ ŠŤ Ÿ"), "łódź đžić šť ÿ");
  EXPECT_EQ(fold_case("ΑΒΓΏς"), "αβγώσ");
  EXPECT_EQ(fold_case("ЁЖИК ЩЮЯ Ґ"), "ёжик щюя ґ");
  EXPECT_EQ(fold_case("NGUYỄN"), fold_case("nguyễn"));
}

TEST(FoldCase, LeavesTheRestAlone) {
  for (const char* text : {"", "straße", "日本", "123-_@[`{", "×÷", "\xFF\xC3", "a\u0301"}) {
    EXPECT_EQ(fold_case(text), text);
  }
  EXPECT_EQ(fold_case("ẞ"), "ß");
}

TEST(FoldCase, FoldingTwiceChangesNothing) {
  for (char32_t code = 1; code < 0x2100; ++code) {
    std::string text;
    append_utf8(text, code);
    EXPECT_EQ(fold_case(fold_case(text)), fold_case(text)) << std::hex << static_cast<unsigned>(code);
  }
}

TEST(ForeignText, IsMadeHarmless) {
  EXPECT_EQ(sanitize_foreign_text("550 no\r\n\x1B[31msuch\tuser"), "550 no   [31msuch user");
  EXPECT_EQ(sanitize_foreign_text("caf\xE9 ok\xC3"), "caf? ok?");
  EXPECT_EQ(sanitize_foreign_text("a\u202Eb"), "a b");
  EXPECT_EQ(sanitize_foreign_text("Grüße"), "Grüße");
}

TEST(ForeignText, IsCutAtWholeCharacters) {
  EXPECT_EQ(sanitize_foreign_text("äöü", 2), "äö");
  EXPECT_EQ(sanitize_foreign_text("abc", 0), "");
  const std::string result = sanitize_foreign_text(std::string(10000, '\xFF'));
  EXPECT_EQ(result, std::string(512, '?'));
}

}  // namespace
}  // namespace dialin
