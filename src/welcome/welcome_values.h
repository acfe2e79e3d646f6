// SPDX-License-Identifier: Apache-2.0
// What the mail says of a person besides the PIN: from the record, the access numbers and the organisation.
#pragma once

#include "mail/welcome_template.h"
#include "people/person.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// More numbers than this do not fit into a mail; the settings page shows all of them.
inline constexpr std::size_t MaximumNumbersInMail = 12;

// `numbers` are those for the person's region (access_numbers_for). `without_link` leaves the settings page
// out.
WelcomeValues welcome_values(const Person& person, const SharedList<AccessNumberValue>& numbers,
                             const OrganisationValues& organisation, bool without_link, bool replaces_pin,
                             std::optional<Timestamp> pin_expires);

// What mails to people of `region` say of `numbers`.
SharedList<AccessNumberValue> access_number_values(const std::vector<AccessNumber>& numbers,
                                                   const std::string& region);

// Reads the numbers from the store: those of the person's region, in order of priority; of all regions if the
// person has none or the region has no number. The same for everybody of a region, so a run need ask only
// once for each.
SharedList<AccessNumberValue> access_numbers_for(Store& store, const Person& person);

// When a PIN set at `now` ends under the policy; nothing: never.
std::optional<Timestamp> pin_expiry(const PinPolicy& policy, Timestamp now);
std::optional<std::chrono::seconds> pin_lifetime(const PinPolicy& policy);

}  // namespace dialin
