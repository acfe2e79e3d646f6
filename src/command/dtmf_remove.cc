// SPDX-License-Identifier: Apache-2.0
// Remove-CsDialInConferencingDtmfConfiguration, dtmf remove: a site has the global telephone commands again.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/dtmf_parameters.h"
#include "command/existing_store.h"

namespace dialin {
namespace {

CommandSpec dtmf_remove_spec() {
  CommandSpec spec;
  spec.cmdlet = "Remove-CsDialInConferencingDtmfConfiguration";
  spec.verb = "dtmf remove";
  spec.group = "Numbers";
  spec.summary = "Removes a site's own telephone commands.";
  spec.description =
      "The site has the global ones from then on. The global ones cannot be removed: they become the "
      "defaults.";
  spec.parameters = {{.name = "Identity",
                      .kind = ParameterKind::Text,
                      .value_name = "identity",
                      .help = "site:NAME, or global.",
                      .mandatory = true,
                      .original = true,
                      .position = 1,
                      .operand = 1},
                     {.name = "Force",
                      .kind = ParameterKind::Switch,
                      .help = "Suppresses the question of -Confirm.",
                      .original = true}};
  spec.examples = {
      {"Remove-CsDialInConferencingDtmfConfiguration -Identity \"site:Redmond\"",
       "Redmond has the global ones again."},
      {"dialin dtmf remove global", "The global ones are the defaults again."},
  };
  spec.exit_codes = {{0, "removed"}, {1, "the site has none of its own"}};
  return spec;
}

int run_dtmf_remove(CommandContext& context, BoundParameters& bound) {
  const ScopeIdentity identity = dtmf_identity_from(bound, bound.text_or("Identity", ""));
  const bool global = identity.scope() == ScopeIdentity::Scope::Global;
  const std::string what =
      global ? "the global telephone commands" : fmt::format("the telephone commands of {}", identity.text());
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: {} would be {}.\n", what, global ? "the defaults again" : "removed"));
    return 0;
  }
  if (!bound.flag("Force")) confirm(context, bound, fmt::format("{} {}?", global ? "Reset" : "Remove", what));
  const auto store = existing_store(context);
  if (store->numbers().reset_dtmf(identity, context.by)) return 0;
  if (!global)
    throw Error(ErrorCode::NotFound, fmt::format("{} has no telephone commands of its own", identity.text()));
  context.streams.write_error("They were so already.\n");
  return 0;
}

}  // namespace

Command dtmf_remove_command() {
  return {dtmf_remove_spec(), run_dtmf_remove};
}

}  // namespace dialin
