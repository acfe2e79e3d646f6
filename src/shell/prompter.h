// SPDX-License-Identifier: Apache-2.0
// Questions to the operator: a port, because a test answers differently from a terminal.
//
// Questions are asked only if standard input and standard error are both terminals (can_ask), so that a loop
// `while read u; do dialin welcome "$u"; done < users` never loses a line of its list to a question. A secret
// is asked for on the terminal of the process itself (/dev/tty), which standard input does not have to be.
#pragma once

#include <string>

#include "base/secret.h"
#include "shell/streams.h"

namespace dialin {

class Prompter {
 public:
  virtual ~Prompter() = default;

  // Whether ask_yes_no and ask_text may be called.
  virtual bool can_ask() const = 0;

  // `question` without "[y/N]". Anything but y, yes (in any case) is no, and so is the end of input.
  // Error(InvalidInput) if questions cannot be asked.
  virtual bool ask_yes_no(const std::string& question) = 0;

  // One line without its end, trimmed; never empty. Error(InvalidInput) if questions cannot be asked or no
  // answer was given.
  virtual std::string ask_text(const std::string& question) = 0;

  // A password or PIN, without echo, at most 1,024 octets. Without a terminal: Error(Configuration), whose
  // next step is `how_else` ("Write -Credential user:@file, ..."). Error(Interrupted) after Ctrl-C where the
  // process lives on.
  virtual Secret ask_secret(const std::string& question, const std::string& how_else) = 0;
};

// What `-Pin -` means: where standard input is a terminal the secret is asked for there, unechoed; else it is
// the next line of standard input.
Secret read_named_secret(Streams& streams, Prompter& prompter, const std::string& question);

}  // namespace dialin
