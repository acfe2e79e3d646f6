// SPDX-License-Identifier: Apache-2.0
// The people whom a command is about: one or several of -Identity, with display names that hold *, the rows
// of a file
// (-Csv), everybody in a certain state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command/command_context.h"
#include "people/person.h"
#include "pin/pin.h"
#include "shell/bound_parameters.h"
#include "shell/command_spec.h"

namespace dialin {

// -Identity: a list, first in position, all operands.
ParameterSpec identities_parameter_spec(const std::string& help);
// -Csv, the file whose rows name people; its command has -Delimiter and -Encoding too (command/csv_input.h).
ParameterSpec people_csv_parameter_spec(const std::string& help);

// People in a certain state, by the switches -PinNotSet, -Locked, -Expired and -NotMeetingPolicy.
enum class PinState { NotSet, Locked, Expired, NotMeetingPolicy };
// The row of one of these switches.
ParameterSpec pin_state_spec(PinState state);
// The one that is given, of those that the command has. Error(InvalidInput) if there are two.
std::optional<PinState> pin_state_from(const BoundParameters& bound);

struct SelectedPerson {
  Person person;
  std::optional<Pin> pin;  // of the row's column Pin
};

struct Selection {
  std::vector<SelectedPerson> people;  // each once
  bool single = false;                 // one person was named, so one object is shown
};

// Who is meant. `among`: a state that was asked for; those who are named and are not in it are left out, and
// nobody named means everybody in it. Without any of these the command asks for -Identity. Of how many PINs
// it is not known whether they meet their policy is said on standard error.
//
// A name without * must come down to one person; one with * to somebody. Bad rows of the file are listed, and
// nobody is selected then. A file binds by the column's name, as PowerShell's pipeline does: Identity,
// UserUri, SipAddress, UserPrincipalName or upn names the person; Pin, where `with_pins`, the PIN; all other
// columns are ignored.
Selection select_people(CommandContext& context, Store& store, BoundParameters& bound,
                        std::optional<PinState> among = std::nullopt, bool with_pins = false);

// Asks before more than one person is touched: Always then, unless -Force was given; of one with -Confirm
// only.
void confirm_for(CommandContext& context, const BoundParameters& bound, std::size_t people,
                 const std::string& question);

// "sip:bob@contoso.com", or "3 people".
std::string whom(const Selection& selection);

}  // namespace dialin
