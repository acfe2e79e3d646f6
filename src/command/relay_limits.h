// SPDX-License-Identifier: Apache-2.0
// How fast, and over how many connections, a run may use a mail server: -Rate and -Connections, else
// smtp.rate and smtp.connections, else what the server's provider publishes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"
#include "store/records.h"
#include "store/relay_store.h"

namespace dialin {

// Rows of -Rate and -Connections.
std::vector<ParameterSpec> relay_limit_parameter_specs();

struct TypedLimits {
  std::optional<MessageRate> rate;
  std::optional<int> connections;
};
// Error(InvalidInput) for a rate that is none.
TypedLimits typed_limits(const BoundParameters& bound);

struct StatedLimit {
  RelayLimit limit;     // what is stated, for everybody; empty: nothing is
  int connections = 2;  // that a run opens
  // "3 connections, 30 a minute, 10,000 a day (published by Exchange Online, as of 2026-02)"
  std::string words;
};
// A rate a day is a limit for 24 hours and not a pace: whoever states one replaces the published daily limit,
// and keeps to the published pace.
StatedLimit stated_limit(const Configuration& configuration, const WelcomeWay& way, const TypedLimits& typed);

Relay relay_of(const WelcomeWay& way);
// "3 connections, 30 a minute, 10,000 a day"; empty: no limit.
std::string describe(const RelayLimit& limit);

// How long `messages` take at least where `state` (none: nobody used the relay so far) or `limit` bounds the
// pace; nothing: no limit does.
std::optional<std::chrono::seconds> least_time(std::int64_t messages, const RelayLimit& limit,
                                               const std::optional<RelayState>& state);

}  // namespace dialin
