// SPDX-License-Identifier: Apache-2.0
#include "command/settings_in_use.h"

namespace dialin {

SettingsInUse settings_in_use(const std::optional<std::string>& named, const Surroundings& surroundings,
                              bool despite_problems) {
  SettingsInUse found;
  std::optional<ConfigurationText> text;
  try {
    found.configuration_place = find_configuration_file(named, surroundings);
    if (const auto& file = found.configuration_place.file)
      text = ConfigurationText{file->string(), read_configuration_file(*file)};
    found.configuration = load_configuration(text, surroundings.environment);
  } catch (const Error& error) {
    if (!despite_problems) throw;
    found.hindrances.configuration = error;
    found.hindrances.problems = read_configuration(text, surroundings.environment).problems;
    found.configuration = load_configuration(std::nullopt, {});
  }
  try {
    found.data_place = find_data_directory(found.configuration.store.data_directory, surroundings);
  } catch (const Error& error) {
    if (!despite_problems) throw;
    found.hindrances.data = error;
  }
  return found;
}

}  // namespace dialin
