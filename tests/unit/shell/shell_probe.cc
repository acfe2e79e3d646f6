// SPDX-License-Identifier: Apache-2.0
// A program for the tests of what needs a process of its own: its arguments and its terminal.
//
//   arguments NAME WORDS...   overwrites secrets as main does, then prints /proc/self/cmdline with | for NUL
//   and
//                             the words it kept
//   ask-secret EXPECTED       prints "same" or "different"
//   ask-text, ask-yes-no      prints the answer
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "base/error.h"
#include "base/process_hardening.h"
#include "base/text.h"
#include "shell/command_line_words.h"
#include "shell/posix_streams.h"
#include "shell/terminal_prompter.h"
#include "support/sample_commands.h"

namespace {

std::string own_arguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  for (char& c : text) {
    if (c == '\0') c = '|';
  }
  return text;
}

void run(int argc, char** argv) {
  using namespace dialin;
  const std::string what = argv[1];
  PosixStreams streams(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, {});
  TerminalPrompter prompter(streams);
  if (what == "arguments") {
    const CommandLineWords words(argc - 2, argv + 2, test::sample_table());
    streams.write_output(own_arguments() + "\n" + join({words.words().begin(), words.words().end()}, "|") +
                         "\n");
  } else if (what == "ask-secret") {
    const Secret secret = prompter.ask_secret("Password of Admin", "Write -Credential Admin:@file.");
    streams.write_output(secret.same_as(Secret(argv[2])) ? "same\n" : "different\n");
  } else if (what == "ask-text") {
    streams.write_output(prompter.ask_text("From") + "\n");
  } else if (what == "ask-yes-no") {
    streams.write_output(prompter.ask_yes_no("Go on?") ? "yes\n" : "no\n");
  }
  streams.flush();
}

}  // namespace

int main(int argc, char** argv) {
  dialin::harden_process();
  try {
    run(argc, argv);
    return 0;
  } catch (const dialin::Error& error) {
    std::cerr << error.what() << " " << error.next() << "\n";
    return dialin::exit_code(error.code());
  }
}
