// SPDX-License-Identifier: Apache-2.0
// Everything a handler may use. It gets the operator, streams and files as arguments and never asks the
// process who runs it, where it stands, or what its environment says: in the installed way that process is
// not the operator's.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/checkpoint.h"
#include "base/clock.h"
#include "base/operator.h"
#include "base/random_source.h"
#include "base/secret.h"
#include "command/settings_in_use.h"
#include "config/configuration.h"
#include "config/places.h"
#include "mail/mail_transport.h"
#include "shell/operator_files.h"
#include "shell/prompter.h"
#include "shell/streams.h"
#include "store/store.h"

namespace dialin {

struct CommandContext {
  Operator by;
  Streams& streams;
  Prompter& prompter;
  OperatorFiles& files;
  const Configuration& configuration;
  const ConfigurationPlace& configuration_place;
  const DataPlace& data_place;
  Clock& clock;
  RandomSource& random;
  Checkpoints& checkpoints;
  MailTransport& transport;
  std::function<std::unique_ptr<Store>(OpenMode)> open_store;
  // DIALIN_SMTP_PASSWORD or the service manager's credential; null if there is none.
  std::shared_ptr<const Secret> password_from_environment;
  // From the call of finish_on_interruption() on, Ctrl-C lets what is in flight finish and makes
  // interrupted() true (a second one ends at once); before it, at the questions, Ctrl-C ends the command.
  std::function<void()> finish_on_interruption;
  std::function<bool()> interrupted;
  std::function<void(std::chrono::milliseconds)> wait;
  // Empty for every command that does not run despite_problems.
  Hindrances hindrances = {};
  // The operator is at the other end of the admin socket, and this process has an environment, a working
  // directory and rights of its own; `operator_password` is the DIALIN_SMTP_PASSWORD of their environment.
  bool remote = false;
  std::shared_ptr<const Secret> operator_password = nullptr;
};

}  // namespace dialin
