// SPDX-License-Identifier: Apache-2.0
// What each tag stands for in one welcome: the values of a WelcomeValues as text, without control characters.
#pragma once

#include <array>
#include <cstddef>
#include <locale>
#include <string>
#include <string_view>
#include <vector>

#include "mail/template_tag.h"
#include "mail/welcome_template.h"

namespace dialin {

class FilledTags {
 public:
  // `pin_shown` is what stands in the PIN's place; it must outlive this. `dates` writes the expiry date.
  FilledTags(const WelcomeValues& values, std::string_view pin_shown, const std::locale& dates);

  // `number`: which access number is meant, for the tags of one.
  std::string_view value(Tag tag, std::size_t number) const;
  // How often the section of `tag` is shown.
  std::size_t repetitions(Tag tag, std::size_t number) const;

 private:
  using Values = std::array<std::string, TagCount>;
  void set(Tag tag, std::string_view text);
  void fill_access_number(const AccessNumberValue& number);

  std::string_view pin_shown_;
  Values values_;
  std::vector<Values> access_numbers_;
};

// A locale that writes dates in `language` (BCP 47), in UTF-8; it needs no locale of the system.
std::locale date_locale(const std::string& language);

}  // namespace dialin
