// SPDX-License-Identifier: Apache-2.0
// What each tag stands for in one welcome: the values of a WelcomeValues as text, without control characters.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <locale>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mail/template_tag.h"
#include "mail/welcome_template.h"

namespace dialin {

// Writes dates in a language (BCP 47), in UTF-8; it needs no locale of the system. Any thread. A run asks for
// one date a hundred thousand times, so the last one is kept.
class WrittenDates {
 public:
  explicit WrittenDates(const std::string& language);
  std::string write(Timestamp time) const;
  // With the time of day, in UTC.
  std::string write_with_time(Timestamp time) const;

 private:
  using Day = std::chrono::sys_days;
  std::locale locale_;
  mutable std::mutex mutex_;
  mutable std::optional<std::pair<Day, std::string>> last_;
};

class FilledTags {
 public:
  // `pin_shown` is what stands in the PIN's place; it must outlive this. `dates` writes the expiry date.
  FilledTags(const WelcomeValues& values, std::string_view pin_shown, const WrittenDates& dates);

  // `number`: which access number is meant, for the tags of one.
  std::string_view value(Tag tag, std::size_t number) const;
  // How often the section of `tag` is shown.
  std::size_t repetitions(Tag tag, std::size_t number) const;

 private:
  using Values = std::array<std::string, TagCount>;
  void set(Tag tag, std::string_view text);
  void fill_telephone_commands(const SharedList<WelcomeValues::TelephoneCommand>& commands);
  void fill_access_number(const AccessNumberValue& number);

  std::string_view pin_shown_;
  Values values_;
  std::vector<Values> access_numbers_;
};

}  // namespace dialin
