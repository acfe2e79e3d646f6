// SPDX-License-Identifier: Apache-2.0
#include "program/command_run.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cstring>
#include <filesystem>

#include "base/checkpoint.h"
#include "base/journal.h"
#include "base/secret_file.h"
#include "command/command_table.h"
#include "mail/smtp/smtp_transport.h"
#include "program/interruption.h"
#include "store/store.h"

extern char** environ;

namespace dialin {
namespace {

// What the service manager hands over in a file.
std::shared_ptr<const Secret> password_of_service(const std::map<std::string, std::string>& environment) {
  if (auto directory = environment.find("CREDENTIALS_DIRECTORY"); directory != environment.end()) {
    const std::filesystem::path file = std::filesystem::path(directory->second) / "dialin-smtp-password";
    std::error_code problem;
    if (std::filesystem::exists(file, problem)) return read_secret_file(file.string());
  }
  return nullptr;
}

void say_where_things_are(Streams& streams, const Setup& setup) {
  const ConfigurationPlace& place = setup.settings.configuration_place;
  streams.write_error(place.file ? fmt::format("Configuration: {} ({})\n", place.file->string(), place.reason)
                                 : fmt::format("Configuration: {}\n", place.reason));
  streams.write_error(fmt::format("Data: {} ({})\n", setup.settings.data_place.directory.string(),
                                  setup.settings.data_place.reason));
}

}  // namespace

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> map;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) map.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return map;
}

std::shared_ptr<const Secret> take_smtp_password(std::map<std::string, std::string>& environment) {
  const auto found = environment.find("DIALIN_SMTP_PASSWORD");
  if (found == environment.end() || found->second.empty()) return nullptr;
  auto password = std::make_shared<const Secret>(found->second);
  wipe(found->second);
  if (char* value = getenv("DIALIN_SMTP_PASSWORD")) wipe(value, std::strlen(value));
  return password;
}

Setup read_setup(const std::optional<std::string>& config, bool despite_problems) {
  Setup setup;
  setup.environment = process_environment();
  setup.password = take_smtp_password(setup.environment);
  if (!setup.password) setup.password = password_of_service(setup.environment);
  setup.settings = settings_in_use(config, {.environment = setup.environment}, despite_problems);
  return setup;
}

int run_handler(const Setup& setup, const OperatorSide& side, BoundParameters& bound) {
  Streams& streams = side.streams;
  SystemClock clock;
  SystemRandom random;
  Checkpoints silent;
  std::unique_ptr<SignalCheckpoints> signalling;
  if (auto order = setup.environment.find("DIALIN_CHECKPOINT");
      order != setup.environment.end() && !order->second.empty()) {
    signalling = std::make_unique<SignalCheckpoints>(order->second);
  }
  Checkpoints& checkpoints = signalling ? *signalling : silent;
  SmtpTransport transport;
  SyslogJournal journal(setup.settings.configuration.audit.journal);
  const StoreLocation location{.url = setup.settings.configuration.store.url,
                               .data_directory = setup.settings.data_place.directory.string()};
  const bool verbose = bound.verbose();
  if (verbose) say_where_things_are(streams, setup);

  CommandContext context{
      .by = side.by,
      .streams = streams,
      .prompter = side.prompter,
      .files = side.files,
      .configuration = setup.settings.configuration,
      .configuration_place = setup.settings.configuration_place,
      .data_place = setup.settings.data_place,
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
      .password_from_environment = setup.password,
      .finish_on_interruption = finish_on_interruption,
      .interrupted = interrupted,
      .wait = wait_interruptibly,
      .hindrances = setup.settings.hindrances,
      .remote = side.remote,
      .operator_password = side.password,
  };
  return command_of(bound.spec()).run(context, bound);
}

}  // namespace dialin
