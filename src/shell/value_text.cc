// SPDX-License-Identifier: Apache-2.0
#include "shell/value_text.h"

#include <fmt/format.h>
#include <locale.h>
#include <time.h>

#include <array>
#include <limits>

#include "base/text.h"
#include "base/utf8.h"

namespace dialin {

namespace {

constexpr std::string_view Ellipsis = "\xE2\x80\xA6";

std::string format_time(const char* format, const tm& parts, locale_t locale) {
  std::array<char, 256> buffer{};
  const std::size_t size = locale == locale_t{}
                               ? strftime(buffer.data(), buffer.size(), format, &parts)
                               : strftime_l(buffer.data(), buffer.size(), format, &parts, locale);
  return {buffer.data(), size};
}

class NamedLocale {
 public:
  explicit NamedLocale(const std::string& name)
      : locale_(newlocale(LC_TIME_MASK, name.c_str(), locale_t{})) {}
  ~NamedLocale() {
    if (locale_ != locale_t{}) freelocale(locale_);
  }
  NamedLocale(const NamedLocale&) = delete;
  NamedLocale& operator=(const NamedLocale&) = delete;
  locale_t get() const { return locale_; }

 private:
  locale_t locale_;
};

bool needs_escape(char32_t code) {
  return code < 0x20 || code == '"' || code == '\\' || (code >= 0x7F && code <= 0x9F) || code == 0x2028 ||
         code == 0x2029 || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::string escaped(char32_t code) {
  switch (code) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return fmt::format("\\u{:04x}", static_cast<unsigned>(code));
  }
}

}  // namespace

std::string time_for_people(Timestamp time, const std::string& locale_name) {
  const time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  tm parts{};
  localtime_r(&seconds, &parts);
  const std::string plain = format_time("%Y-%m-%d %H:%M:%S %Z", parts, locale_t{});
  if (locale_name.empty() || locale_name.starts_with("C") || locale_name.starts_with("POSIX")) return plain;
  const NamedLocale locale(locale_name);
  if (locale.get() == locale_t{}) return plain;
  std::string text = format_time("%c", parts, locale.get());
  if (text.empty() || !is_utf8(text)) return plain;
  const std::string zone = format_time("%Z", parts, locale.get());
  if (text.find(zone) == std::string::npos) text += " " + zone;
  return text;
}

std::string value_for_people(const OutputValue& value, const std::string& locale_name) {
  struct {
    const std::string& locale_name;
    std::string operator()(std::nullptr_t) const { return {}; }
    std::string operator()(bool truth) const { return truth ? "True" : "False"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(const std::string& text) const {
      return sanitize_foreign_text(text, std::numeric_limits<std::size_t>::max());
    }
    std::string operator()(Timestamp time) const {
      return locale_name.empty() ? to_rfc3339(time) : time_for_people(time, locale_name);
    }
  } visitor{locale_name};
  return std::visit(visitor, value);
}

std::string value_for_csv(const OutputValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return csv_cell(*text);
  return value_for_people(value, {});
}

std::string text_for_json(std::string_view text) {
  std::string result = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Character character = decode_utf8(text, i);
    if (character.size == 0) {
      result += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    if (needs_escape(character.code)) {
      result += escaped(character.code);
    } else {
      result += text.substr(i, character.size);
    }
    i += character.size;
  }
  return result + '"';
}

std::string value_for_json(const OutputValue& value) {
  struct {
    std::string operator()(std::nullptr_t) const { return "null"; }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(const std::string& text) const { return text_for_json(text); }
    std::string operator()(Timestamp time) const { return text_for_json(to_rfc3339(time)); }
  } visitor;
  return std::visit(visitor, value);
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string kept;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = std::max<std::size_t>(decode_utf8(text, i).size, 1);
    const std::string_view character = text.substr(i, size);
    if (display_width(kept) + display_width(character) + 1 > width) break;
    kept += character;
    i += size;
  }
  return kept + std::string(Ellipsis);
}

}  // namespace dialin
