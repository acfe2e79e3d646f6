// SPDX-License-Identifier: Apache-2.0
// The person to welcome, who may not be in the store yet: -AddPeople, the offer on a terminal, or the line
// that adds them. Nobody is added before everything else about the command has been checked.
#pragma once

#include <optional>

#include "command/command_context.h"
#include "people/people_file.h"
#include "people/person.h"
#include "shell/bound_parameters.h"

namespace dialin {

struct WelcomedPerson {
  Person person;  // without id if it is to be added
  std::optional<PersonRow> to_add;
};

// `store` null: there is none yet (-WhatIf). Error(NotFound) with the `dialin people add` line.
WelcomedPerson find_welcomed_person(CommandContext& context, const BoundParameters& bound, Store* store);

// Adds the person if need be, and returns the recorded one.
Person add_if_missing(CommandContext& context, Store& store, const WelcomedPerson& welcomed);

}  // namespace dialin
