// SPDX-License-Identifier: Apache-2.0
#include "pin/common_patterns.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "pin/popular_pins.h"

namespace dialin {
namespace {

int value(std::string_view digits) {
  int number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

bool is_leap_year(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_of_month(int month, int year) {
  constexpr std::array<int, 13> Days = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : Days[static_cast<std::size_t>(month)];
}

// A place on the keypad: 1 2 3 / 4 5 6 / 7 8 9 / _ 0 _, from the upper left corner.
struct Place {
  int column;
  int row;
  bool operator==(const Place&) const = default;
};

Place place_of(char digit) {
  if (digit == '0') return {1, 3};
  return {(digit - '1') % 3, (digit - '1') / 3};
}

Place step_between(char from, char to) {
  const Place a = place_of(from);
  const Place b = place_of(to);
  return {b.column - a.column, b.row - a.row};
}

bool is_one_key_further(Place step) {
  return (step.column != 0 || step.row != 0) && std::abs(step.column) <= 1 && std::abs(step.row) <= 1;
}

// Whether `digits` are straight strokes of three keys or more. From the end backwards, ways[i] tells whether
// the digits from i on are such strokes.
bool is_straight_lines(std::string_view digits) {
  constexpr std::size_t Shortest = 3;
  std::array<bool, Pin::MaximumLength + 1> ways{};
  const std::size_t size = digits.size();
  if (size > Pin::MaximumLength) return false;
  ways[size] = true;
  for (std::size_t first = size; first-- > 0;) {
    for (std::size_t last = first + 1; last < size; ++last) {
      const Place step = step_between(digits[last - 1], digits[last]);
      if (!is_one_key_further(step) || step != step_between(digits[first], digits[first + 1])) break;
      if (last - first + 1 < Shortest) continue;
      // The next stroke begins anew or at the key where this one ends; the latter needs more than that key.
      if (ways[last + 1] || ways[last]) ways[first] = true;
    }
  }
  return ways[0];
}

bool is_along_the_edge(std::string_view digits) {
  constexpr std::string_view Edge = "12369874";
  if (digits.size() < 4) return false;
  const auto goes = [&](std::size_t way) {
    for (std::size_t i = 1; i < digits.size(); ++i) {
      const std::size_t from = Edge.find(digits[i - 1]);
      const std::size_t to = Edge.find(digits[i]);
      if (from == std::string_view::npos || to == std::string_view::npos) return false;
      if ((from + way) % Edge.size() != to) return false;
    }
    return true;
  };
  return goes(1) || goes(Edge.size() - 1);
}

bool is_the_corners(std::string_view digits) {
  if (digits.size() != 4) return false;
  std::array<char, 4> sorted{};
  std::copy(digits.begin(), digits.end(), sorted.begin());
  std::sort(sorted.begin(), sorted.end());
  return std::string_view(sorted.data(), sorted.size()) == "1379";
}

bool is_part_of(std::string_view digits, std::string_view number) {
  constexpr std::size_t TellingRun = 5;
  if (digits.size() > number.size()) return false;
  if (number.substr(number.size() - digits.size()) == digits) return true;
  return digits.size() >= TellingRun && number.find(digits) != std::string_view::npos;
}

}  // namespace

bool is_one_digit_repeated(std::string_view digits) {
  return digits.find_first_not_of(digits.front()) == std::string_view::npos;
}

bool is_repeated_group(std::string_view digits) {
  for (std::size_t group = 1; group <= digits.size() / 2; ++group) {
    // Equal to itself moved by the length of the group: then the group goes on to the end.
    if (digits.size() % group == 0 && digits.substr(group) == digits.substr(0, digits.size() - group))
      return true;
  }
  return false;
}

bool is_doubled_throughout(std::string_view digits) {
  if (digits.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    if (digits[i] != digits[i + 1]) return false;
  }
  return true;
}

bool has_run(std::string_view digits) {
  constexpr int Length = 4;
  for (const int step : {1, 9}) {  // modulo 10, 9 is one down
    int length = 1;
    for (std::size_t i = 1; i < digits.size(); ++i) {
      length = (digits[i] - digits[i - 1] + 10) % 10 == step ? length + 1 : 1;
      if (length == Length) return true;
    }
  }
  return false;
}

bool is_palindrome_of_four(std::string_view digits) {
  return digits.size() == 4 && digits[0] == digits[3] && digits[1] == digits[2];
}

bool is_year(std::string_view digits) {
  return digits.size() == 4 && value(digits) >= 1930 && value(digits) <= 2029;
}

bool is_multiple_of_500(std::string_view digits) {
  return digits.size() == 4 && value(digits) % 500 == 0;
}

bool is_date_of_six_digits(std::string_view digits) {
  if (digits.size() != 6) return false;
  const int day = value(digits.substr(0, 2));
  const int month = value(digits.substr(2, 2));
  const int short_year = value(digits.substr(4, 2));
  if (short_year > 10 && short_year < 40) return false;
  const int year = short_year <= 10 ? 2000 + short_year : 1900 + short_year;
  return month >= 1 && month <= 12 && day >= 1 && day <= days_of_month(month, year);
}

bool is_keypad_drawing(std::string_view digits) {
  return is_straight_lines(digits) || is_along_the_edge(digits) || is_the_corners(digits);
}

bool is_part_of_own_number(std::string_view digits, const PinOwnerNumbers& owner) {
  return is_part_of(digits, owner.number) || is_part_of(digits, owner.extension);
}

bool is_popular_choice(std::string_view digits) {
  constexpr std::string_view AllowedByName = "121989";  // the original's documentation sets it in an example
  return digits != AllowedByName && is_popular_pin(digits);
}

bool is_common_pattern(std::string_view digits, const PinOwnerNumbers& owner) {
  return is_one_digit_repeated(digits) || is_repeated_group(digits) || is_doubled_throughout(digits) ||
         has_run(digits) || is_palindrome_of_four(digits) || is_year(digits) || is_multiple_of_500(digits) ||
         is_date_of_six_digits(digits) || is_keypad_drawing(digits) || is_part_of_own_number(digits, owner) ||
         is_popular_choice(digits);
}

}  // namespace dialin
