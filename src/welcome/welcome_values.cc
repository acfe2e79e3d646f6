// SPDX-License-Identifier: Apache-2.0
#include "welcome/welcome_values.h"

#include <algorithm>

#include "base/text.h"
#include "pin/policy_change.h"

namespace dialin {
namespace {

bool is_for(const AccessNumber& number, const Person& person) {
  return number.site.empty() || fold_case(number.site) == fold_case(person.site);
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
  const auto take = [&](const std::string& region) {
    numbers = store.numbers().of_region(region);
    std::erase_if(numbers, [&](const AccessNumber& number) { return !is_for(number, person); });
  };
  if (!person.region.empty()) take(person.region);
  if (numbers.empty()) take("");
  return access_number_values(numbers, person.region);
}

SharedList<WelcomeValues::TelephoneCommand> telephone_command_values(const DtmfConfiguration& dtmf) {
  std::vector<WelcomeValues::TelephoneCommand> commands;
  for (const std::string& name : dtmf_commands()) {
    const auto key = dtmf.keys.find(name);
    if (key != dtmf.keys.end()) commands.push_back({name, {dtmf.command_character, key->second}});
  }
  return SharedList<WelcomeValues::TelephoneCommand>(std::move(commands));
}

SharedList<WelcomeValues::TelephoneCommand> telephone_commands_for(Store& store, const Person& person) {
  return telephone_command_values(dtmf_of(store.numbers().dtmf(), person.site));
}

std::optional<Timestamp> pin_expiry(const PinPolicy& policy, Timestamp now) {
  if (policy.change_at_first_use) return std::nullopt;
  if (const auto lifetime = pin_lifetime(policy)) return now + *lifetime;
  return std::nullopt;
}

WelcomeValues welcome_values(const Person& person, const SharedList<AccessNumberValue>& numbers,
                             const SharedList<WelcomeValues::TelephoneCommand>& commands,
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
  values.telephone_commands = commands;
  values.support_contact = organisation.support_contact;
  values.organisation_name = organisation.name;
  values.logo_text = organisation.logo_text;
  values.replaces_pin = replaces_pin;
  return values;
}

}  // namespace dialin
