// SPDX-License-Identifier: Apache-2.0
#include "command/dtmf_parameters.h"

#include <fmt/format.h>

#include "base/error.h"
#include "command/policy_parameters.h"

namespace dialin {

ScopeIdentity dtmf_identity_from(const BoundParameters& bound, const std::string& text) {
  const ScopeIdentity identity = scope_identity_from(bound, "Identity", text);
  if (identity.scope() != ScopeIdentity::Scope::Tag) return identity;
  throw Error(ErrorCode::InvalidInput,
              fmt::format("{}: telephone commands are global or of a site", bound.display_name("Identity")),
              "Write global, or site:NAME.");
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
