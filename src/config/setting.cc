// SPDX-License-Identifier: Apache-2.0
#include "config/setting.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t kLongestText = 1024;  // characters
constexpr std::size_t kMostElements = 1000;

// Digits only, small enough to calculate with.
std::optional<std::int64_t> parse_number(std::string_view text) {
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return std::stoll(std::string(text));
}

std::optional<std::int64_t> seconds_of_unit(std::string_view unit) {
  if (unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 60 * 60;
  if (unit == "d") return 24 * 60 * 60;
  return std::nullopt;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto number = parse_number(text.substr(0, text.size() - 1));
  const auto unit = seconds_of_unit(text.substr(text.size() - 1));
  if (!number || !unit) return std::nullopt;
  return *number * *unit;
}

std::string duration_text(std::int64_t seconds) {
  if (seconds == 0) return "0s";
  if (seconds % 86400 == 0) return fmt::format("{}d", seconds / 86400);
  if (seconds % 3600 == 0) return fmt::format("{}h", seconds / 3600);
  if (seconds % 60 == 0) return fmt::format("{}m", seconds / 60);
  return fmt::format("{}s", seconds);
}

bool in_range(const SettingDeclaration& setting, std::optional<std::int64_t> number) {
  return number && *number >= setting.least && *number <= setting.most;
}

bool is_good_text(std::string_view text) {
  return is_utf8(text) && !has_control_characters(text) && length_in_characters(text) <= kLongestText;
}

// Fills in what `setting`'s kind needs; false if `text` is no value of it.
bool read_value(const SettingDeclaration& setting, std::string_view text, SettingValue& value) {
  switch (setting.kind) {
    case SettingKind::Text:
    case SettingKind::List:
      return true;
    case SettingKind::Path:
      return text.starts_with('/');
    case SettingKind::Boolean: {
      const bool yes = equal_ignoring_case(text, "true") || equal_ignoring_case(text, "yes") || text == "1";
      const bool no = equal_ignoring_case(text, "false") || equal_ignoring_case(text, "no") || text == "0";
      value.number = yes ? 1 : 0;
      return yes || no;
    }
    case SettingKind::Integer:
    case SettingKind::Duration: {
      const auto number = setting.kind == SettingKind::Integer ? parse_number(text) : parse_duration(text);
      value.number = number.value_or(0);
      return in_range(setting, number);
    }
    case SettingKind::Rate: {
      const std::size_t slash = text.find('/');
      if (slash == std::string_view::npos) return false;
      const auto messages = parse_number(trim(text.substr(0, slash)));
      const auto per = seconds_of_unit(trim(text.substr(slash + 1)));
      value.number = messages.value_or(0);
      value.per = per.value_or(0);
      return in_range(setting, messages) && per;
    }
    case SettingKind::Choice: {
      const auto found = std::find(setting.choices.begin(), setting.choices.end(), to_lower_ascii(text));
      value.number = found - setting.choices.begin();
      return found != setting.choices.end();
    }
  }
  return false;
}

template <typename Result>
Result refuse(const SettingDeclaration& setting, std::string_view text, std::string* reason) {
  if (reason) {
    *reason = fmt::format("expected {}", describe_expected(setting));
    if (!setting.secret) *reason += fmt::format(", found \"{}\"", sanitize_foreign_text(text, 80));
  }
  return std::nullopt;
}

// A connection string is shown in errors and in `dialin status`, so no password may stand in it.
bool has_password(std::string_view url) {
  const std::string folded = to_lower_ascii(url);
  if (folded.find("password") != std::string::npos) return true;
  const std::size_t scheme = folded.find("://");
  if (scheme == std::string::npos) return false;
  const std::size_t at = folded.find('@', scheme);
  return at != std::string::npos && folded.find(':', scheme + 3) < at;
}

}  // namespace

std::string SettingDeclaration::environment_name() const {
  std::string upper = fmt::format("DIALIN_{}_{}", section, key);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

const SettingDeclaration* find_setting(std::string_view section, std::string_view key) {
  for (const SettingDeclaration& setting : setting_declarations()) {
    if (setting.section == section && setting.key == key) return &setting;
  }
  return nullptr;
}

std::string describe_expected(const SettingDeclaration& setting) {
  switch (setting.kind) {
    case SettingKind::Text:
      return "a text of one line";
    case SettingKind::Path:
      return "an absolute path, like \"/etc/dialin/password\"";
    case SettingKind::Boolean:
      return "true or false";
    case SettingKind::Integer:
      return fmt::format("a whole number from {} to {}", setting.least, setting.most);
    case SettingKind::Duration:
      return fmt::format("a duration from \"{}\" to \"{}\", like \"90s\", \"30m\", \"12h\" or \"2d\"",
                         duration_text(setting.least), duration_text(setting.most));
    case SettingKind::Rate:
      return "a rate like \"30/m\" (s, m, h or d)";
    case SettingKind::Choice: {
      std::string words;
      for (std::string_view choice : setting.choices) {
        if (!words.empty()) words += choice == setting.choices.back() ? " or " : ", ";
        words += fmt::format("\"{}\"", choice);
      }
      return words;
    }
    case SettingKind::List:
      return "a list of texts, like [\"one\", \"two\"]";
  }
  return {};
}

std::optional<SettingValue> parse_setting(const SettingDeclaration& setting, std::string_view text,
                                          std::string* reason) {
  text = trim(text);
  if (setting.kind == SettingKind::List) {
    std::vector<std::string> elements;
    for (const std::string& element : split(text, ',')) {
      if (!trim(element).empty()) elements.emplace_back(trim(element));
    }
    return parse_list_setting(setting, elements, reason);
  }
  if (setting.section == "store" && setting.key == "url" && has_password(text)) {
    if (reason)
      *reason = "a password never stands in the configuration; put it into ~/.pgpass or name a passfile=";
    return std::nullopt;
  }
  SettingValue value;
  if (text.empty() && (setting.default_text.empty() || setting.kind == SettingKind::Text)) return value;
  if (!is_good_text(text) || !read_value(setting, text, value)) {
    return refuse<std::optional<SettingValue>>(setting, text, reason);
  }
  value.set = true;
  value.text = text;
  return value;
}

std::optional<SettingValue> parse_list_setting(const SettingDeclaration& setting,
                                               const std::vector<std::string>& elements,
                                               std::string* reason) {
  if (elements.size() > kMostElements) {
    if (reason) *reason = "the list has more than 1,000 elements";
    return std::nullopt;
  }
  for (const std::string& element : elements) {
    if (trim(element).empty() || !is_good_text(element)) {
      return refuse<std::optional<SettingValue>>(setting, element, reason);
    }
  }
  SettingValue value;
  value.set = !elements.empty();
  value.list = elements;
  value.text = join(elements, ", ");
  return value;
}

}  // namespace dialin
