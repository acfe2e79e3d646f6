// SPDX-License-Identifier: Apache-2.0
#include "welcome/welcome_values.h"

#include <algorithm>

namespace dialin {
namespace {

// The telephone commands of the original by default (CsDialInConferencingDtmfConfiguration): command
// character *, one digit each.
const SharedList<WelcomeValues::TelephoneCommand>& default_telephone_commands() {
  static const SharedList<WelcomeValues::TelephoneCommand> commands = {
      {"HelpCommand", "*1"},
      {"PrivateRollCallCommand", "*3"},
      {"AudienceMuteCommand", "*4"},
      {"MuteUnmuteCommand", "*6"},
      {"LockUnlockConferenceCommand", "*7"},
      {"AdmitAll", "*8"},
      {"EnableDisableAnnouncementsCommand", "*9"},
  };
  return commands;
}

AccessNumberValue value_of(const AccessNumber& number, const std::string& region) {
  AccessNumberValue value;
  value.display_number = number.display_number;
  value.display_name = number.display_name;
  value.number = "+" + number.line_uri.digits();
  value.region = !region.empty() || number.regions.empty() ? region : number.regions.front();
  if (!number.primary_language.empty()) value.languages.push_back(number.primary_language);
  value.languages.insert(value.languages.end(), number.secondary_languages.begin(),
                         number.secondary_languages.end());
  return value;
}

}  // namespace

SharedList<AccessNumberValue> access_number_values(const std::vector<AccessNumber>& numbers,
                                                   const std::string& region) {
  std::vector<AccessNumberValue> values;
  for (const AccessNumber& number : numbers) {
    if (values.size() == MaximumNumbersInMail) break;
    const bool of_region =
        std::find(number.regions.begin(), number.regions.end(), region) != number.regions.end();
    values.push_back(value_of(number, of_region ? region : std::string()));
  }
  return SharedList<AccessNumberValue>(std::move(values));
}

SharedList<AccessNumberValue> access_numbers_for(Store& store, const Person& person) {
  std::vector<AccessNumber> numbers;
  if (!person.region.empty()) numbers = store.numbers().of_region(person.region);
  if (numbers.empty()) numbers = store.numbers().of_region("");
  return access_number_values(numbers, person.region);
}

std::optional<std::chrono::seconds> pin_lifetime(const PinPolicy& policy) {
  if (policy.lifetime_days == 0) return std::nullopt;
  return std::chrono::hours(24) * policy.lifetime_days;
}

std::optional<Timestamp> pin_expiry(const PinPolicy& policy, Timestamp now) {
  if (auto lifetime = pin_lifetime(policy)) return now + *lifetime;
  return std::nullopt;
}

WelcomeValues welcome_values(const Person& person, const SharedList<AccessNumberValue>& numbers,
                             const OrganisationValues& organisation, bool without_link, bool replaces_pin,
                             std::optional<Timestamp> pin_expires) {
  WelcomeValues values;
  values.display_name = person.display_name;
  values.sip_address = std::string(person.sip_address.address());
  if (person.mail) values.mail_address = person.mail->address();
  if (person.line_uri) {
    values.number = "+" + person.line_uri->digits();
    values.extension = person.line_uri->extension();
  }
  values.conference_id = person.conference_id;
  values.region = person.region;
  values.access_numbers = numbers;
  if (!without_link) values.settings_page_url = organisation.settings_page_url;
  values.pin_expires = pin_expires;
  values.telephone_commands = default_telephone_commands();
  values.support_contact = organisation.support_contact;
  values.organisation_name = organisation.name;
  values.logo_text = organisation.logo_text;
  values.replaces_pin = replaces_pin;
  return values;
}

}  // namespace dialin
