// SPDX-License-Identifier: Apache-2.0
#include "mail/language_names.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace dialin {
namespace {

struct LanguageName {
  std::string_view code;
  std::string_view name;
};

// The languages in which the conferencing services of the original can speak.
constexpr std::array<LanguageName, 26> Names = {{
    {"ca-ES", "Català"},
    {"da-DK", "Dansk"},
    {"de-DE", "Deutsch"},
    {"en-AU", "English (Australia)"},
    {"en-CA", "English (Canada)"},
    {"en-GB", "English (United Kingdom)"},
    {"en-IN", "English (India)"},
    {"en-US", "English (United States)"},
    {"es-ES", "Español (España)"},
    {"es-MX", "Español (México)"},
    {"fi-FI", "Suomi"},
    {"fr-CA", "Français (Canada)"},
    {"fr-FR", "Français (France)"},
    {"it-IT", "Italiano"},
    {"ja-JP", "日本語"},
    {"ko-KR", "한국어"},
    {"nb-NO", "Norsk (bokmål)"},
    {"nl-NL", "Nederlands"},
    {"pl-PL", "Polski"},
    {"pt-BR", "Português (Brasil)"},
    {"pt-PT", "Português (Portugal)"},
    {"ru-RU", "Русский"},
    {"sv-SE", "Svenska"},
    {"zh-CN", "中文（简体）"},
    {"zh-HK", "中文（香港）"},
    {"zh-TW", "中文（繁體）"},
}};

}  // namespace

std::string endonym(const std::string& language) {
  for (const LanguageName& known : Names) {
    if (equal_ignoring_case(known.code, language)) return std::string(known.name);
  }
  for (const LanguageName& known : Names) {
    if (!equal_ignoring_case(known.code.substr(0, 2), language)) continue;
    if (language.size() == 2 && equal_ignoring_case(language, "zh")) return "中文";
    return std::string(trim(known.name.substr(0, known.name.find('('))));
  }
  return language;
}

}  // namespace dialin
