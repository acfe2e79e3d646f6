// SPDX-License-Identifier: Apache-2.0
// The Prompter of a person at a terminal.
#pragma once

#include <string>

#include "shell/prompter.h"
#include "shell/streams.h"

namespace dialin {

class TerminalPrompter final : public Prompter {
 public:
  // `streams` outlives this. `terminal`: an open descriptor of the operator's terminal for secrets, which
  // stays the caller's (the installed way); -1 opens /dev/tty when it is needed.
  explicit TerminalPrompter(Streams& streams, int terminal = -1) : streams_(streams), terminal_(terminal) {}

  bool can_ask() const override;
  bool ask_yes_no(const std::string& question) override;
  std::string ask_text(const std::string& question) override;
  // While it asks, SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGTSTP first put the terminal's echo back and then
  // do what they did before. One secret is asked for at a time; other threads wait.
  Secret ask_secret(const std::string& question, const std::string& how_else) override;

 private:
  Streams& streams_;
  int terminal_;
};

}  // namespace dialin
