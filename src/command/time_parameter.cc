// SPDX-License-Identifier: Apache-2.0
#include "command/time_parameter.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"

namespace dialin {
namespace {

using namespace std::chrono;

// Takes digits and separators off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool at_end() const { return text_.empty(); }
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::optional<int> digits(std::size_t count) {
    int number = 0;
    if (text_.size() < count) return std::nullopt;
    const auto [end, problem] = std::from_chars(text_.data(), text_.data() + count, number);
    if (problem != std::errc() || end != text_.data() + count || number < 0) return std::nullopt;
    text_.remove_prefix(count);
    return number;
  }

 private:
  std::string_view text_;
};

std::optional<Timestamp> parse_ago(std::string_view text, Timestamp now) {
  if (text.size() < 2 || text.size() > 7) return std::nullopt;
  Scanner scanner(text);
  const std::optional<int> count = scanner.digits(text.size() - 1);
  if (!count) return std::nullopt;
  if (scanner.take('m')) return now - minutes(*count);
  if (scanner.take('h')) return now - hours(*count);
  if (scanner.take('d')) return now - days(*count);
  return std::nullopt;
}

// "Z", "+01:00" or nothing, to the end: what UTC is behind.
std::optional<minutes> parse_zone(Scanner& scanner) {
  if (scanner.at_end()) return minutes(0);
  if (scanner.take('Z') || scanner.take('z'))
    return scanner.at_end() ? std::optional(minutes(0)) : std::nullopt;
  const bool west = scanner.take('-');
  if (!west && !scanner.take('+')) return std::nullopt;
  const std::optional<int> hour = scanner.digits(2);
  scanner.take(':');
  const std::optional<int> minute = scanner.digits(2);
  if (!hour || !minute || *hour > 14 || *minute > 59 || !scanner.at_end()) return std::nullopt;
  const minutes offset = hours(*hour) + minutes(*minute);
  return west ? -offset : offset;
}

}  // namespace

std::optional<Timestamp> parse_time(std::string_view text, Timestamp now) {
  if (auto ago = parse_ago(text, now)) return ago;
  Scanner scanner(text);
  const std::optional<int> year_number = scanner.digits(4);
  if (!year_number || !scanner.take('-')) return std::nullopt;
  const std::optional<int> month_number = scanner.digits(2);
  if (!month_number || !scanner.take('-')) return std::nullopt;
  const std::optional<int> day_number = scanner.digits(2);
  if (!day_number) return std::nullopt;
  const year_month_day date(year(*year_number), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number)));
  if (!date.ok()) return std::nullopt;
  Timestamp time = sys_days(date);
  if (scanner.at_end()) return time;
  if (!scanner.take('T') && !scanner.take('t') && !scanner.take(' ')) return std::nullopt;
  const std::optional<int> hour = scanner.digits(2);
  if (!hour || !scanner.take(':')) return std::nullopt;
  const std::optional<int> minute = scanner.digits(2);
  std::optional<int> second = 0;
  if (scanner.take(':')) second = scanner.digits(2);
  if (!minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::optional<minutes> offset = parse_zone(scanner);
  if (!offset) return std::nullopt;
  return time + hours(*hour) + minutes(*minute) + seconds(*second) - *offset;
}

ParameterSpec time_parameter_spec(const std::string& name, const std::string& help) {
  return {.name = name,
          .kind = ParameterKind::Text,
          .value_name = "time",
          .help = help + " (2026-03-01, 2026-03-01T10:14Z, or 12h, 7d ago)."};
}

std::optional<Timestamp> time_from(const BoundParameters& bound, const std::string& name, Timestamp now) {
  const std::optional<std::string> text = bound.text(name);
  if (!text) return std::nullopt;
  const std::optional<Timestamp> time = parse_time(*text, now);
  if (!time)
    throw Error(ErrorCode::InvalidInput, fmt::format("{}: '{}' is no time", bound.display_name(name), *text),
                "Write 2026-03-01, 2026-03-01T10:14Z (UTC), or 30m, 12h, 7d for so long ago.");
  return time;
}

}  // namespace dialin
