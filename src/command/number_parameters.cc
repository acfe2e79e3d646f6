// SPDX-License-Identifier: Apache-2.0
#include "command/number_parameters.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "command/nullable_value.h"
#include "command/number_file.h"
#include "people/language_tag.h"
#include "people/names.h"
#include "people/sip_address.h"
#include "shell/filter_expression.h"
#include "shell/parameter_words.h"

namespace dialin {
namespace {

[[noreturn]] void refuse(const BoundParameters& bound, const char* parameter, std::string_view text,
                         const std::string& reason) {
  throw Error(ErrorCode::InvalidInput, fmt::format("{} \"{}\": {}", bound.display_name(parameter),
                                                   sanitize_foreign_text(text, 60), reason));
}

std::string free_text(const BoundParameters& bound, const char* parameter, const std::string& text) {
  const std::string problem = explain_bad_free_text(text);
  if (!problem.empty()) refuse(bound, parameter, text, problem);
  return std::string(trim(text));
}

std::string language(CommandContext& context, const BoundParameters& bound, const char* parameter,
                     const std::string& text) {
  const auto tag = parse_language_tag(text);
  if (!tag) refuse(bound, parameter, text, "it is no language tag like en-US or fr-FR");
  const auto& known = dial_in_languages();
  if (std::find(known.begin(), known.end(), *tag) == known.end())
    context.streams.write_error(fmt::format(
        "{} is not among the languages of Get-CsDialInConferencingLanguageList; it is taken as it is.\n",
        *tag));
  return *tag;
}

// An empty list if the only item takes the list away.
std::vector<std::string> items(const BoundParameters& bound, const char* parameter) {
  std::vector<std::string> list = bound.list(parameter);
  if (list.size() == 1 && is_null_value(list.front())) list.clear();
  std::vector<std::string> unique;
  for (std::string& item : list) {
    const bool known = std::any_of(unique.begin(), unique.end(), [&](const std::string& other) {
      return fold_case(other) == fold_case(item);
    });
    if (!known) unique.push_back(std::move(item));
  }
  return unique;
}

}  // namespace

const std::vector<std::string>& dial_in_languages() {
  static const std::vector<std::string> languages = {
      "ca-ES", "da-DK", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES",
      "es-MX", "fi-FI", "fr-CA", "fr-FR", "it-IT", "ja-JP", "ko-KR", "nb-NO", "nl-NL",
      "pl-PL", "pt-BR", "pt-PT", "ru-RU", "sv-SE", "zh-CN", "zh-HK", "zh-TW"};
  return languages;
}

std::vector<ParameterSpec> number_property_specs() {
  const auto text = [](const char* name, const char* value, const char* help, bool original) {
    return ParameterSpec{.name = name,
                         .kind = ParameterKind::Text,
                         .value_name = value,
                         .help = help,
                         .original = original,
                         .allow_empty = true};
  };
  return {
      text("DisplayNumber", "text", "The number as mails show it, written as you like: 1-800-555-1234.",
           true),
      text("DisplayName", "text", "What the number is called.", true),
      {.name = "LineUri",
       .kind = ParameterKind::Text,
       .value_name = "number",
       .help = "The number itself: tel:+18005551234. No two numbers have the same.",
       .original = true},
      {.name = "Regions",
       .kind = ParameterKind::List,
       .value_name = "region",
       .help = "The regions whose people are shown the number; several are separated by commas.",
       .original = true,
       .allow_empty = true},
      {.name = "PrimaryLanguage",
       .kind = ParameterKind::Text,
       .value_name = "tag",
       .help = "The language in which it answers: en-US.",
       .original = true,
       .suggestions = dial_in_languages(),
       .allow_empty = true},
      {.name = "SecondaryLanguages",
       .kind = ParameterKind::List,
       .value_name = "tag",
       .help = "Up to four more languages that a caller may choose.",
       .original = true,
       .suggestions = dial_in_languages(),
       .allow_empty = true},
      text("Site", "name", "Only people of this site are shown the number; null shows it to everybody.",
           false),
  };
}

AccessNumberChanges number_changes_from(CommandContext& context, const BoundParameters& bound) {
  AccessNumberChanges changes;
  if (const auto text = bound.text("LineUri")) {
    changes.line_uri = PhoneNumber::parse(*text);
    if (!changes.line_uri) refuse(bound, "LineUri", *text, explain_bad_phone_number(*text));
  }
  if (const auto text = bound.text("DisplayNumber"))
    changes.display_number = free_text(bound, "DisplayNumber", *text);
  if (const auto text = bound.text("DisplayName"))
    changes.display_name = free_text(bound, "DisplayName", *text);
  if (const auto text = bound.text("Site"))
    changes.site = is_null_value(*text) ? std::string() : free_text(bound, "Site", *text);
  if (const auto text = bound.text("PrimaryLanguage"))
    changes.primary_language = language(context, bound, "PrimaryLanguage", *text);
  if (bound.given("Regions")) {
    changes.regions.emplace();
    for (const std::string& region : items(bound, "Regions"))
      changes.regions->push_back(free_text(bound, "Regions", region));
  }
  if (bound.given("SecondaryLanguages")) {
    changes.secondary_languages.emplace();
    for (const std::string& tag : items(bound, "SecondaryLanguages"))
      changes.secondary_languages->push_back(language(context, bound, "SecondaryLanguages", tag));
    if (changes.secondary_languages->size() > MaximumSecondaryLanguages)
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{}: {} languages; at most {} stand beside the primary one",
                              bound.display_name("SecondaryLanguages"), changes.secondary_languages->size(),
                              MaximumSecondaryLanguages));
  }
  return changes;
}

ParameterSpec number_identity_spec() {
  return {.name = "Identity",
          .kind = ParameterKind::List,
          .value_name = "number",
          .help = "The primary URI (sip:...) or the line URI (tel:+...); several are separated by commas.",
          .original = true,
          .position = 1,
          .operand = 1};
}

ParameterSpec number_filter_spec() {
  return {.name = "Filter",
          .kind = ParameterKind::Text,
          .value_name = "comparison",
          .help = "Those of which it holds: 'LineUri -like \"tel:+1425*\"', with -eq, -ne, -like, -and, -or.",
          .original = true};
}

std::vector<AccessNumber> named_numbers(Store& store, const BoundParameters& bound) {
  std::vector<AccessNumber> all = store.numbers().of_region("");
  const std::vector<std::string> identities = bound.list("Identity");
  if (!identities.empty()) {
    std::vector<AccessNumber> named;
    for (const std::string& identity : identities) {
      const auto sip = SipAddress::parse(identity);
      const auto line = PhoneNumber::parse(identity);
      const auto found = std::find_if(all.begin(), all.end(), [&](const AccessNumber& number) {
        return (sip && !number.primary_uri.empty() && SipAddress::parse(number.primary_uri) == sip) ||
               (line && number.line_uri == *line);
      });
      if (found == all.end())
        throw Error(ErrorCode::NotFound,
                    fmt::format("there is no access number {}", sanitize_foreign_text(identity, 60)),
                    "Get-CsDialInConferencingAccessNumber lists those that there are.");
      named.push_back(*found);
    }
    all = std::move(named);
  }
  if (const auto text = bound.text("Filter")) {
    const FilterExpression filter = FilterExpression::parse(*text, number_columns());
    std::erase_if(all, [&](const AccessNumber& number) { return !filter.matches(object_of(number)); });
  }
  return all;
}

OutputObject object_of(const AccessNumber& number) {
  OutputObject object;
  object.text("PrimaryUri", number.primary_uri)
      .text("DisplayName", number.display_name)
      .text("DisplayNumber", number.display_number)
      .text("LineUri", number.line_uri.uri())
      .text("PrimaryLanguage", number.primary_language)
      .text("SecondaryLanguages", join(number.secondary_languages, "|"))
      .text("Regions", join(number.regions, "|"))
      .text("Site", number.site)
      .number("Priority", number.priority);
  return object;
}

const std::vector<std::string>& number_columns() {
  static const std::vector<std::string> columns = {
      "PrimaryUri",         "DisplayName", "DisplayNumber", "LineUri", "PrimaryLanguage",
      "SecondaryLanguages", "Regions",     "Site",          "Priority"};
  return columns;
}

}  // namespace dialin
