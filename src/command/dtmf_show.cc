// SPDX-License-Identifier: Apache-2.0
// Get-CsDialInConferencingDtmfConfiguration, dtmf show: the keys that direct a conference.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/dtmf_parameters.h"
#include "command/existing_store.h"
#include "command/policy_parameters.h"
#include "shell/filter_expression.h"

namespace dialin {
namespace {

CommandSpec dtmf_show_spec() {
  CommandSpec spec;
  spec.cmdlet = "Get-CsDialInConferencingDtmfConfiguration";
  spec.verb = "dtmf show";
  spec.group = "Numbers";
  spec.summary = "Shows the telephone commands of conferences.";
  spec.description =
      "The global ones and those of sites; or those that are named. A site without its own has the global "
      "ones. Mails "
      "show a person those of the person's site.";
  spec.parameters = {{.name = "Identity",
                      .kind = ParameterKind::Text,
                      .value_name = "identity",
                      .help = "global, or site:NAME.",
                      .original = true,
                      .position = 1,
                      .operand = 1},
                     policy_filter_spec()};
  spec.examples = {
      {"Get-CsDialInConferencingDtmfConfiguration", "All of them."},
      {"Get-CsDialInConferencingDtmfConfiguration -Identity site:Redmond", "Those of Redmond."},
  };
  spec.exit_codes = {{1, "the site has none of its own"}};
  return spec;
}

int run_dtmf_show(CommandContext& context, BoundParameters& bound) {
  const auto identity = bound.text("Identity");
  const auto pattern = bound.text("Filter");
  if (identity && pattern)
    throw Error(ErrorCode::InvalidInput, "-Identity and -Filter cannot be used together");
  const auto wanted = identity ? std::optional(dtmf_identity_from(bound, *identity)) : std::nullopt;
  const auto store = existing_store(context);
  std::vector<OutputObject> objects;
  for (const DtmfConfiguration& configuration : store->numbers().dtmf()) {
    if (wanted && !(configuration.identity == *wanted)) continue;
    if (pattern && !matches_wildcard(configuration.identity.text(), *pattern)) continue;
    objects.push_back(object_of(configuration));
  }
  if (wanted && objects.empty())
    throw Error(ErrorCode::NotFound,
                fmt::format("{} has no telephone commands of its own: the global ones hold", wanted->text()),
                "Set-CsDialInConferencingDtmfConfiguration gives it some.");
  write_objects(context.streams, objects, output_format(bound));
  return 0;
}

}  // namespace

Command dtmf_show_command() {
  return {dtmf_show_spec(), run_dtmf_show};
}

}  // namespace dialin
