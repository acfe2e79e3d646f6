// SPDX-License-Identifier: Apache-2.0
// Grant-CsPinPolicy, policy grant: gives people a PIN policy of their own, or takes it away.
#include <fmt/format.h>

#include "base/error.h"
#include "command/commands.h"
#include "command/csv_input.h"
#include "command/existing_store.h"
#include "command/nullable_value.h"
#include "command/person_output.h"
#include "command/person_selection.h"
#include "command/policy_parameters.h"

namespace dialin {
namespace {

CommandSpec policy_grant_spec() {
  CommandSpec spec;
  spec.cmdlet = "Grant-CsPinPolicy";
  spec.verb = "policy grant";
  spec.group = "Policies";
  spec.summary = "Gives people a PIN policy of their own, or takes it away.";
  spec.description =
      "The policy stands before that of the person's site and the global one. -PolicyName null (or '$null' "
      "in single "
      "quotes, or '') takes a person's own policy away. PINs that are set stay valid; the policy binds the "
      "next one, and "
      "its lifetime makes no PIN expire sooner than 14 days from now.";
  spec.parameters = {
      identities_parameter_spec(
          "The people; several are separated by commas, and * in a display name is any characters."),
      {.name = "PolicyName",
       .kind = ParameterKind::Text,
       .value_name = "name",
       .help = "The policy's name, without tag:; null takes the person's own policy away.",
       .original = true,
       .position = 2,
       .allow_empty = true},
      people_csv_parameter_spec("A file whose column Identity, UserUri or SipAddress names the people."),
      csv_delimiter_parameter_spec(),
      csv_encoding_parameter_spec(),
      {.name = "PassThru", .kind = ParameterKind::Switch, .help = "Shows the people.", .original = true},
      policy_force_spec(),
  };
  spec.examples = {
      {"Grant-CsPinPolicy -Identity \"kenmyer@litwareinc.com\" -PolicyName RedmondUsersPinPolicy",
       "Ken's next PIN keeps to that policy."},
      {"Grant-CsPinPolicy -Identity kenmyer@litwareinc.com -PolicyName null",
       "Ken has the policy of his site again, or the global one."},
      {"Get-CsUser -Filter \"Region -eq Redmond\" -Output csv | Grant-CsPinPolicy -Csv - -PolicyName "
       "RedmondUsersPinPolicy -Confirm:false",
       "Everybody of a region."},
  };
  spec.exit_codes = {
      {0, "granted"}, {1, "there is no such person or policy"}, {64, "nobody is there to be asked"}};
  return spec;
}

std::string policy_name_from(const BoundParameters& bound) {
  const auto text = bound.text("PolicyName");
  if (!text)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{}: {} is missing", bound.display_command(), bound.display_name("PolicyName")),
                "A name grants the policy; null takes a person's own policy away.");
  if (is_null_value(*text)) return "";
  const ScopeIdentity identity = scope_identity_from(bound, "PolicyName", *text);
  if (identity.scope() != ScopeIdentity::Scope::Tag)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} holds by itself and cannot be granted", identity.text()),
                "Only a policy with a name of its own can; New-CsPinPolicy -Identity NAME makes one.");
  return identity.name();
}

int run_policy_grant(CommandContext& context, BoundParameters& bound) {
  const std::string name = policy_name_from(bound);
  const auto store = existing_store(context);
  const Selection selection = select_people(context, *store, bound);
  std::vector<PersonId> ids;
  for (const SelectedPerson& selected : selection.people) ids.push_back(selected.person.id);
  const PolicyEffect plan = store->policies().grant(ids, name, ImportMode::WhatIf, context.by);
  const std::string doing = name.empty() ? fmt::format("{}: own policy taken away", whom(selection))
                                         : fmt::format("{}: policy tag:{} granted", whom(selection), name);
  if (bound.what_if()) {
    context.streams.write_output(fmt::format("What if: {}.\n", doing));
  } else {
    confirm_policy_change(context, bound, plan, fmt::format("{}?", doing));
    store->policies().grant(ids, name, ImportMode::Apply, context.by);
  }
  std::string said = plan.people == selection.people.size()
                         ? std::string()
                         : fmt::format("Unchanged: {}.\n", selection.people.size() - plan.people);
  if (plan.expire_sooner > 0)
    said += fmt::format("PINs that expire sooner than before: {}, the first on {}.\n", plan.expire_sooner,
                        to_rfc3339(*plan.first_expiry).substr(0, 10));
  if (bound.flag("PassThru") && !bound.what_if()) {
    std::vector<OutputObject> objects;
    for (const PersonId& id : ids) {
      if (const auto person = store->people().get(id)) objects.push_back(object_of(*person));
    }
    write_objects(context.streams, objects, output_format(bound), person_columns());
    context.streams.flush();
  }
  if (!said.empty()) context.streams.write_error(said);
  return 0;
}

}  // namespace

Command policy_grant_command() {
  return {policy_grant_spec(), run_policy_grant};
}

}  // namespace dialin
