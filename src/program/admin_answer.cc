// SPDX-License-Identifier: Apache-2.0
#include "program/admin_answer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "admin/operator_end.h"
#include "admin/remote_files.h"
#include "admin/roles.h"
#include "base/checkpoint.h"
#include "base/process_hardening.h"
#include "base/process_identity.h"
#include "base/text.h"
#include "command/command_table.h"
#include "program/command_run.h"
#include "program/error_line.h"
#include "shell/binder.h"
#include "shell/command_lookup.h"
#include "shell/posix_streams.h"
#include "shell/terminal_prompter.h"
#include "store/refused_command.h"

namespace dialin {
namespace {

class AdminAnswer {
 public:
  AdminAnswer(OperatorEnd& end, OperatorEnd::Command& command, const std::optional<std::string>& config,
              Streams& log)
      : end_(end), command_(command), config_(config), log_(log), peer_(end.peer()) {}

  int run() {
    PosixStreams errors = streams_with({});
    return exit_code_of(errors, [this] { return answer(); });
  }
  // Not to be finished: the command is run by the operator's own process.
  bool runs_at_operator() const { return runs_at_operator_; }

 private:
  PosixStreams streams_with(OperatorEnvironment environment) const {
    return PosixStreams(command_.input.number(), command_.output.number(), command_.error.number(),
                        std::move(environment), command_.request.width);
  }

  int answer() {
    by_.name = fmt::format("uid {}", peer_.account);
    by_.origin = origin();
    const Setup setup = read_setup(config_);
    SystemAccounts accounts;
    account_ = role_of_account(peer_.account, geteuid(), setup.settings.configuration.roles, accounts);
    by_.name = account_.account;

    const CommandTable table = command_specs();
    const FoundCommand found = find_command(table, command_.request.program, command_.request.words);
    if (found.what != FoundCommand::What::Run)
      throw Error(ErrorCode::InvalidInput, "help is not asked for through the admin socket");
    const std::string name = found.spec->cmdlet.empty() ? "dialin " + found.spec->verb : found.spec->cmdlet;
    if (!account_.role) refuse(setup, name, {});
    by_.role = *account_.role;

    BoundParameters bound = bind_parameters(*found.spec, found.words, found.spelling);
    if (bound.given("Config"))
      throw Error(ErrorCode::Permission, "the service reads its own configuration only",
                  "Leave --config out.");
    OperatorEnvironment environment = command_.request.environment;
    if (by_.role == Role::HelpDesk) {
      if (const auto why = why_not_for_help_desk(bound)) refuse(setup, name, *why);
      // Which mail server is not theirs to say: whoever gets the mail has the PIN.
      environment.erase("PSEmailServer");
      command_.request.password.reset();
    }
    PosixStreams streams = streams_with(std::move(environment));
    TerminalPrompter prompter(streams, command_.terminal.number());
    if (by_.role == Role::HelpDesk) {
      // Before the handler could ask, and take several for an answer.
      ask_for(bound, {person_parameter_of(bound.spec())}, prompter);
      if (const auto why = why_not_for_help_desk(bound)) refuse(setup, name, *why);
    }
    return run_allowed(setup, bound, name, streams, prompter);
  }

  int run_allowed(const Setup& setup, BoundParameters& bound, const std::string& name, Streams& streams,
                  Prompter& prompter) {
    switch (bound.spec().host) {
      case CommandHost::OwnProcess:
        end_.run_here();
        runs_at_operator_ = true;
        return 0;
      case CommandHost::ServiceAccount:
        throw Error(
            ErrorCode::Permission,
            fmt::format("{} is the service itself, and runs as the account that owns the store", name),
            "See: systemctl status dialin.service");
      case CommandHost::Service:
        break;
    }
    if (const auto zone = streams.environment_value("TZ")) {
      setenv("TZ", zone->c_str(), 1);
      tzset();
    }
    ask_for_missing(bound, prompter);
    RemoteOperatorFiles files(end_, streams);
    try {
      const int code = run_handler(setup,
                                   {.by = by_,
                                    .streams = streams,
                                    .prompter = prompter,
                                    .files = files,
                                    .remote = true,
                                    .password = read_password(bound, files)},
                                   bound);
      streams.flush();
      return code;
    } catch (const Error& error) {
      // What only the handler could find out: an administrator's lock, several people of one name.
      if (error.code() == ErrorCode::Permission && by_.role == Role::HelpDesk)
        audit(setup, name, error.what());
      throw;
    }
  }

  // The mail server's password: of the operator's environment, or of the file behind -Credential user:@file,
  // which this process may not find again later.
  std::shared_ptr<const Secret> read_password(BoundParameters& bound, OperatorFiles& files) {
    std::shared_ptr<const Secret> password;
    if (command_.request.password)
      password = std::make_shared<const Secret>(std::move(*command_.request.password));
    for (const ParameterSpec& parameter : bound.spec().parameters) {
      if (parameter.file != FileUse::AfterAt) continue;
      const std::string value = bound.text_or(parameter.name, "");
      const std::size_t at = value.find(":@");
      if (at == std::string::npos || at == 0 || at + 2 == value.size()) continue;
      password = files.read_secret(value.substr(at + 2));
      bound.set(parameter.name, value.substr(0, at));
    }
    return password;
  }

  [[noreturn]] void refuse(const Setup& setup, const std::string& command, const std::string& why) {
    const Error error = refusal(account_, setup.settings.configuration.roles, command, why);
    if (error.code() == ErrorCode::Permission)
      audit(setup, command, !account_.role ? "member of no group" : "not for the help desk: " + why);
    throw error;
  }

  // A refusal stays one whether it can be written down or not.
  void audit(const Setup& setup, const std::string& command, const std::string& why) {
    try {
      SystemClock clock;
      SystemRandom random;
      Checkpoints checkpoints;
      record_refused_command({.url = setup.settings.configuration.store.url,
                              .data_directory = setup.settings.data_place.directory.string()},
                             clock, random, checkpoints, by_, command, why);
    } catch (const Error& error) {
      log_.write_error(fmt::format("{} was refused {}, which could not be written into the audit trail:\n",
                                   sanitize_foreign_text(by_.name), command));
      print_error(log_, error);
    }
  }

  std::string origin() const {
    char terminal[256] = {};
    const bool has_terminal = ttyname_r(command_.error.number(), terminal, sizeof terminal) == 0;
    return fmt::format("{} {} process {} through the socket", this_process().host,
                       has_terminal ? terminal : "no terminal", peer_.process);
  }

  OperatorEnd& end_;
  OperatorEnd::Command& command_;
  const std::optional<std::string>& config_;
  Streams& log_;
  const Peer peer_;
  Operator by_;
  RoleOfAccount account_;
  bool runs_at_operator_ = false;
};

}  // namespace

int answer_admin_connection(const std::optional<std::string>& config) {
  PosixStreams log(STDIN_FILENO, STDERR_FILENO, STDERR_FILENO, {});
  // Without a terminal of its own no prompt can come up at the service's.
  setsid();
  return exit_code_of(log, [&] {
    harden_process();
    OperatorEnd end(Descriptor(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)));
    try {
      end.peer();
      std::optional<OperatorEnd::Command> command = end.receive_command();
      if (!command) return 0;
      end.relay();
      AdminAnswer answer(end, *command, config, log);
      const int code = answer.run();
      if (!answer.runs_at_operator()) end.finish(code);
      return code;
    } catch (const Error& error) {
      end.finish(exit_code(error.code()), std::string(error.what()));
      throw;
    }
  });
}

}  // namespace dialin
