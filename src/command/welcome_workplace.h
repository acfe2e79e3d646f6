// SPDX-License-Identifier: Apache-2.0
// What the welcome room needs, made of what a command has: settings from the configuration, and an
// environment whose sentences go to standard error.
#pragma once

#include <memory>

#include "command/command_context.h"
#include "command/mail_server_parameters.h"
#include "command/relay_limits.h"
#include "shell/bound_parameters.h"
#include "shell/progress.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// `configuration` outlives the result. The policies are read from `store` now, and hold for as long as the
// settings are used, without it; null: there is no store yet, and everybody has the global policy's defaults.
WelcomeSettings welcome_settings(const Configuration& configuration, Store* store,
                                 const TypedLimits& typed = {});

PinHashCost pin_hash_cost(const Configuration& configuration);

// Keeps together what a WelcomeEnvironment refers to. `context` and `store` outlive it.
class WelcomeWorkplace {
 public:
  // `passwords` null: this command sends no mail.
  WelcomeWorkplace(CommandContext& context, Store& store, Passwords* passwords, bool verbose,
                   const TypedLimits& typed = {});
  ~WelcomeWorkplace();

  const WelcomeEnvironment& environment() const { return *environment_; }
  const WelcomeSettings& settings() const { return settings_; }
  // From now on sentences stand above the line of `progress` (null: on lines of their own again).
  void speak_above(Progress* progress);

 private:
  class Observer;
  std::unique_ptr<Observer> observer_;
  WelcomeSettings settings_;
  std::unique_ptr<WelcomeEnvironment> environment_;
};

}  // namespace dialin
