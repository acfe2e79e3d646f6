// SPDX-License-Identifier: Apache-2.0
// What a word of a command line that is being typed may become: the program answers, so that bash and zsh
// know what the table knows, and no list of their own can grow old (share/completions/).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shell/command_spec.h"

namespace dialin {

struct Candidate {
  std::string text;  // the whole word
  std::string says;  // what it means, for shells that show it; may be empty
};

struct Completion {
  std::vector<Candidate> candidates = {};
  bool files = false;  // the name of a file or folder may stand here
};

// `program` is what was typed for the program, `words` what follows it, the last one the word that is being
// typed, as far as it goes. Letters count without case. Never throws for what was typed: nothing is offered
// then.
Completion complete_word(const CommandTable& table, std::string_view program,
                         std::span<const std::string> words);

// For the shells' scripts: a candidate a line, what it says behind a tab; a line "\tfiles" for files.
std::string render_completion(const Completion& completion);

}  // namespace dialin
