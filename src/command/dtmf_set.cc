// SPDX-License-Identifier: Apache-2.0
// Set-CsDialInConferencingDtmfConfiguration, dtmf set: changes the keys that direct a conference.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/dtmf_parameters.h"

namespace dialin {
namespace {

CommandSpec dtmf_set_spec() {
  CommandSpec spec;
  spec.cmdlet = "Set-CsDialInConferencingDtmfConfiguration";
  spec.verb = "dtmf set";
  spec.group = "Numbers";
  spec.summary = "Changes the telephone commands of conferences.";
  spec.description =
      "Each command has one key from 0 to 9, and no two the same: to exchange two, give both in one line. "
      "null (or '$null' "
      "in single quotes) disables a command. Without an identity, the global ones; a site that has none of "
      "its own begins "
      "with the global ones. Mails show what holds. With an OperatorLineUri, the key 0 is the operator's.";
  spec.parameters = dtmf_parameter_specs();
  spec.parameters.push_back(
      {.name = "Reset",
       .kind = ParameterKind::Switch,
       .help = "The global ones become the defaults again, a site has the global ones."});
  spec.parameters.push_back({.name = "Force",
                             .kind = ParameterKind::Switch,
                             .help = "Suppresses the question of -Confirm.",
                             .original = true});
  spec.examples = {
      {"Set-CsDialInConferencingDtmfConfiguration -EnableDisableAnnouncementsCommand 4 -AudienceMuteCommand "
       "9",
       "Exchanges two keys."},
      {"Set-CsDialInConferencingDtmfConfiguration -Identity \"site:Redmond\" -PrivateRollCallCommand null",
       "Redmond has no roll call."},
      {"dialin dtmf set site:Redmond --reset", "Redmond has the global keys again."},
  };
  spec.exit_codes = {{0, "changed"}, {64, "a key is no digit, or two commands would have the same"}};
  return spec;
}

int run_dtmf_set(CommandContext& context, BoundParameters& bound) {
  const ScopeIdentity identity = dtmf_identity_from(bound, bound.text_or("Identity", "global"));
  const DtmfChanges changes = dtmf_changes_from(bound);
  const bool reset = bound.flag("Reset");
  if (changes.empty() != reset)
    throw Error(ErrorCode::InvalidInput,
                reset ? fmt::format("{} takes everything back and goes with nothing else",
                                    bound.display_name("Reset"))
                      : fmt::format("{}: nothing to change was named", bound.display_command()));
  const std::string what = fmt::format("the telephone commands of {}", identity.text());
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: {} would be {}.\n", what, reset ? "reset" : "changed"));
    return 0;
  }
  if (!bound.flag("Force")) confirm(context, bound, fmt::format("{} {}?", reset ? "Reset" : "Change", what));
  const auto store = context.open_store(OpenMode::CreateIfAbsent);
  if (!reset) {
    store->numbers().change_dtmf(identity, changes, context.by);
  } else if (!store->numbers().reset_dtmf(identity, context.by)) {
    context.streams.write_error("They were so already.\n");
  }
  return 0;
}

}  // namespace

Command dtmf_set_command() {
  return {dtmf_set_spec(), run_dtmf_set};
}

}  // namespace dialin
