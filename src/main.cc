// SPDX-License-Identifier: Apache-2.0
// The program: makes the concrete parts, finds the command, runs its handler, and turns an error into a line
// and an exit code. The only file that names concrete stores, transports and terminals.
#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/checkpoint.h"
#include "base/error.h"
#include "base/journal.h"
#include "base/process_hardening.h"
#include "base/process_identity.h"
#include "base/text.h"
#include "command/command_table.h"
#include "command/operator_files.h"
#include "command/pin_parameter.h"
#include "config/configuration.h"
#include "config/places.h"
#include "mail/smtp/smtp_transport.h"
#include "shell/binder.h"
#include "shell/command_line_words.h"
#include "shell/command_lookup.h"
#include "shell/help.h"
#include "shell/posix_streams.h"
#include "shell/terminal_prompter.h"
#include "store/store.h"

extern char** environ;

namespace dialin {
namespace {

volatile sig_atomic_t interruptions = 0;

// The first Ctrl-C lets what is in flight finish; the second ends at once.
void note_interruption(int signal) {
  interruptions = interruptions + 1;
  if (interruptions > 1) {
    ::signal(signal, SIG_DFL);
    raise(signal);
  }
}

void finish_on_interruption() {
  struct sigaction action {};
  action.sa_handler = note_interruption;
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

// Ends early when the operator interrupts. A signal that comes between the look and the sleep costs one
// slice.
void wait_interruptibly(std::chrono::milliseconds duration) {
  constexpr std::chrono::milliseconds slice{100};
  const auto end = std::chrono::steady_clock::now() + duration;
  while (interruptions == 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    const auto now = std::min(left, slice);
    timespec time{0, static_cast<long>(now.count()) * 1000000};
    nanosleep(&time, nullptr);
  }
}

std::map<std::string, std::string> environment_map() {
  std::map<std::string, std::string> map;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) map.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return map;
}

Operator this_operator() {
  Operator by;
  const passwd* account = getpwuid(geteuid());
  by.name = account != nullptr ? account->pw_name : fmt::format("uid {}", geteuid());
  char terminal[256] = {};
  const bool has_terminal = ttyname_r(STDERR_FILENO, terminal, sizeof terminal) == 0;
  by.origin =
      fmt::format("{} {} process {}", this_process().host, has_terminal ? terminal : "no terminal", getpid());
  return by;
}

// DIALIN_SMTP_PASSWORD, or the credential that the service manager hands over in a file.
std::shared_ptr<const Secret> password_from(std::map<std::string, std::string>& environment) {
  if (auto found = environment.find("DIALIN_SMTP_PASSWORD");
      found != environment.end() && !found->second.empty()) {
    auto password = std::make_shared<const Secret>(found->second);
    wipe(found->second);
    if (char* value = getenv("DIALIN_SMTP_PASSWORD")) wipe(value, std::strlen(value));
    return password;
  }
  if (auto directory = environment.find("CREDENTIALS_DIRECTORY"); directory != environment.end()) {
    const std::filesystem::path file = std::filesystem::path(directory->second) / "dialin-smtp-password";
    std::error_code problem;
    if (std::filesystem::exists(file, problem)) return read_secret_file(file.string());
  }
  return nullptr;
}

// An error may name what was typed, a file for example: it must not drive the terminal. Line ends stay, for
// some errors are lists.
std::string harmless(const std::string& text) {
  std::string result;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find('\n', begin);
    const std::string line = text.substr(begin, end == std::string::npos ? end : end - begin);
    result += sanitize_foreign_text(line, line.size()) + "\n";
  }
  return result;
}

void print_error(Streams& streams, const Error& error) {
  streams.write_error("dialin: " + harmless(error.what()));
  if (!error.next().empty()) streams.write_error(harmless(error.next()));
}

int run_command(const FoundCommand& found, Streams& streams) {
  BoundParameters bound = bind_parameters(*found.spec, found.words, found.spelling);
  if (bound.flag("Help")) {
    streams.write_output(render_help(*found.spec, streams.width()));
    return 0;
  }
  say_what_history_keeps(streams, bound);
  TerminalPrompter prompter(streams);
  ask_for_missing(bound, prompter);

  std::map<std::string, std::string> environment = environment_map();
  auto password = password_from(environment);
  const Surroundings surroundings{.environment = environment};
  const ConfigurationPlace configuration_place = find_configuration_file(bound.text("Config"), surroundings);
  std::optional<ConfigurationText> text;
  if (configuration_place.file) {
    text = ConfigurationText{configuration_place.file->string(),
                             read_configuration_file(*configuration_place.file)};
  }
  const Configuration configuration = load_configuration(text, environment);
  const DataPlace data_place = find_data_directory(configuration.store.data_directory, surroundings);

  SystemClock clock;
  SystemRandom random;
  Checkpoints silent;
  std::unique_ptr<SignalCheckpoints> signalling;
  if (auto order = environment.find("DIALIN_CHECKPOINT");
      order != environment.end() && !order->second.empty()) {
    signalling = std::make_unique<SignalCheckpoints>(order->second);
  }
  Checkpoints& checkpoints = signalling ? *signalling : silent;
  SmtpTransport transport;
  SyslogJournal journal(configuration.audit.journal);
  PosixOperatorFiles files(streams);
  const StoreLocation location{.url = configuration.store.url,
                               .data_directory = data_place.directory.string()};
  const bool verbose = bound.verbose();
  if (verbose) {
    streams.write_error(configuration_place.file
                            ? fmt::format("Configuration: {} ({})\n", configuration_place.file->string(),
                                          configuration_place.reason)
                            : fmt::format("Configuration: {}\n", configuration_place.reason));
    streams.write_error(fmt::format("Data: {} ({})\n", data_place.directory.string(), data_place.reason));
  }

  CommandContext context{
      .by = this_operator(),
      .streams = streams,
      .prompter = prompter,
      .files = files,
      .configuration = configuration,
      .configuration_place = configuration_place,
      .data_place = data_place,
      .clock = clock,
      .random = random,
      .checkpoints = checkpoints,
      .transport = transport,
      .open_store =
          [&](OpenMode mode) {
            auto store = open_store(
                location, mode, clock, random, checkpoints,
                [&](const std::string& sentence) { streams.write_error(sentence + "\n"); }, &journal);
            if (verbose && store) {
              const StoreStatus status = store->status();
              streams.write_error(
                  fmt::format("Store: {}, {}; key {}\n", status.backend, status.location, status.key_id));
            }
            return store;
          },
      .password_from_environment = password,
      .finish_on_interruption = finish_on_interruption,
      .interrupted = [] { return interruptions != 0; },
      .wait = wait_interruptibly,
  };
  return command_of(*found.spec).run(context, bound);
}

int run(int argc, char** argv, Streams& streams) {
  const CommandTable table = command_specs();
  const CommandLineWords words(argc, argv, table);
  // For scripts that make the links: one cmdlet's name a line.
  if (words.words().size() == 2 && words.words()[0] == "help" && words.words()[1] == "--names") {
    for (const CommandSpec* spec : table) {
      if (!spec->cmdlet.empty()) streams.write_output(spec->cmdlet + "\n");
    }
    return 0;
  }
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
      return run_command(found, streams);
  }
  return exit_code(ErrorCode::Internal);
}

}  // namespace
}  // namespace dialin

int main(int argc, char** argv) {
  using namespace dialin;
  // A reader that went away, and a file that may not grow any more, are errors and no sudden death.
  for (int ignored : {SIGPIPE, SIGXFSZ}) signal(ignored, SIG_IGN);
  PosixStreams streams(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, operator_environment(environ));
  try {
    harden_process();
    const int code = run(argc, argv, streams);
    streams.flush();
    return code;
  } catch (const Error& error) {
    print_error(streams, error);
    return exit_code(error.code());
  } catch (const std::exception& error) {
    // Only our own errors carry texts that are known to be safe.
    streams.write_error(fmt::format("dialin: internal error ({})\n", typeid(error).name()));
    return exit_code(ErrorCode::Internal);
  }
}
