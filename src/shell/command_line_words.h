// SPDX-License-Identifier: Apache-2.0
// The words of the command line, taken out of the process's arguments before anybody can look at them there.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "shell/command_spec.h"

namespace dialin {

// Copies of argv[1..], wiped when this ends. While it lives, views of it (FoundCommand) are valid.
class CommandLineWords {
 public:
  // Copies the words and at once overwrites in `argv` every value that may belong to a Secret (or another
  // parameter hidden in arguments) of any row, in every spelling: -Pin 12345, -P 12345, -Pin:12345,
  // --pin=12345, a misspelt -Pni 12345, and all bare words of a row that takes a secret as one. What is
  // overwritten needlessly (-P 25, a port) is lost to `ps` only. `argv` must be the process's own for this to
  // help; its strings must be writable.
  CommandLineWords(int argc, char** argv, const CommandTable& table);
  // For tests and for words that came another way.
  explicit CommandLineWords(std::vector<std::string> words) : words_(std::move(words)) {}
  ~CommandLineWords();
  CommandLineWords(CommandLineWords&&) = default;
  CommandLineWords& operator=(CommandLineWords&&) = delete;
  CommandLineWords(const CommandLineWords&) = delete;
  CommandLineWords& operator=(const CommandLineWords&) = delete;

  std::span<const std::string> words() const { return words_; }

 private:
  std::vector<std::string> words_;
};

}  // namespace dialin
