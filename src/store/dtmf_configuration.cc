// SPDX-License-Identifier: Apache-2.0
#include "store/dtmf_configuration.h"

#include <fmt/format.h>

#include <utility>

namespace dialin {
namespace {

constexpr char kOperatorKey = '0';

const std::vector<std::pair<std::string, char>>& commands_and_keys() {
  static const std::vector<std::pair<std::string, char>> commands = {
      {"HelpCommand", '1'},
      {"PrivateRollCallCommand", '3'},
      {"AudienceMuteCommand", '4'},
      {"MuteUnmuteCommand", '6'},
      {"LockUnlockConferenceCommand", '7'},
      {"AdmitAll", '8'},
      {"EnableDisableAnnouncementsCommand", '9'},
  };
  return commands;
}

}  // namespace

std::map<std::string, char> DtmfConfiguration::default_keys() {
  return {commands_and_keys().begin(), commands_and_keys().end()};
}

const std::vector<std::string>& dtmf_commands() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, key] : commands_and_keys()) all.push_back(name);
    return all;
  }();
  return names;
}

DtmfConfiguration changed(DtmfConfiguration configuration, const DtmfChanges& changes) {
  configuration.command_character = changes.command_character.value_or(configuration.command_character);
  for (const auto& [command, key] : changes.keys) {
    if (key) {
      configuration.keys[command] = *key;
    } else {
      configuration.keys.erase(command);
    }
  }
  if (changes.no_operator) configuration.operator_line_uri.reset();
  if (changes.operator_line_uri) configuration.operator_line_uri = changes.operator_line_uri;
  return configuration;
}

std::string explain_bad_dtmf(const DtmfConfiguration& configuration) {
  if (configuration.command_character != '*' && configuration.command_character != '#')
    return "CommandCharacter can be * or #";
  std::map<char, std::string> taken;
  if (configuration.operator_line_uri) taken[kOperatorKey] = "OperatorLineUri";
  for (const auto& [command, key] : configuration.keys) {
    if (key < '0' || key > '9') return fmt::format("{} takes one key from 0 to 9", command);
    const auto [other, is_new] = taken.emplace(key, command);
    if (!is_new)
      return fmt::format("the key {} is that of {} and cannot be that of {} too", key, other->second,
                         command);
  }
  return {};
}

DtmfConfiguration dtmf_of(const std::vector<DtmfConfiguration>& configurations, std::string_view site) {
  const DtmfConfiguration* global = nullptr;
  for (const DtmfConfiguration& configuration : configurations) {
    if (configuration.identity == ScopeIdentity()) global = &configuration;
    if (!site.empty() && configuration.identity == ScopeIdentity::site(site)) return configuration;
  }
  return global != nullptr ? *global : DtmfConfiguration();
}

}  // namespace dialin
