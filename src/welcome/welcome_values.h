// SPDX-License-Identifier: Apache-2.0
// What the mail says of a person besides the PIN: from the record, the access numbers and the organisation.
#pragma once

#include "mail/welcome_template.h"
#include "people/person.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// More numbers than this do not fit into a mail; the settings page shows all of them.
inline constexpr std::size_t MaximumNumbersInMail = 12;

// `numbers` are those for the person's region and site (access_numbers_for), `commands` those of the site
// (telephone_commands_for). `without_link` leaves the settings page out.
WelcomeValues welcome_values(const Person& person, const SharedList<AccessNumberValue>& numbers,
                             const SharedList<WelcomeValues::TelephoneCommand>& commands,
                             const OrganisationValues& organisation, bool without_link, bool replaces_pin,
                             std::optional<Timestamp> pin_expires);

// What mails to people of `region` say of `numbers`.
SharedList<AccessNumberValue> access_number_values(const std::vector<AccessNumber>& numbers,
                                                   const std::string& region);

// Reads the numbers from the store: of those for everybody and those of the person's site the ones of the
// person's region, in order of priority; of all regions if the person has none or the region has no number.
// The same for everybody of a region and a site, so a run need ask only once for each.
SharedList<AccessNumberValue> access_numbers_for(Store& store, const Person& person);

// What mails say of `dtmf`; a command that is disabled is left out.
SharedList<WelcomeValues::TelephoneCommand> telephone_command_values(const DtmfConfiguration& dtmf);
// Reads the keys that direct a conference from the store: the same for everybody of a site.
SharedList<WelcomeValues::TelephoneCommand> telephone_commands_for(Store& store, const Person& person);

// When a PIN set at `now` ends under the policy, for its mail; nothing: never, or when it is first used.
std::optional<Timestamp> pin_expiry(const PinPolicy& policy, Timestamp now);

}  // namespace dialin
