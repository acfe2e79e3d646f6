// SPDX-License-Identifier: Apache-2.0
// What the commands about access numbers have in common: their parameters, which numbers are meant, how one
// is shown.
#pragma once

#include <string>
#include <vector>

#include "command/command_context.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"
#include "shell/output.h"
#include "store/records.h"

namespace dialin {

// The languages of the original's announcements (Get-CsDialInConferencingLanguageList), in order.
const std::vector<std::string>& dial_in_languages();

// -DisplayName, -DisplayNumber, -LineUri, -Regions, -PrimaryLanguage, -SecondaryLanguages, -Site.
std::vector<ParameterSpec> number_property_specs();
// What they say. Error(InvalidInput) that names the parameter. A language that the original does not have is
// said.
AccessNumberChanges number_changes_from(CommandContext& context, const BoundParameters& bound);

// -Identity: a list of sip: addresses, or of tel: numbers, which also those that have no such address have;
// and -Filter.
ParameterSpec number_identity_spec();
ParameterSpec number_filter_spec();
// All that are named, else all. Error(NotFound).
std::vector<AccessNumber> named_numbers(Store& store, const BoundParameters& bound);

// Fields named like the columns of `number import`, lists separated by |.
OutputObject object_of(const AccessNumber& number);
const std::vector<std::string>& number_columns();

}  // namespace dialin
