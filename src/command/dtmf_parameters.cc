// SPDX-License-Identifier: Apache-2.0
#include "command/dtmf_parameters.h"

#include <fmt/format.h>

#include "base/error.h"
#include "command/nullable_value.h"
#include "command/policy_parameters.h"

namespace dialin {

ScopeIdentity dtmf_identity_from(const BoundParameters& bound, const std::string& text) {
  const ScopeIdentity identity = scope_identity_from(bound, "Identity", text);
  if (identity.scope() != ScopeIdentity::Scope::Tag) return identity;
  throw Error(ErrorCode::InvalidInput,
              fmt::format("{}: telephone commands are global or of a site", bound.display_name("Identity")),
              "Write global, or site:NAME.");
}

std::vector<ParameterSpec> dtmf_parameter_specs() {
  std::vector<ParameterSpec> parameters = {{.name = "Identity",
                                            .kind = ParameterKind::Text,
                                            .value_name = "identity",
                                            .help = "global, or site:NAME.",
                                            .original = true,
                                            .position = 1,
                                            .operand = 1},
                                           {.name = "CommandCharacter",
                                            .kind = ParameterKind::Choice,
                                            .value_name = "key",
                                            .help = "The key before every command.",
                                            .original = true,
                                            .choices = {"*", "#"}}};
  const auto key = [&](const char* name, const char* help) {
    parameters.push_back({.name = name,
                          .kind = ParameterKind::Text,
                          .value_name = "key",
                          .help = help,
                          .original = true,
                          .allow_empty = true});
  };
  key("HelpCommand", "Plays what the keys do; by default 1.");
  key("PrivateRollCallCommand", "Plays who is in the conference; by default 3.");
  key("AudienceMuteCommand", "Mutes everybody else; by default 4.");
  key("MuteUnmuteCommand", "Mutes oneself; by default 6.");
  key("LockUnlockConferenceCommand", "Locks the conference; by default 7.");
  key("AdmitAll", "Admits everybody who waits; by default 8.");
  key("EnableDisableAnnouncementsCommand", "Announces who comes and goes; by default 9.");
  parameters.push_back({.name = "OperatorLineUri",
                        .kind = ParameterKind::Text,
                        .value_name = "number",
                        .help = "Who is called with the key 0: tel:+14255550100; null for nobody.",
                        .original = true,
                        .allow_empty = true});
  return parameters;
}

DtmfChanges dtmf_changes_from(const BoundParameters& bound) {
  DtmfChanges changes;
  if (const auto character = bound.text("CommandCharacter")) changes.command_character = character->front();
  for (const std::string& command : dtmf_commands()) {
    const auto text = bound.text(command);
    if (!text) continue;
    if (is_null_value(*text)) {
      changes.keys[command].reset();
      continue;
    }
    if (text->size() != 1)
      throw Error(ErrorCode::InvalidInput,
                  fmt::format("{} takes one key from 0 to 9, or null", bound.display_name(command)));
    changes.keys[command] = text->front();
  }
  if (const auto text = bound.text("OperatorLineUri")) {
    changes.no_operator = is_null_value(*text);
    if (!changes.no_operator) {
      changes.operator_line_uri = PhoneNumber::parse(*text);
      if (!changes.operator_line_uri)
        throw Error(ErrorCode::InvalidInput, fmt::format("{}: {}", bound.display_name("OperatorLineUri"),
                                                         explain_bad_phone_number(*text)));
    }
  }
  return changes;
}

OutputObject object_of(const DtmfConfiguration& configuration) {
  OutputObject object;
  object.text("Identity", configuration.identity.text())
      .text("CommandCharacter", std::string(1, configuration.command_character));
  for (const std::string& command : dtmf_commands()) {
    const auto key = configuration.keys.find(command);
    object.text_or_null(
        command, key == configuration.keys.end() ? std::nullopt : std::optional(std::string(1, key->second)));
  }
  object.text_or_null("OperatorLineUri", configuration.operator_line_uri
                                             ? std::optional(configuration.operator_line_uri->uri())
                                             : std::nullopt);
  return object;
}

}  // namespace dialin
