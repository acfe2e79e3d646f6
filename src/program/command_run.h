// SPDX-License-Identifier: Apache-2.0
// A command runs: the concrete parts are made, and its handler gets them. The same for the operator's own
// process and for the one that the admin socket's service starts.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/operator.h"
#include "base/secret.h"
#include "command/settings_in_use.h"
#include "shell/bound_parameters.h"
#include "shell/operator_files.h"
#include "shell/prompter.h"
#include "shell/streams.h"

namespace dialin {

// environ of this process.
std::map<std::string, std::string> process_environment();

// DIALIN_SMTP_PASSWORD, taken out of `environment` and of the process's own; null if it is not set.
std::shared_ptr<const Secret> take_smtp_password(std::map<std::string, std::string>& environment);

// What this process is configured to do.
struct Setup {
  std::map<std::string, std::string> environment;
  std::shared_ptr<const Secret> password;  // DIALIN_SMTP_PASSWORD, or the service manager's credential
  SettingsInUse settings;
};

// Takes DIALIN_SMTP_PASSWORD out of the process's environment. `config`: --config. `despite_problems`: of the
// command's row (command/settings_in_use.h).
Setup read_setup(const std::optional<std::string>& config, bool despite_problems = false);

// The operator: who gives the command, and what reaches them.
struct OperatorSide {
  Operator by;
  Streams& streams;
  Prompter& prompter;
  OperatorFiles& files;
  // At the other end of the admin socket; then `password` is what they sent.
  bool remote = false;
  std::shared_ptr<const Secret> password = nullptr;
};

// The exit code of the command's handler.
int run_handler(const Setup& setup, const OperatorSide& side, BoundParameters& bound);

}  // namespace dialin
