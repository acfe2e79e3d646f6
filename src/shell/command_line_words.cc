// SPDX-License-Identifier: Apache-2.0
#include "shell/command_line_words.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <string_view>

#include "base/secret.h"
#include "base/text.h"
#include "shell/command_lookup.h"
#include "shell/parameter_words.h"

namespace dialin {

namespace {

bool is_hidden(const ParameterSpec& parameter) {
  return parameter.kind == ParameterKind::Secret || parameter.hidden_in_arguments;
}

// Decides generously: what is hidden needlessly is lost to `ps` only.
class HiddenNames {
 public:
  explicit HiddenNames(const CommandTable& table) {
    for (const CommandSpec* row : table) {
      for (const ParameterSpec* parameter : all_parameters(*row)) {
        std::set<std::string>& names = is_hidden(*parameter) ? hidden_ : others_;
        names.insert(normalised_parameter_name(parameter->name));
        for (const std::string& alias : parameter->aliases) names.insert(normalised_parameter_name(alias));
      }
    }
  }

  bool may_mean(std::string_view written) const {
    const std::string name = normalised_parameter_name(written);
    if (hidden_.empty() || name.empty()) return false;
    for (const std::string& hidden : hidden_) {
      // -Pin12345, as some programs want it, is refused later but is a PIN all the same.
      if (hidden.starts_with(name) || name.starts_with(hidden)) return true;
    }
    if (others_.count(name) != 0) return false;
    return did_you_mean(name, {hidden_.begin(), hidden_.end()}).has_value();
  }

 private:
  std::set<std::string> hidden_;
  std::set<std::string> others_;
};

void overwrite(char* text) {
  const std::size_t size = std::strlen(text);
  if (size == 0) return;
  wipe(text, size);
  text[0] = '*';
}

bool takes_bare_secret(const CommandSpec& row) {
  return std::any_of(row.parameters.begin(), row.parameters.end(), [](const ParameterSpec& parameter) {
    return is_hidden(parameter) && (parameter.position != 0 || parameter.operand != 0);
  });
}

// The row that `program` and `words` name, if they name one.
const CommandSpec* named_row(const CommandTable& table, std::string_view program,
                             std::span<const std::string> words) {
  try {
    return find_command(table, program, words).spec;
  } catch (...) {
    return nullptr;  // said again, aloud, when the command is looked up in earnest
  }
}

void overwrite_words(int argc, char** argv, const CommandTable& table, std::span<const std::string> words) {
  const HiddenNames names(table);
  const CommandSpec* row = named_row(table, argv[0], words);
  const bool bare_words = row != nullptr && takes_bare_secret(*row);
  bool bare_only = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto option = bare_only ? std::nullopt : read_option_word(word);
    if (!option) {
      bare_only = bare_only || ends_options(word);
      if (bare_words) overwrite(argv[i]);
      continue;
    }
    if (!names.may_mean(option->name)) {
      // The value of another parameter is no bare word; whether there is one is for the binder to say.
      continue;
    }
    if (option->value) {
      overwrite(argv[i] + (option->value->data() - word.data()));
    } else if (normalised_parameter_name(option->name).find_first_of("0123456789") != std::string::npos) {
      overwrite(argv[i]);
    } else if (i + 1 < argc && !read_option_word(argv[i + 1])) {
      overwrite(argv[++i]);
    }
  }
}

}  // namespace

CommandLineWords::CommandLineWords(int argc, char** argv, const CommandTable& table) {
  // All room at once: a vector that grows leaves copies of short words behind in memory it has given back.
  words_.reserve(static_cast<std::size_t>(std::max(argc, 1)));
  for (int i = 1; i < argc; ++i) words_.emplace_back(argv[i]);
  if (argc > 0) overwrite_words(argc, argv, table, words_);
}

CommandLineWords::~CommandLineWords() {
  for (std::string& word : words_) wipe(word);
}

}  // namespace dialin
