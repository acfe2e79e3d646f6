// SPDX-License-Identifier: Apache-2.0
// What is wrong with settings that each have a good form: addresses, languages, servers, and settings that
// exclude each other. Commands find these out when they use the setting; `config check` and `doctor` before.
#pragma once

#include <string>
#include <vector>

#include "config/configuration.h"

namespace dialin {

struct SettingFinding {
  std::string setting;  // "mail.from", "site.Paris.mail.from"
  SettingOrigin origin;
  std::string problem;  // a sentence without its full stop, that begins with the setting's name
};

std::vector<SettingFinding> check_settings(const Configuration& configuration);

}  // namespace dialin
