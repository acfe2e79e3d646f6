// SPDX-License-Identifier: Apache-2.0
#include "shell/parameter_words.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace dialin {

namespace {

// '-', EN DASH, EM DASH, HORIZONTAL BAR.
constexpr std::array<std::string_view, 4> Dashes = {"-", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95"};

constexpr std::size_t ShownCharacters = 80;

// Length in octets of the dash that `text` begins with; 0 if it begins with none.
std::size_t dash_length(std::string_view text) {
  for (std::string_view dash : Dashes) {
    if (text.substr(0, dash.size()) == dash) return dash.size();
  }
  return 0;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// attribute=value, as each part of a distinguished name is.
bool is_attribute_with_value(std::string_view part) {
  part = trim(part);
  const std::size_t equals = part.find('=');
  if (equals == std::string_view::npos || equals == 0 || !is_letter(part[0])) return false;
  return std::all_of(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; });
}

bool is_distinguished_name(std::string_view word) {
  std::size_t start = 0;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    const bool separator = i == word.size() || (word[i] == ',' && (i == 0 || word[i - 1] != '\\'));
    if (!separator) continue;
    if (!is_attribute_with_value(word.substr(start, i - start))) return false;
    start = i + 1;
  }
  return true;
}

// "Kelly, Bob" -> Kelly, Bob; but "Kelly, Bob" <bob@contoso.com> keeps its quotes, which belong to the
// address.
std::string_view without_quotes(std::string_view item) {
  if (item.size() < 2 || item.front() != '"' || item.back() != '"') return item;
  const std::string_view inner = item.substr(1, item.size() - 2);
  return inner.find('"') == std::string_view::npos ? inner : item;
}

std::string without_long_numbers(std::string_view text) {
  std::string result;
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end - i >= 4) {
      result += "\xE2\x80\xA6";
      i = end;
    } else {
      end = std::max(end, i + 1);
      result += text.substr(i, end - i);
      i = end;
    }
  }
  return result;
}

}  // namespace

std::optional<OptionWord> read_option_word(std::string_view word) {
  std::size_t dashes = 0;
  while (const std::size_t length = dash_length(word)) {
    word.remove_prefix(length);
    ++dashes;
  }
  if (dashes == 0 || word.empty()) return std::nullopt;
  if (!is_letter(word[0]) && word != "?") return std::nullopt;
  OptionWord option;
  option.native = dashes > 1;
  const std::size_t end = std::min(word.find_first_of(":="), word.size());
  option.name = word.substr(0, end);
  if (std::any_of(option.name.begin(), option.name.end(), is_space)) return std::nullopt;
  if (end < word.size()) option.value = word.substr(end + 1);
  return option;
}

bool ends_options(std::string_view word) {
  const std::size_t first = dash_length(word);
  if (first == 0) return false;
  const std::string_view rest = word.substr(first);
  return !rest.empty() && dash_length(rest) == rest.size();
}

bool is_lone_dash(std::string_view word) {
  return !word.empty() && dash_length(word) == word.size();
}

std::string normalised_parameter_name(std::string_view name) {
  std::string result;
  while (!name.empty()) {
    if (const std::size_t length = dash_length(name)) {
      name.remove_prefix(length);
    } else {
      result += name.front();
      name.remove_prefix(1);
    }
  }
  return to_lower_ascii(result);
}

ParameterMatch match_parameter(const std::vector<const ParameterSpec*>& parameters, std::string_view name) {
  const std::string wanted = normalised_parameter_name(name);
  if (wanted.empty()) return {};
  std::vector<const ParameterSpec*> original;
  std::vector<const ParameterSpec*> all;
  for (const ParameterSpec* parameter : parameters) {
    const std::string own = normalised_parameter_name(parameter->name);
    bool begins = own.starts_with(wanted);
    if (own == wanted) return {parameter, {}};
    // Aliases are additions of ours: an original's parameter is meant by a prefix of its own name only.
    if (begins && parameter->original && !parameter->exact_only) original.push_back(parameter);
    for (const std::string& alias : parameter->aliases) {
      const std::string other = normalised_parameter_name(alias);
      if (other == wanted) return {parameter, {}};
      begins = begins || other.starts_with(wanted);
    }
    if (begins && !parameter->exact_only) all.push_back(parameter);
  }
  if (original.size() == 1) return {original.front(), {}};
  if (all.size() == 1) return {all.front(), {}};
  return {nullptr, all};
}

std::optional<bool> read_truth_value(std::string_view text) {
  if (text.starts_with('$')) text.remove_prefix(1);
  if (equal_ignoring_case(text, "true") || text == "1") return true;
  if (equal_ignoring_case(text, "false") || text == "0") return false;
  return std::nullopt;
}

std::vector<std::string> split_list(std::string_view word) {
  if (is_distinguished_name(word)) return {std::string(trim(word))};
  std::vector<std::string> items;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    if (i < word.size() && word[i] == '"') quoted = !quoted;
    if (i < word.size() && (word[i] != ',' || quoted)) continue;
    const std::string_view item = without_quotes(trim(word.substr(start, i - start)));
    if (!item.empty()) items.emplace_back(item);
    start = i + 1;
  }
  return items;
}

std::string shown_word(std::string_view word) {
  const auto digits = std::count_if(word.begin(), word.end(), is_digit);
  const bool letters =
      std::any_of(word.begin(), word.end(), [](char c) { return is_letter(c) || (c & 0x80) != 0; });
  if (digits >= 4 && !letters) return "a number";
  std::string text = sanitize_foreign_text(word, ShownCharacters);
  if (dash_length(word) != 0) text = without_long_numbers(text);
  if (length_in_characters(word) > ShownCharacters) text += "\xE2\x80\xA6";
  return '"' + text + '"';
}

}  // namespace dialin
