// SPDX-License-Identifier: Apache-2.0
#include "shell/command_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "shell/parameter_words.h"

namespace dialin {

namespace {

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

void check_order(const CommandSpec& row, const std::string& title, int ParameterSpec::*order,
                 std::string_view word, std::vector<std::string>& problems) {
  std::vector<int> numbers;
  for (const ParameterSpec& parameter : row.parameters) {
    if (parameter.*order != 0) numbers.push_back(parameter.*order);
    if (parameter.*order != 0 && parameter.kind == ParameterKind::Switch) {
      problems.push_back(fmt::format("{}: the switch {} has a {}", title, parameter.name, word));
    }
  }
  std::sort(numbers.begin(), numbers.end());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<int>(i) + 1) {
      problems.push_back(fmt::format("{}: the {}s are not 1, 2, 3 ...", title, word));
      return;
    }
  }
}

void check_row(const CommandSpec& row, std::vector<std::string>& problems) {
  const std::string title = row.verb.empty() ? row.cmdlet : row.verb;
  if (row.verb.empty()) problems.push_back(fmt::format("{}: no verb", row.cmdlet));
  if (row.verb != to_lower_ascii(row.verb))
    problems.push_back(fmt::format("{}: capitals in the verb", title));
  if (row.summary.empty()) problems.push_back(fmt::format("{}: no summary", title));
  if (row.group.empty()) problems.push_back(fmt::format("{}: no group", title));

  std::set<std::string> names;
  for (const ParameterSpec* parameter : all_parameters(row)) {
    std::vector<std::string> own = parameter->aliases;
    own.push_back(parameter->name);
    for (const std::string& name : own) {
      if (!names.insert(normalised_parameter_name(name)).second) {
        problems.push_back(fmt::format("{}: {} means two parameters", title, name));
      }
    }
    if (parameter->help.empty()) {
      problems.push_back(fmt::format("{}: {} has no help", title, parameter->name));
    }
    if ((parameter->kind == ParameterKind::Choice) == parameter->choices.empty()) {
      problems.push_back(
          fmt::format("{}: {}: choices belong to a Choice, and to it alone", title, parameter->name));
    }
  }
  for (const ParameterSpec& parameter : row.parameters) {
    if (parameter.guard_characters.empty()) continue;
    if (names.count(normalised_parameter_name(parameter.guard_meant)) == 0) {
      problems.push_back(fmt::format("{}: the guard of {} means {}, which is no parameter", title,
                                     parameter.name, parameter.guard_meant));
    }
  }
  const bool names_one =
      std::any_of(row.parameters.begin(), row.parameters.end(), [](const ParameterSpec& parameter) {
        return parameter.names_people && parameter.help_desk &&
               (parameter.kind == ParameterKind::Text || parameter.kind == ParameterKind::List);
      });
  if (row.help_desk && !names_one)
    problems.push_back(fmt::format("{}: the help desk has no parameter that names the person", title));
  check_order(row, title, &ParameterSpec::position, "position", problems);
  check_order(row, title, &ParameterSpec::operand, "operand", problems);
}

std::vector<ParameterSpec> make_common_parameters() {
  return {
      {.name = "WhatIf",
       .kind = ParameterKind::Switch,
       .help = "Says what would be done, and does nothing.",
       .aliases = {"wi"},
       .help_desk = true},
      {.name = "Confirm",
       .kind = ParameterKind::Switch,
       .help = "Asks before anything is changed; -Confirm:false answers every question with yes.",
       .aliases = {"cf"},
       .help_desk = true},
      {.name = "Verbose",
       .kind = ParameterKind::Switch,
       .help = "Also says which configuration, store and key are in use, and why.",
       .aliases = {"vb"},
       .help_desk = true},
      {.name = "Output",
       .kind = ParameterKind::Choice,
       .value_name = "format",
       .help = "How the result is written; without it a list for one object and a table for several.",
       .choices = {"table", "list", "json", "csv"},
       .help_desk = true},
      {.name = "Yes",
       .kind = ParameterKind::Switch,
       .help = "Answers every question with yes.",
       .exact_only = true,
       .help_desk = true},
      {.name = "Config",
       .kind = ParameterKind::Path,
       .value_name = "file",
       .help = "The configuration file to use.",
       .exact_only = true},
      {.name = "Help",
       .kind = ParameterKind::Switch,
       .help = "Prints this help.",
       .aliases = {"?", "h"},
       .help_desk = true},
  };
}

}  // namespace

const std::vector<ParameterSpec>& common_parameters() {
  static const std::vector<ParameterSpec> parameters = make_common_parameters();
  return parameters;
}

std::vector<const ParameterSpec*> all_parameters(const CommandSpec& spec) {
  std::vector<const ParameterSpec*> all;
  for (const ParameterSpec& parameter : spec.parameters) all.push_back(&parameter);
  for (const ParameterSpec& common : common_parameters()) {
    const bool replaced =
        std::any_of(spec.parameters.begin(), spec.parameters.end(),
                    [&](const ParameterSpec& own) { return equal_ignoring_case(own.name, common.name); });
    if (!replaced) all.push_back(&common);
  }
  return all;
}

std::string native_option_name(std::string_view parameter_name) {
  std::string name;
  for (std::size_t i = 0; i < parameter_name.size(); ++i) {
    const char c = parameter_name[i];
    if (i > 0 && is_upper(c)) {
      const char before = parameter_name[i - 1];
      const bool word_follows = i + 1 < parameter_name.size() && is_lower_or_digit(parameter_name[i + 1]);
      if (is_lower_or_digit(before) || (is_upper(before) && word_follows)) name += '-';
    }
    name += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return name;
}

std::vector<std::string> problems_of_table(const CommandTable& table) {
  std::vector<std::string> problems;
  std::set<std::string> names;
  for (const CommandSpec* row : table) {
    check_row(*row, problems);
    for (const std::string& name : {to_lower_ascii(row->cmdlet), row->verb}) {
      if (!name.empty() && !names.insert(name).second) {
        problems.push_back(fmt::format("{} names two commands", name));
      }
    }
  }
  return problems;
}

}  // namespace dialin
