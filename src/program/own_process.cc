// SPDX-License-Identifier: Apache-2.0
#include "program/own_process.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/account_names.h"
#include "base/process_identity.h"
#include "command/command_table.h"
#include "command/operator_files.h"
#include "program/command_run.h"
#include "shell/binder.h"
#include "shell/terminal_prompter.h"

namespace dialin {
namespace {

Operator this_operator() {
  Operator by;
  by.name = account_name(geteuid()).value_or(fmt::format("uid {}", geteuid()));
  char terminal[256] = {};
  const bool has_terminal = ttyname_r(STDERR_FILENO, terminal, sizeof terminal) == 0;
  by.origin =
      fmt::format("{} {} process {}", this_process().host, has_terminal ? terminal : "no terminal", getpid());
  return by;
}

int run(const Setup& setup, BoundParameters& bound, Streams& streams, Prompter& prompter) {
  PosixOperatorFiles files(streams);
  return run_handler(setup, {.by = this_operator(), .streams = streams, .prompter = prompter, .files = files},
                     bound);
}

}  // namespace

int run_in_own_process(BoundParameters& bound, Streams& streams) {
  TerminalPrompter prompter(streams);
  ask_for_missing(bound, prompter);
  const Setup setup = read_setup(bound.text("Config"), command_of(bound.spec()).despite_problems);
  return run(setup, bound, streams, prompter);
}

int run_apart_from_store(BoundParameters& bound, Streams& streams) {
  TerminalPrompter prompter(streams);
  ask_for_missing(bound, prompter);
  Setup setup;
  setup.settings.configuration = load_configuration(std::nullopt, {});
  setup.settings.configuration_place.reason = "built-in defaults: this command needs none";
  setup.settings.data_place.reason = "this command needs none";
  return run(setup, bound, streams, prompter);
}

}  // namespace dialin
