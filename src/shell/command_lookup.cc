// SPDX-License-Identifier: Apache-2.0
#include "shell/command_lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "shell/parameter_words.h"

namespace dialin {

namespace {

constexpr std::size_t LongestVerb = 3;  // words

// Lower case, with plain dashes: Set–CsClientPin as web pages write it.
std::string normalised_word(std::string_view word) {
  std::string result;
  for (std::size_t i = 0; i < word.size();) {
    if (word.substr(i, 3) == "\xE2\x80\x93" || word.substr(i, 3) == "\xE2\x80\x94" ||
        word.substr(i, 3) == "\xE2\x80\x95") {
      result += '-';
      i += 3;
    } else {
      result += word[i++];
    }
  }
  return to_lower_ascii(result);
}

const CommandSpec* find_cmdlet(const CommandTable& table, std::string_view name) {
  const std::string wanted = normalised_word(name);
  for (const CommandSpec* row : table) {
    if (!row->cmdlet.empty() && to_lower_ascii(row->cmdlet) == wanted) return row;
  }
  return nullptr;
}

// The row whose verb is the longest beginning of `words`; `used` becomes its number of words.
const CommandSpec* find_verb(const CommandTable& table, std::span<const std::string_view> words,
                             std::size_t& used) {
  for (std::size_t count = std::min(LongestVerb, words.size()); count > 0; --count) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < count; ++i) parts.push_back(normalised_word(words[i]));
    const std::string verb = join(parts, " ");
    for (const CommandSpec* row : table) {
      if (row->verb == verb) {
        used = count;
        return row;
      }
    }
  }
  return nullptr;
}

std::vector<std::string> verbs_of_group(const CommandTable& table, std::string_view first) {
  std::vector<std::string> verbs;
  for (const CommandSpec* row : table) {
    if (row->verb.starts_with(fmt::format("{} ", first))) verbs.push_back(row->verb);
  }
  return verbs;
}

[[noreturn]] void refuse(const CommandTable& table, std::span<const std::string_view> words) {
  const std::string first = normalised_word(words[0]);
  const std::vector<std::string> group = verbs_of_group(table, first);
  if (words.size() == 1 && !group.empty()) {
    throw Error(ErrorCode::InvalidInput, fmt::format("dialin {} is not a whole command.", first),
                fmt::format("It goes on as one of: {}.", join(group, ", ")));
  }
  std::vector<std::string> names;
  std::vector<std::string> long_names;
  for (const CommandSpec* row : table) {
    std::vector<std::string>& list = row->verb.find(' ') == std::string::npos ? names : long_names;
    list.push_back(row->verb);
    if (!row->cmdlet.empty()) names.push_back(row->cmdlet);
  }
  std::optional<std::string> meant;
  if (words.size() > 1) meant = did_you_mean(first + " " + normalised_word(words[1]), long_names);
  if (!meant) meant = did_you_mean(first, names);
  const std::string shown =
      group.empty() ? shown_word(words[0]) : shown_word(fmt::format("{} {}", first, words[1]));
  throw Error(ErrorCode::InvalidInput, fmt::format("There is no command {}.", shown),
              fmt::format("{}dialin help lists all commands.",
                          meant            ? fmt::format("Did you mean {}? ", *meant)
                          : !group.empty() ? fmt::format("There are: {}. ", join(group, ", "))
                                           : std::string()));
}

bool asks_for_help(std::string_view word) {
  const auto option = read_option_word(word);
  if (!option || option->value) return false;
  const std::string name = normalised_parameter_name(option->name);
  return name == "help" || name == "h" || name == "?";
}

bool ask_for_help(std::span<const std::string_view> words) {
  for (std::string_view word : words) {
    if (ends_options(word)) return false;
    if (asks_for_help(word)) return true;
  }
  return false;
}

bool is_option(std::string_view word, std::string_view name) {
  const auto option = read_option_word(word);
  return option && normalised_parameter_name(option->name) == name;
}

// Takes --config FILE and --verbose, which may stand before the verb, from the front of `words`.
std::vector<std::string_view> take_leading_options(std::vector<std::string_view>& words) {
  std::size_t count = 0;
  while (count < words.size()) {
    if (is_option(words[count], "verbose")) {
      count += 1;
    } else if (is_option(words[count], "config")) {
      count += read_option_word(words[count])->value ? 1 : 2;
    } else {
      break;
    }
  }
  count = std::min(count, words.size());
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<std::string_view> options(words.begin(), end);
  words.erase(words.begin(), end);
  return options;
}

FoundCommand found(const CommandSpec& row, Spelling spelling, std::span<const std::string_view> words,
                   const std::vector<std::string_view>& leading = {}) {
  FoundCommand result;
  result.what = ask_for_help(words) ? FoundCommand::What::CommandHelp : FoundCommand::What::Run;
  result.spec = &row;
  result.spelling = spelling;
  // Before the rest, so that neither a list nor `--` swallows them.
  result.words = leading;
  result.words.insert(result.words.end(), words.begin(), words.end());
  return result;
}

FoundCommand find_help(const CommandTable& table, std::span<const std::string_view> words) {
  FoundCommand result;
  if (words.empty()) return result;
  std::size_t used = 0;
  const CommandSpec* row = find_cmdlet(table, words[0]);
  result.spelling = row != nullptr ? Spelling::Cmdlet : Spelling::Native;
  if (row == nullptr) row = find_verb(table, words, used);
  if (row != nullptr) {
    result.what = FoundCommand::What::CommandHelp;
    result.spec = row;
    return result;
  }
  if (words.size() == 1 && !verbs_of_group(table, normalised_word(words[0])).empty()) {
    result.group = normalised_word(words[0]);
    return result;
  }
  refuse(table, words);
}

}  // namespace

FoundCommand find_command(const CommandTable& table, std::string_view program,
                          std::span<const std::string> arguments) {
  std::vector<std::string_view> words(arguments.begin(), arguments.end());
  if (const std::size_t slash = program.rfind('/'); slash != std::string_view::npos) {
    program.remove_prefix(slash + 1);
  }
  if (const CommandSpec* row = find_cmdlet(table, program)) return found(*row, Spelling::Cmdlet, words);

  const std::vector<std::string_view> leading = take_leading_options(words);
  if (words.empty()) return {};
  const std::string first = normalised_word(words[0]);
  const std::span<const std::string_view> rest = std::span(words).subspan(1);
  if (first == "help") return find_help(table, rest);
  if (asks_for_help(words[0])) return {};
  if (is_option(words[0], "version")) {
    FoundCommand result;
    result.what = FoundCommand::What::Version;
    return result;
  }
  if (const auto option = read_option_word(words[0])) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("dialin: {} stands where the name of a command is expected.",
                            shown_word(words[0].substr(0, words[0].find_first_of(":=")))),
                "Write the command first: dialin help lists all commands.");
  }
  if (const CommandSpec* row = find_cmdlet(table, first)) return found(*row, Spelling::Cmdlet, rest, leading);
  std::size_t used = 0;
  if (const CommandSpec* row = find_verb(table, words, used)) {
    return found(*row, Spelling::Native, std::span(words).subspan(used), leading);
  }
  if (!verbs_of_group(table, first).empty() && words.size() == 2 && asks_for_help(words[1])) {
    FoundCommand result;
    result.group = first;
    return result;
  }
  refuse(table, words);
}

}  // namespace dialin
