// SPDX-License-Identifier: Apache-2.0
#include "shell/prompter.h"

namespace dialin {

Secret read_named_secret(Streams& streams, Prompter& prompter, const std::string& question) {
  if (streams.is_terminal(Streams::Stream::Input)) {
    return prompter.ask_secret(question, "Give it on standard input.");
  }
  return streams.read_secret_line();
}

}  // namespace dialin
