// SPDX-License-Identifier: Apache-2.0
// The program: finds the command, and has it run one of the two ways (doc/architecture.md).
#include <signal.h>
#include <unistd.h>

#include "admin/admin_listener.h"
#include "base/process_hardening.h"
#include "command/command_table.h"
#include "command/hidden_words.h"
#include "command/pin_parameter.h"
#include "program/admin_answer.h"
#include "program/error_line.h"
#include "program/installed_client.h"
#include "program/own_process.h"
#include "shell/binder.h"
#include "shell/command_line_words.h"
#include "shell/command_lookup.h"
#include "shell/help.h"
#include "shell/posix_streams.h"

extern char** environ;

namespace dialin {
namespace {

int run_command(const FoundCommand& found, const std::string& program, std::span<const std::string> words,
                Streams& streams) {
  BoundParameters bound = bind_parameters(*found.spec, found.words, found.spelling);
  if (bound.flag("Help")) {
    streams.write_output(render_help(*found.spec, streams.width()));
    return 0;
  }
  say_what_history_keeps(streams, bound);
  if (const auto installation = installation_of_another_account()) {
    return run_through_socket(*installation, bound, program, words, streams,
                              [&] { return run_apart_from_store(bound, streams); });
  }
  return run_in_own_process(bound, streams);
}

int run(int argc, char** argv, Streams& streams) {
  const CommandTable table = command_specs();
  const CommandLineWords words(argc, argv, table);
  if (answer_hidden_words(words.words(), DIALIN_VERSION, streams)) return 0;
  const FoundCommand found = find_command(table, argc > 0 ? argv[0] : "dialin", words.words());
  switch (found.what) {
    case FoundCommand::What::CommandHelp:
      streams.write_output(render_help(*found.spec, streams.width()));
      return 0;
    case FoundCommand::What::Overview:
      streams.write_output(render_overview(table, streams.width(), found.group));
      return 0;
    case FoundCommand::What::Version:
      streams.write_output("dialin " DIALIN_VERSION "\n");
      return 0;
    case FoundCommand::What::Run:
      return run_command(found, argc > 0 ? argv[0] : "dialin", words.words(), streams);
  }
  return exit_code(ErrorCode::Internal);
}

}  // namespace
}  // namespace dialin

int main(int argc, char** argv) {
  using namespace dialin;
  // A reader that went away, and a file that may not grow any more, are errors and no sudden death.
  for (int ignored : {SIGPIPE, SIGXFSZ}) signal(ignored, SIG_IGN);
  if (argc > 1 && std::string_view(argv[1]) == AdminConnectionOption)
    return answer_admin_connection(argc > 2 ? std::optional<std::string>(argv[2]) : std::nullopt);
  PosixStreams streams(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, operator_environment(environ));
  return exit_code_of(streams, [&] {
    harden_process();
    return run(argc, argv, streams);
  });
}
