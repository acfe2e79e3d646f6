// SPDX-License-Identifier: Apache-2.0
// The configuration and the places that a command works with, as they were found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/configuration.h"
#include "config/places.h"

namespace dialin {

// What stood in the way of finding them out. Only a command that is there to tell of it ever sees any.
struct Hindrances {
  std::optional<Error> configuration;          // it could not be found, read or understood: defaults stand in
  std::vector<ConfigurationProblem> problems;  // everything that is wrong in it
  std::optional<Error> data;  // the data directory could not be found out: the place is empty
};

struct SettingsInUse {
  ConfigurationPlace configuration_place;
  Configuration configuration;
  DataPlace data_place;
  Hindrances hindrances;
};

// `named`: --config. Throws what configuration.h and places.h say, unless `despite_problems`.
SettingsInUse settings_in_use(const std::optional<std::string>& named, const Surroundings& surroundings,
                              bool despite_problems);

}  // namespace dialin
