// SPDX-License-Identifier: Apache-2.0
#include "shell/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "shell/command_lookup.h"
#include "shell/parameter_words.h"

namespace dialin {
namespace {

bool begins(std::string_view text, std::string_view beginning) {
  return text.size() >= beginning.size() && equal_ignoring_case(text.substr(0, beginning.size()), beginning);
}

// The next word of each verb that begins with `before` (whole words), and names of cmdlets where none is
// before.
void add_commands(const CommandTable& table, const std::string& before, std::string_view typed,
                  Completion& completion) {
  std::set<std::string> seen;
  const auto add = [&](const std::string& word, const std::string& says) {
    if (begins(word, typed) && seen.insert(word).second) completion.candidates.push_back({word, says});
  };
  for (const CommandSpec* row : table) {
    if (!row->verb.starts_with(before)) continue;
    const std::string rest = row->verb.substr(before.size());
    const std::size_t end = rest.find(' ');
    add(rest.substr(0, end), end == std::string::npos ? row->summary : std::string());
  }
  if (!before.empty()) return;
  for (const CommandSpec* row : table) {
    if (!row->cmdlet.empty()) add(row->cmdlet, row->summary);
  }
}

std::string joined_verb(std::span<const std::string> words) {
  std::string verb;
  for (const std::string& word : words) verb += to_lower_ascii(word) + " ";
  return verb;
}

// The words before the one that is typed, as the binder would take them.
struct BoundSoFar {
  std::set<const ParameterSpec*> given;
  const ParameterSpec* awaits_value = nullptr;  // the word is its value
  bool options_ended = false;
  int bare_words = 0;
};

class ParameterCompletion {
 public:
  ParameterCompletion(const CommandSpec& spec, Spelling spelling)
      : parameters_(all_parameters(spec)), spelling_(spelling) {}

  Completion complete(std::span<const std::string_view> before, std::string_view typed) {
    const BoundSoFar so_far = bind(before);
    Completion completion;
    if (so_far.awaits_value != nullptr) {
      add_values(*so_far.awaits_value, typed, "", completion);
      return completion;
    }
    const bool dashes = !so_far.options_ended && (typed.starts_with('-') || read_option_word(typed));
    if (dashes) {
      complete_option(so_far, typed, completion);
      return completion;
    }
    const ParameterSpec* const bare = bare_parameter(so_far);
    if (bare != nullptr) add_values(*bare, typed, "", completion);
    if (completion.candidates.empty() && !completion.files && typed.empty() && !so_far.options_ended)
      add_names(so_far, typed, spelling_ == Spelling::Native, completion);
    return completion;
  }

 private:
  BoundSoFar bind(std::span<const std::string_view> words) const {
    BoundSoFar so_far;
    for (const std::string_view word : words) {
      if (so_far.awaits_value != nullptr) {
        so_far.awaits_value = nullptr;
        continue;
      }
      const auto option = so_far.options_ended ? std::nullopt : read_option_word(word);
      if (option) {
        const ParameterSpec* const meant = match_parameter(parameters_, option->name).parameter;
        if (meant == nullptr) continue;
        so_far.given.insert(meant);
        if (meant->kind != ParameterKind::Switch && !option->value) so_far.awaits_value = meant;
      } else if (!so_far.options_ended && ends_options(word)) {
        so_far.options_ended = true;
      } else {
        ++so_far.bare_words;
      }
    }
    return so_far;
  }

  // The one that a bare word here is for.
  const ParameterSpec* bare_parameter(const BoundSoFar& so_far) const {
    const auto order = spelling_ == Spelling::Native ? &ParameterSpec::operand : &ParameterSpec::position;
    std::vector<const ParameterSpec*> places;
    for (const ParameterSpec* parameter : parameters_) {
      if (parameter->*order != 0 && so_far.given.count(parameter) == 0) places.push_back(parameter);
    }
    std::sort(places.begin(), places.end(),
              [&](const ParameterSpec* a, const ParameterSpec* b) { return a->*order < b->*order; });
    const auto next = static_cast<std::size_t>(so_far.bare_words);
    if (next < places.size()) return places[next];
    const bool takes_all = !places.empty() && places.back()->kind == ParameterKind::List;
    return takes_all ? places.back() : nullptr;
  }

  void complete_option(const BoundSoFar& so_far, std::string_view typed, Completion& completion) const {
    const auto option = read_option_word(typed);
    if (option && option->value) {
      const ParameterSpec* const meant = match_parameter(parameters_, option->name).parameter;
      if (meant != nullptr)
        add_values(*meant, *option->value, typed.substr(0, typed.size() - option->value->size()), completion);
      return;
    }
    const bool native = typed.starts_with("--") || (typed == "-" && spelling_ == Spelling::Native);
    add_names(so_far, typed, native, completion);
  }

  void add_names(const BoundSoFar& so_far, std::string_view typed, bool native,
                 Completion& completion) const {
    for (const ParameterSpec* parameter : parameters_) {
      const bool again = native && parameter->kind == ParameterKind::List;
      if (so_far.given.count(parameter) != 0 && !again) continue;
      const std::string name = native ? "--" + native_option_name(parameter->name) : "-" + parameter->name;
      if (typed.empty() || typed == "-" || begins(name, typed))
        completion.candidates.push_back({name, parameter->help});
    }
  }

  // `before` stands in front of the value in the same word.
  static void add_values(const ParameterSpec& parameter, std::string_view typed, std::string_view before,
                         Completion& completion) {
    std::vector<std::string> values =
        parameter.kind == ParameterKind::Choice ? parameter.choices : parameter.suggestions;
    if (parameter.kind == ParameterKind::Switch) values = {"true", "false"};
    std::string kept(before);
    // Of a list the last one is being typed.
    if (parameter.kind == ParameterKind::List) {
      const std::size_t comma = typed.rfind(',');
      const std::size_t end = comma == std::string_view::npos ? 0 : comma + 1;
      kept += typed.substr(0, end);
      typed.remove_prefix(end);
    }
    for (const std::string& value : values) {
      if (begins(value, typed)) completion.candidates.push_back({kept + value, {}});
    }
    completion.files = parameter.kind == ParameterKind::Path;
  }

  std::vector<const ParameterSpec*> parameters_;
  Spelling spelling_;
};

// The command that the words before name; nothing: none is whole yet.
std::optional<FoundCommand> command_before(const CommandTable& table, std::string_view program,
                                           std::span<const std::string> before) {
  try {
    FoundCommand found = find_command(table, program, before);
    return found.spec != nullptr ? std::optional(std::move(found)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// --config FILE and --verbose may stand before the command.
std::span<const std::string> without_leading_options(std::span<const std::string> words) {
  for (;;) {
    const auto option = words.empty() ? std::nullopt : read_option_word(words[0]);
    const std::string name = option ? normalised_parameter_name(option->name) : std::string();
    const std::size_t taken = name == "verbose" ? 1 : name != "config" ? 0 : option->value ? 1 : 2;
    if (taken == 0) return words;
    words = words.subspan(std::min(taken, words.size()));
  }
}

}  // namespace

Completion complete_word(const CommandTable& table, std::string_view program,
                         std::span<const std::string> words) {
  Completion completion;
  if (words.empty()) return completion;
  const std::string& typed = words.back();
  const std::span<const std::string> all_before = words.first(words.size() - 1);
  const std::span<const std::string> before = without_leading_options(all_before);
  if (before.empty() && !all_before.empty() && !all_before.back().empty()) {
    const auto last = read_option_word(all_before.back());
    if (last && !last->value && normalised_parameter_name(last->name) == "config") {
      completion.files = true;
      return completion;
    }
  }
  if (!before.empty() && equal_ignoring_case(before[0], "help")) {
    add_commands(table, joined_verb(before.subspan(1)), typed, completion);
    return completion;
  }
  if (const auto found = command_before(table, program, before))
    return ParameterCompletion(*found->spec, found->spelling).complete(found->words, typed);
  if (before.empty()) {
    for (const char* word : {"help", "--help", "--version"}) {
      if (begins(word, typed) && (typed.starts_with('-') || word[0] != '-'))
        completion.candidates.push_back({word, {}});
    }
  }
  add_commands(table, joined_verb(before), typed, completion);
  return completion;
}

std::string render_completion(const Completion& completion) {
  std::string text;
  for (const Candidate& candidate : completion.candidates)
    text += fmt::format("{}\t{}\n", candidate.text, candidate.says);
  return completion.files ? text + "\tfiles\n" : text;
}

}  // namespace dialin
