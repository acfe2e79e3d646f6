// SPDX-License-Identifier: Apache-2.0
#include "shell/filter_expression.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "shell/parameter_words.h"
#include "shell/value_text.h"

namespace dialin {
namespace {

struct Word {
  std::string text;
  bool quoted = false;
};

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::InvalidInput, fmt::format("-Filter: {}", what),
              "Write for example -Filter 'LineUri -like \"tel:+1425*\" -or Site -eq Redmond'.");
}

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\t') {
      ++i;
    } else if (text[i] == '"' || text[i] == '\'') {
      const std::size_t end = text.find(text[i], i + 1);
      if (end == std::string_view::npos) refuse("a quotation mark is not closed");
      words.push_back({std::string(text.substr(i + 1, end - i - 1)), true});
      i = end + 1;
    } else {
      const std::size_t end = std::min(text.find_first_of(" \t", i), text.size());
      words.push_back({std::string(text.substr(i, end - i)), false});
      i = end;
    }
  }
  return words;
}

std::string field_named(const std::string& name, const std::vector<std::string>& fields) {
  for (const std::string& field : fields) {
    if (equal_ignoring_case(field, name)) return field;
  }
  const auto meant = did_you_mean(name, fields);
  refuse(fmt::format("there is no property {}{}", shown_word(name),
                     meant ? fmt::format("; did you mean {}?", *meant) : std::string()));
}

}  // namespace

bool matches_wildcard(std::string_view text, std::string_view pattern) {
  const std::string folded_text = fold_case(text);
  const std::vector<std::string> parts = split(fold_case(pattern), '*');
  if (parts.size() == 1) return folded_text == parts[0];
  std::string_view rest = folded_text;
  if (!rest.starts_with(parts.front())) return false;
  rest.remove_prefix(parts.front().size());
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    const std::size_t at = rest.find(parts[i]);
    if (at == std::string_view::npos) return false;
    rest.remove_prefix(at + parts[i].size());
  }
  return rest.ends_with(parts.back());
}

FilterExpression FilterExpression::parse(std::string_view text, const std::vector<std::string>& fields) {
  text = trim(text);
  if (text.starts_with('{') && text.ends_with('}')) text = trim(text.substr(1, text.size() - 2));
  const std::vector<Word> words = words_of(text);
  FilterExpression expression;
  for (std::size_t i = 0; i < words.size() || i == 0; i += 3) {
    Term term;
    if (i > 0) {
      const std::string joint = to_lower_ascii(words[i++].text);
      if (joint != "-and" && joint != "-or")
        refuse(fmt::format("{} joins no comparisons", shown_word(joint)));
      term.joined_by_or = joint == "-or";
    }
    if (words.size() < i + 3) refuse("a comparison is a property, an operator and a value");
    term.field = field_named(words[i].text, fields);
    const std::string comparison = to_lower_ascii(words[i + 1].text);
    term.like = comparison == "-like" || comparison == "-notlike";
    term.negated = comparison == "-ne" || comparison == "-notlike";
    if (!term.like && !term.negated && comparison != "-eq")
      refuse(fmt::format("{} is none of -eq, -ne, -like, -notlike", shown_word(comparison)));
    const Word& value = words[i + 2];
    const bool nothing = !value.quoted && equal_ignoring_case(value.text, "$null");
    const auto truth = value.quoted ? std::nullopt : read_truth_value(value.text);
    term.value = nothing                                ? ""
                 : truth && value.text.starts_with('$') ? (*truth ? "True" : "False")
                                                        : value.text;
    expression.terms_.push_back(std::move(term));
  }
  return expression;
}

bool FilterExpression::matches(const OutputObject& object) const {
  bool result = true;
  for (const Term& term : terms_) {
    const OutputValue* value = object.find(term.field);
    const std::string text = value != nullptr ? value_for_people(*value, "") : std::string();
    const bool equal =
        term.like ? matches_wildcard(text, term.value) : fold_case(text) == fold_case(term.value);
    const bool holds = equal != term.negated;
    result = term.joined_by_or ? result || holds : result && holds;
  }
  return result;
}

}  // namespace dialin
