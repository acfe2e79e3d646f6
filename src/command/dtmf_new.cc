// SPDX-License-Identifier: Apache-2.0
// New-CsDialInConferencingDtmfConfiguration, dtmf new: gives a site telephone commands of its own.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "command/commands.h"
#include "command/confirmation.h"
#include "command/dtmf_parameters.h"

namespace dialin {
namespace {

CommandSpec dtmf_new_spec() {
  CommandSpec spec;
  spec.cmdlet = "New-CsDialInConferencingDtmfConfiguration";
  spec.verb = "dtmf new";
  spec.group = "Numbers";
  spec.summary = "Gives a site telephone commands of its own.";
  spec.description =
      "A site has one collection at most. What is not named is as in the global one at this moment. Mails to "
      "people "
      "of the site show it from then on.";
  spec.parameters = dtmf_parameter_specs();
  spec.parameters.front().help = "site:NAME.";
  spec.parameters.front().mandatory = true;
  spec.examples = {
      {"New-CsDialInConferencingDtmfConfiguration -Identity \"site:Redmond\" -CommandCharacter \"#\"",
       "Redmond's commands begin with #."},
      {"dialin dtmf new site:Paris --mute-unmute-command 5",
       "The same for another command, in native spelling."},
  };
  spec.exit_codes = {{0, "made"},
                     {1, "the site has its own already"},
                     {64, "not a site, a key is no digit, or two commands would have the same"}};
  return spec;
}

int run_dtmf_new(CommandContext& context, BoundParameters& bound) {
  const ScopeIdentity identity = dtmf_identity_from(bound, bound.text_or("Identity", ""));
  if (identity.scope() != ScopeIdentity::Scope::Site)
    throw Error(
        ErrorCode::InvalidInput,
        fmt::format("{}: the global telephone commands are always there", bound.display_name("Identity")),
        "Set-CsDialInConferencingDtmfConfiguration changes them; a new one is site:NAME.");
  const DtmfChanges changes = dtmf_changes_from(bound);
  const auto store = context.open_store(bound.what_if() ? OpenMode::MustExist : OpenMode::CreateIfAbsent);
  if (store) {
    const std::vector<DtmfConfiguration> all = store->numbers().dtmf();
    if (std::ranges::any_of(all, [&](const DtmfConfiguration& one) { return one.identity == identity; }))
      throw Error(ErrorCode::AlreadyExists,
                  fmt::format("{} has telephone commands of its own already", identity.text()),
                  "Set-CsDialInConferencingDtmfConfiguration changes them.");
  }
  if (bound.what_if()) {
    context.streams.write_output(
        fmt::format("What if: {} would get telephone commands of its own.\n", identity.text()));
    return 0;
  }
  confirm(context, bound, fmt::format("Give {} telephone commands of its own?", identity.text()));
  store->numbers().change_dtmf(identity, changes, context.by);
  return 0;
}

}  // namespace

Command dtmf_new_command() {
  return {dtmf_new_spec(), run_dtmf_new};
}

}  // namespace dialin
