// SPDX-License-Identifier: Apache-2.0
#include "shell/binder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "shell/parameter_words.h"

namespace dialin {

namespace {

constexpr std::string_view ShellAteIt =
    "The shell replaces an unquoted $null, and any variable that has no value, by nothing.";

// PowerShell's own common parameters that have no meaning here, so that their absence can be explained.
constexpr std::array<std::string_view, 11> PowerShellOnly = {
    "debug",          "erroraction", "errorvariable",    "informationaction", "informationvariable",
    "outbuffer",      "outvariable", "pipelinevariable", "progressaction",    "warningaction",
    "warningvariable"};

std::string names_of(const BoundParameters& bound, const std::vector<const ParameterSpec*>& parameters) {
  std::vector<std::string> names;
  for (const ParameterSpec* parameter : parameters) names.push_back(bound.display_name(parameter->name));
  return join(names, ", ");
}

bool is_backtick(std::string_view word) {
  return trim(word) == "`";
}

class Binder {
 public:
  Binder(const CommandSpec& spec, std::span<const std::string_view> words, Spelling spelling)
      : parameters_(all_parameters(spec)), bound_(spec, spelling) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      check_encoding(words[i], i);
      if (is_backtick(words[i])) continue;
      words_.push_back(words[i]);
    }
    // A backtick goes on in the next line; behind the last word it is a remnant of pasting.
    if (!words_.empty() && words_.back().size() > 1 && trim(words_.back()).ends_with('`')) {
      words_.back() = trim(words_.back());
      words_.back().remove_suffix(1);
    }
  }

  BoundParameters run() {
    while (next_ < words_.size()) {
      const std::string_view word = words_[next_++];
      if (ends_options(word)) {
        bare_.insert(bare_.end(), words_.begin() + static_cast<std::ptrdiff_t>(next_), words_.end());
        break;
      }
      if (const auto option = read_option_word(word)) {
        bind_option(*option);
      } else {
        bare_.push_back(word);
      }
    }
    bind_bare_words();
    if (bound_.flag("Yes") && bound_.flag("Confirm")) {
      fail("-Confirm asks before anything is changed and --yes forbids to ask.", "Leave one of them out.");
    }
    return std::move(bound_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& next = {}) const {
    throw Error(ErrorCode::InvalidInput, fmt::format("{}: {}", bound_.display_command(), what), next);
  }

  std::string display(const ParameterSpec& parameter) const { return bound_.display_name(parameter.name); }

  void check_encoding(std::string_view word, std::size_t index) const {
    if (word.size() > MaximumValueSize) {
      fail(fmt::format("word {} after the command is longer than {} KiB.", index + 1,
                       MaximumValueSize / 1024));
    }
    if (word.find('\0') != std::string_view::npos) {
      fail(fmt::format("word {} after the command holds a NUL character.", index + 1));
    }
    if (!is_utf8(word)) fail(fmt::format("word {} after the command is not UTF-8.", index + 1));
  }

  bool at_value() const {
    return next_ < words_.size() && !ends_options(words_[next_]) && !read_option_word(words_[next_]);
  }

  void bind_option(const OptionWord& option) {
    const ParameterSpec& parameter = find(option);
    const bool repeated_list =
        parameter.kind == ParameterKind::List && option.native &&
        std::find(native_lists_.begin(), native_lists_.end(), &parameter) != native_lists_.end();
    if (bound_.given(parameter.name) && !repeated_list) {
      fail(fmt::format("{} is given twice.", display(parameter)), "Leave one of them out.");
    }
    if (parameter.kind == ParameterKind::Switch) {
      bind_switch(parameter, option.value);
    } else if (option.value) {
      bind_joined_value(parameter, *option.value);
    } else {
      bind_following_words(parameter, option.native);
    }
    if (parameter.kind == ParameterKind::List && option.native) native_lists_.push_back(&parameter);
  }

  const ParameterSpec& find(const OptionWord& option) const {
    ParameterMatch match = match_parameter(parameters_, option.name);
    if (match.parameter != nullptr) return *match.parameter;
    const std::string shown = shown_word(std::string(option.native ? "--" : "-") + std::string(option.name));
    if (!match.candidates.empty()) {
      fail(fmt::format("{} may mean {}.", shown, names_of(bound_, match.candidates)),
           "Write enough of the name to tell them apart.");
    }
    const std::string wanted = normalised_parameter_name(option.name);
    if (std::find(PowerShellOnly.begin(), PowerShellOnly.end(), wanted) != PowerShellOnly.end()) {
      fail(fmt::format("{} is PowerShell's own and does not exist here.", shown),
           "Look at the exit code instead: 0 means done.");
    }
    std::vector<std::string> names;
    for (const ParameterSpec* parameter : parameters_) {
      names.push_back(normalised_parameter_name(parameter->name));
      for (const std::string& alias : parameter->aliases) names.push_back(normalised_parameter_name(alias));
    }
    const auto meant = did_you_mean(wanted, names);
    const std::string help =
        fmt::format("dialin help {} lists all parameters.",
                    bound_.spec().verb.empty() ? bound_.spec().cmdlet : bound_.spec().verb);
    fail(fmt::format("there is no parameter {}.", shown),
         meant ? fmt::format("Did you mean {}? {}", display(*match_parameter(parameters_, *meant).parameter),
                             help)
               : help);
  }

  void bind_switch(const ParameterSpec& parameter, std::optional<std::string_view> value) {
    const std::string name = display(parameter);
    const std::string how =
        fmt::format("Write -{0}, -{0}:true, -{0}:false, or '-{0}:$false' in single quotes.", parameter.name);
    if (!value) {
      // PowerShell's `-Confirm $false` would mean the opposite of what it says.
      if (at_value() && read_truth_value(words_[next_]) && words_[next_] != "0" && words_[next_] != "1") {
        fail(fmt::format("{} is a switch and takes no word after it.", name), how);
      }
      bound_.set_flag(parameter.name, true);
      return;
    }
    if (value->empty()) {
      fail(fmt::format("{} has an empty value: the shell replaced $true or $false by nothing.", name), how);
    }
    const auto truth = read_truth_value(*value);
    if (!truth) fail(fmt::format("{} is a switch: true or false, not {}.", name, shown_word(*value)), how);
    bound_.set_flag(parameter.name, *truth);
  }

  void bind_joined_value(const ParameterSpec& parameter, std::string_view value) {
    if (value.empty() && !parameter.allow_empty) {
      fail(fmt::format("{} has an empty value.", display(parameter)),
           fmt::format("Write the value without a space before it. {}", ShellAteIt));
    }
    if (parameter.kind != ParameterKind::List) {
      set(parameter, value);
      return;
    }
    add_list_word(parameter, value);
    bind_after_commas(parameter, value);
    require_items(parameter);
  }

  void bind_following_words(const ParameterSpec& parameter, bool native) {
    if (!at_value()) {
      const std::string follows =
          next_ < words_.size() ? fmt::format("{} follows", shown_option(words_[next_])) : "nothing follows";
      fail(fmt::format("{} needs a value, but {}.", display(parameter), follows),
           fmt::format("{} A value that begins with a dash is written {}.", ShellAteIt,
                       native ? "--" + native_option_name(parameter.name) + "=-value"
                              : "-" + parameter.name + ":-value"));
    }
    const std::string_view first = words_[next_++];
    if (parameter.kind != ParameterKind::List) {
      set(parameter, first);
      return;
    }
    add_list_word(parameter, first);
    if (native) {
      bind_after_commas(parameter, first);
    } else {
      while (at_value()) add_list_word(parameter, words_[next_++]);
    }
    require_items(parameter);
  }

  // `a, b` and `a ,b` as PowerShell reads them: a comma at a word's edge joins it to its neighbour.
  void bind_after_commas(const ParameterSpec& parameter, std::string_view last) {
    while (at_value() && (trim(last).ends_with(',') || words_[next_].starts_with(','))) {
      last = words_[next_++];
      add_list_word(parameter, last);
    }
  }

  void bind_bare_words() {
    const auto order =
        bound_.spelling() == Spelling::Cmdlet ? &ParameterSpec::position : &ParameterSpec::operand;
    std::vector<const ParameterSpec*> places;
    for (const ParameterSpec* parameter : parameters_) {
      if (parameter->*order != 0 && !bound_.given(parameter->name)) places.push_back(parameter);
    }
    std::sort(places.begin(), places.end(),
              [&](const ParameterSpec* a, const ParameterSpec* b) { return a->*order < b->*order; });
    // From here on the bare words are all that is left to read, and none of them is an option.
    std::size_t next = 0;
    for (const ParameterSpec* parameter : places) {
      if (next == bare_.size()) return;
      guard(*parameter, bare_[next]);
      if (parameter->kind != ParameterKind::List) {
        set(*parameter, bare_[next++]);
        continue;
      }
      const bool takes_all = bound_.spelling() == Spelling::Native && parameter == places.back();
      std::string_view last = bare_[next];
      do {
        last = bare_[next++];
        add_list_word(*parameter, last);
      } while (next < bare_.size() &&
               (takes_all || trim(last).ends_with(',') || bare_[next].starts_with(',')));
      require_items(*parameter);
    }
    if (next < bare_.size()) refuse_bare_word(bare_[next]);
  }

  void guard(const ParameterSpec& parameter, std::string_view word) const {
    if (bound_.spelling() != Spelling::Cmdlet || parameter.guard_characters.empty()) return;
    if (word.find_first_of(parameter.guard_characters) == std::string_view::npos) return;
    const std::string meant = bound_.display_name(parameter.guard_meant);
    fail(fmt::format("{} stands where the value of {} is expected.", shown_word(word), display(parameter)),
         fmt::format("Did you mean {} {}?", meant, shown_word(word)));
  }

  [[noreturn]] void refuse_bare_word(std::string_view word) const {
    if (read_truth_value(word)) {
      fail(fmt::format("{} belongs to no parameter.", shown_word(word)),
           "A switch takes its value in the same word: -Confirm:false, or '-Confirm:$false' in single "
           "quotes.");
    }
    fail(fmt::format("{} belongs to no parameter.", shown_word(word)),
         "Write the name of its parameter before it; a value that holds spaces stands in quotes.");
  }

  // An option word as a message may show it: without its value.
  std::string shown_option(std::string_view word) const {
    const auto option = read_option_word(word);
    if (!option) return shown_word(word);
    const ParameterMatch match = match_parameter(parameters_, option->name);
    if (match.parameter != nullptr) return display(*match.parameter);
    return shown_word(std::string(option->native ? "--" : "-") + std::string(option->name));
  }

  void set(const ParameterSpec& parameter, std::string_view value) {
    try {
      bound_.set(parameter.name, value);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::InvalidInput) throw;
      fail(error.what(), error.next());
    }
  }

  void add_list_word(const ParameterSpec& parameter, std::string_view word) {
    bound_.add_to_list(parameter.name, word);
  }

  void require_items(const ParameterSpec& parameter) const {
    if (!bound_.list(parameter.name).empty() || parameter.allow_empty) return;
    fail(fmt::format("The value of {} is empty.", display(parameter)), std::string(ShellAteIt));
  }

  std::vector<const ParameterSpec*> parameters_;
  BoundParameters bound_;
  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
  std::vector<std::string_view> bare_;
  std::vector<const ParameterSpec*> native_lists_;
};

[[noreturn]] void throw_missing(const BoundParameters& bound,
                                const std::vector<const ParameterSpec*>& missing) {
  std::vector<std::string> lines;
  for (const ParameterSpec* parameter : missing)
    lines.push_back(fmt::format("{} ({})", bound.display_name(parameter->name), parameter->help));
  throw Error(ErrorCode::InvalidInput,
              fmt::format("{}: missing {}", bound.display_command(), join(lines, ", ")),
              "It is asked for only where standard input and standard error are both a terminal.");
}

std::string question_for(const ParameterSpec& parameter) {
  std::string help = parameter.help;
  if (help.ends_with('.')) help.pop_back();
  return fmt::format("{} ({})", parameter.name, help);
}

}  // namespace

BoundParameters bind_parameters(const CommandSpec& spec, std::span<const std::string_view> words,
                                Spelling spelling) {
  return Binder(spec, words, spelling).run();
}

void refuse_missing(const BoundParameters& bound) {
  const std::vector<const ParameterSpec*> missing = bound.missing();
  if (!missing.empty()) throw_missing(bound, missing);
}

void ask_for_missing(BoundParameters& bound, Prompter& prompter) {
  std::vector<std::string> names;
  for (const ParameterSpec* parameter : bound.missing()) names.push_back(parameter->name);
  ask_for(bound, names, prompter);
}

void ask_for(BoundParameters& bound, const std::vector<std::string>& names, Prompter& prompter) {
  std::vector<const ParameterSpec*> wanted;
  bool text_wanted = false;
  for (const ParameterSpec* parameter : all_parameters(bound.spec())) {
    if (std::find(names.begin(), names.end(), parameter->name) == names.end()) continue;
    if (bound.given(parameter->name)) continue;
    wanted.push_back(parameter);
    text_wanted = text_wanted || parameter->kind != ParameterKind::Secret;
  }
  if (text_wanted && !prompter.can_ask()) throw_missing(bound, wanted);
  for (const ParameterSpec* parameter : wanted) {
    if (parameter->kind == ParameterKind::Secret) {
      const std::string from_input =
          fmt::format("Write {} - and give it on standard input.", bound.display_name(parameter->name));
      bound.set_secret(parameter->name, prompter.ask_secret(question_for(*parameter), from_input));
    } else {
      bound.set(parameter->name, prompter.ask_text(question_for(*parameter)));
    }
  }
}

}  // namespace dialin
