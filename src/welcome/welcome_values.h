// SPDX-License-Identifier: Apache-2.0
// What the mail says of a person besides the PIN: from the record, the access numbers and the organisation.
#pragma once

#include "mail/welcome_template.h"
#include "people/person.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// More numbers than this do not fit into a mail; the settings page shows all of them.
inline constexpr std::size_t MaximumNumbersInMail = 12;

// The numbers are those of the person's region, in order of priority; of all regions if the person has none
// or the region has no number. `without_link` leaves the settings page out.
WelcomeValues welcome_values(const Person& person, const std::vector<AccessNumber>& numbers,
                             const DtmfConfiguration& dtmf, const OrganisationValues& organisation,
                             bool without_link, bool replaces_pin, std::optional<Timestamp> pin_expires);

// Reads the numbers for that from the store: those for everybody and those of the person's site.
std::vector<AccessNumber> access_numbers_for(Store& store, const Person& person);
// And the keys that direct a conference.
DtmfConfiguration telephone_commands_for(Store& store, const Person& person);

// When a PIN set at `now` ends under the policy, for its mail; nothing: never, or when it is first used.
std::optional<Timestamp> pin_expiry(const PinPolicy& policy, Timestamp now);

}  // namespace dialin
