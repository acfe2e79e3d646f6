// SPDX-License-Identifier: Apache-2.0
// How single words of a command line are read: dashes, names, truth values, lists; and how they are shown.
//
// What the binder, the lookup and the overwriting of secrets must read alike. All functions are pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shell/command_spec.h"

namespace dialin {

// -Name, -Name:value, --name=value, -?
struct OptionWord {
  bool native = false;    // two dashes
  std::string_view name;  // without dashes and value
  std::optional<std::string_view> value;
};

// Nothing if `word` is a value or a bare word: no dash first, a dash and no letter, or white space before any
// ':'.
std::optional<OptionWord> read_option_word(std::string_view word);

// "--", also as typed by a web page.
bool ends_options(std::string_view word);

// A dash of any kind alone, which names standard input.
bool is_lone_dash(std::string_view word);

// Letters in lower case, dashes left out: what two spellings of one name have in common.
std::string normalised_parameter_name(std::string_view name);

struct ParameterMatch {
  const ParameterSpec* parameter = nullptr;           // the one that is meant
  std::vector<const ParameterSpec*> candidates = {};  // if `name` is ambiguous
};

// Exact, else a prefix among the original's, else among all. Neither if nothing matches.
ParameterMatch match_parameter(const std::vector<const ParameterSpec*>& parameters, std::string_view name);

// true, false, $true, $false, 1, 0 in any case.
std::optional<bool> read_truth_value(std::string_view text);

// Items of a list in one word; empty items left out.
std::vector<std::string> split_list(std::string_view word);

// `word` in quotes for a message: control characters removed, cut at 80 characters, and without what may be a
// PIN: a word of digits becomes "a number", four or more digits in the name of an option become "…".
std::string shown_word(std::string_view word);

}  // namespace dialin
