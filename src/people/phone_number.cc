// SPDX-License-Identifier: Apache-2.0
#include "people/phone_number.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t kFewestDigits = 3;
constexpr std::size_t kMostDigits = 15;  // E.164; for an extension our own limit
constexpr std::size_t kLongestText = 128;

struct Result {
  std::string digits;
  std::string extension;
  std::string problem;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The digits of `text` without separators; nothing if anything else stands in it.
std::optional<std::string> digits_of(std::string_view text) {
  std::string digits;
  for (char c : text) {
    if (is_digit(c)) {
      digits += c;
    } else if (std::string_view("-.() ").find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  return digits;
}

Result refused(std::string problem) {
  return {{}, {}, std::move(problem)};
}

Result read(std::string_view text) {
  if (text.size() > kLongestText) return refused("it is longer than 128 octets");
  text = trim(text);
  if (text.empty()) return refused("it is empty");
  if (is_scientific_notation(text)) {
    return refused(
        "a spreadsheet has shortened it and its digits are lost; format the column as text and write tel:+ "
        "and the "
        "whole number");
  }
  if (text.size() >= 4 && equal_ignoring_case(text.substr(0, 4), "tel:")) text = trim(text.substr(4));
  const std::size_t semicolon = text.find(';');
  const std::string_view number = text.substr(0, semicolon);
  if (!number.starts_with('+')) {
    const std::optional<std::string> digits = digits_of(number);
    if (digits && digits->size() >= kFewestDigits) {
      return refused(
          fmt::format("the + and country code are missing (spreadsheets remove the +); write tel:+{} if that "
                      "begins with the country code",
                      *digits));
    }
    return refused("it is no number like tel:+14255551297 or tel:+14255551297;ext=51297");
  }
  const std::optional<std::string> digits = digits_of(number.substr(1));
  if (!digits) return refused("something else than digits and the separators - . ( ) follows the +");
  if (digits->size() < kFewestDigits || digits->size() > kMostDigits) {
    return refused(fmt::format("it has {} digit{}; a number has 3 to 15, country code included",
                               digits->size(), digits->size() == 1 ? "" : "s"));
  }
  if (digits->front() == '0') return refused("a country code does not begin with 0");
  if (semicolon == std::string_view::npos) return {*digits, {}, {}};
  const std::string_view parameter = text.substr(semicolon + 1);
  if (parameter.size() < 4 || !equal_ignoring_case(parameter.substr(0, 4), "ext=")) {
    return refused("only ;ext= and the extension may follow the number");
  }
  const std::optional<std::string> extension = digits_of(parameter.substr(4));
  if (!extension || extension->empty() || extension->size() > kMostDigits) {
    return refused("the extension is not 1 to 15 digits");
  }
  return {*digits, *extension, {}};
}

}  // namespace

std::optional<PhoneNumber> PhoneNumber::parse(std::string_view text) {
  Result result = read(text);
  if (!result.problem.empty()) return std::nullopt;
  return PhoneNumber(std::move(result.digits), std::move(result.extension));
}

std::string PhoneNumber::uri() const {
  return extension_.empty() ? fmt::format("tel:+{}", digits_)
                            : fmt::format("tel:+{};ext={}", digits_, extension_);
}

std::string PhoneNumber::display() const {
  return extension_.empty() ? fmt::format("+{}", digits_) : fmt::format("+{} ext. {}", digits_, extension_);
}

std::string explain_bad_phone_number(std::string_view text) {
  return read(text).problem;
}

bool is_scientific_notation(std::string_view text) {
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent == std::string_view::npos || exponent == 0 || !is_digit(text.front())) return false;
  bool separator = false;
  for (char c : text.substr(0, exponent)) {
    if (is_digit(c)) continue;
    if ((c != '.' && c != ',') || separator) return false;
    separator = true;
  }
  std::string_view power = text.substr(exponent + 1);
  if (power.starts_with('+') || power.starts_with('-')) power.remove_prefix(1);
  return !power.empty() && power.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace dialin
