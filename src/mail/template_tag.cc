// SPDX-License-Identifier: Apache-2.0
#include "mail/template_tag.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "mail/welcome_template.h"

namespace dialin {
namespace {

constexpr bool Optional = true;
constexpr bool Always = false;
constexpr bool PerNumber = true;
constexpr bool Anywhere = false;
constexpr const char* ShownIfSet = "The section is shown if the value is set.";
constexpr const char* ShownIfCommandSet = "Shown if the telephone command has keys.";

// In the order of the enumeration: properties_of() relies on it, a test proves it.
constexpr std::array<TagProperties, TagCount> Table = {{
    {Tag::Pin, "PIN", Always, Anywhere, nullptr, "The PIN, as digits.", "383042650", nullptr,
     TemplatePurpose::Welcome},
    {Tag::DisplayName, "DISPLAY_NAME", Optional, Anywhere, nullptr, "The person's name.", "Bob Kelly",
     ShownIfSet},
    {Tag::SipAddress, "SIP_ADDRESS", Always, Anywhere, nullptr, "The person's SIP address, without \"sip:\".",
     "bob@contoso.com", ShownIfSet},
    {Tag::MailAddress, "MAIL_ADDRESS", Always, Anywhere, nullptr, "The address that this mail is sent to.",
     "bob@contoso.com", ShownIfSet},
    {Tag::Number, "NUMBER", Optional, Anywhere, nullptr, "The person's telephone number.", "+14255551297",
     ShownIfSet},
    {Tag::Extension, "EXTENSION", Optional, Anywhere, nullptr, "The person's extension.", "51297",
     ShownIfSet},
    {Tag::ConferenceId, "CONFERENCE_ID", Optional, Anywhere, nullptr,
     "The ID of the person's own conference.", "4150162", ShownIfSet},
    {Tag::CallerDetails, "CALLER_DETAILS", Optional, Anywhere, nullptr, nullptr, nullptr,
     "Shown if NUMBER, EXTENSION or CONFERENCE_ID is set: for a heading or table around the three."},
    {Tag::Region, "REGION", Optional, Anywhere, nullptr, "The person's dial-in region.", "Redmond",
     ShownIfSet},
    {Tag::AccessNumbers, "ACCESS_NUMBERS", Optional, Anywhere, nullptr, nullptr, nullptr,
     "Shown once if the region has numbers: for the heading and table around them."},
    {Tag::AccessNumber, "ACCESS_NUMBER", Optional, PerNumber, nullptr,
     "The number, as it is to be displayed.", "+1 (425) 555-0100",
     "Repeated for every number of the region; the other ACCESS_NUMBER_ tags belong into it."},
    {Tag::AccessNumberLink, "ACCESS_NUMBER_LINK", Optional, PerNumber, nullptr,
     "The number as an address for href, so that a telephone dials it.", "tel:+14255550100",
     "Shown for a number that can be linked."},
    {Tag::AccessNumberText, "ACCESS_NUMBER_TEXT", Optional, PerNumber, nullptr,
     "The number, if it cannot be linked.", "555-0100 (internal)",
     "Shown for a number that cannot be linked."},
    {Tag::AccessNumberName, "ACCESS_NUMBER_NAME", Optional, PerNumber, nullptr, "The number's name.",
     "Redmond toll-free", ShownIfSet},
    {Tag::AccessNumberRegion, "ACCESS_NUMBER_REGION", Optional, PerNumber, nullptr, "The number's region.",
     "Redmond", ShownIfSet},
    {Tag::AccessNumberLanguages, "ACCESS_NUMBER_LANGUAGES", Optional, PerNumber, nullptr,
     "The languages spoken at the number, each named in itself.",
     "English (United States), Français (Canada)", ShownIfSet},
    {Tag::SettingsPage, "SETTINGS_PAGE", Optional, Anywhere, nullptr,
     "The address of the Dial-in Conferencing Settings page.", "https://dialin.contoso.com", ShownIfSet},
    {Tag::PinExpires, "PIN_EXPIRES", Optional, Anywhere, nullptr,
     "The day (UTC) on which the PIN expires, written as the template's language does.", "March 15, 2027",
     ShownIfSet},
    {Tag::TelephoneCommands, "TELEPHONE_COMMANDS", Optional, Anywhere, nullptr, nullptr, nullptr,
     "Shown if at least one telephone command has keys: for the heading and table around them."},
    {Tag::HelpCommand, "HELP_COMMAND", Optional, Anywhere, "HelpCommand", "Keys: hear the commands.", "*1",
     ShownIfCommandSet},
    {Tag::PrivateRollCallCommand, "PRIVATE_ROLL_CALL_COMMAND", Optional, Anywhere, "PrivateRollCallCommand",
     "Keys: hear who is in the conference.", "*3", ShownIfCommandSet},
    {Tag::MuteUnmuteCommand, "MUTE_UNMUTE_COMMAND", Optional, Anywhere, "MuteUnmuteCommand",
     "Keys: mute or unmute oneself.", "*6", ShownIfCommandSet},
    {Tag::AudienceMuteCommand, "AUDIENCE_MUTE_COMMAND", Optional, Anywhere, "AudienceMuteCommand",
     "Keys: mute or unmute everybody else (presenters).", "*4", ShownIfCommandSet},
    {Tag::LockUnlockConferenceCommand, "LOCK_UNLOCK_CONFERENCE_COMMAND", Optional, Anywhere,
     "LockUnlockConferenceCommand", "Keys: lock or unlock the conference (presenters).", "*7",
     ShownIfCommandSet},
    {Tag::AdmitAllCommand, "ADMIT_ALL_COMMAND", Optional, Anywhere, "AdmitAll",
     "Keys: let in everybody who waits in the lobby (presenters).", "*8", ShownIfCommandSet},
    {Tag::EnableDisableAnnouncementsCommand, "ENABLE_DISABLE_ANNOUNCEMENTS_COMMAND", Optional, Anywhere,
     "EnableDisableAnnouncementsCommand", "Keys: switch the announcement of arrivals on or off (presenters).",
     "*9", ShownIfCommandSet},
    {Tag::OperatorCommand, "OPERATOR_COMMAND", Optional, Anywhere, "OperatorLineUri",
     "Keys: speak to an operator.", "*0", ShownIfCommandSet},
    {Tag::SupportContact, "SUPPORT_CONTACT", Optional, Anywhere, nullptr, "Where to ask for help.",
     "helpdesk@contoso.com", ShownIfSet},
    {Tag::SupportContactLink, "SUPPORT_CONTACT_LINK", Optional, Anywhere, nullptr,
     "The same as an address for href, if it is a mail address, a telephone number or a web address.",
     "mailto:helpdesk@contoso.com", "Shown if the contact can be linked."},
    {Tag::SupportContactText, "SUPPORT_CONTACT_TEXT", Optional, Anywhere, nullptr,
     "The same, if it cannot be linked.", "the help desk on the second floor",
     "Shown if the contact cannot be linked."},
    {Tag::OrganisationName, "ORGANISATION_NAME", Optional, Anywhere, nullptr, "The organisation's name.",
     "Contoso Ltd.", ShownIfSet},
    {Tag::LogoText, "LOGO_TEXT", Optional, Anywhere, nullptr,
     "A word or two at the top of the mail, in the place of a logo.", "CONTOSO", ShownIfSet},
    {Tag::FirstPin, "FIRST_PIN", Optional, Anywhere, nullptr, nullptr, nullptr,
     "Shown if the person had no PIN before.", TemplatePurpose::Welcome},
    {Tag::ReplacedPin, "REPLACED_PIN", Optional, Anywhere, nullptr, nullptr, nullptr,
     "Shown if this PIN replaces another one, which no longer works.", TemplatePurpose::Welcome},
    {Tag::ChangedAt, "CHANGED_AT", Always, Anywhere, nullptr,
     "In notices: when the PIN was changed (UTC), written as the template's language does.",
     "March 15, 2027 at 9:14 AM", nullptr, TemplatePurpose::Notice},
    {Tag::SentTo, "SENT_TO", Optional, Anywhere, nullptr,
     "In notices: the address to which the PIN was mailed, which is not the person's own.",
     "reception@contoso.com", ShownIfSet, TemplatePurpose::Notice},
    {Tag::SetDirectly, "SET_DIRECTLY", Optional, Anywhere, nullptr, nullptr, nullptr,
     "In notices: shown if an administrator set the PIN without a mail.", TemplatePurpose::Notice},
}};

std::vector<std::string> names_with(const char* const TagProperties::*meaning) {
  std::vector<std::string> names;
  for (const TagProperties& properties : Table) {
    if (properties.*meaning != nullptr) names.emplace_back(properties.name);
  }
  return names;
}

}  // namespace

const TagProperties& properties_of(Tag tag) {
  return Table[static_cast<std::size_t>(tag)];
}

std::optional<Tag> find_tag(std::string_view name) {
  const auto* found =
      std::find_if(Table.begin(), Table.end(), [&](const auto& row) { return row.name == name; });
  if (found == Table.end()) return std::nullopt;
  return found->tag;
}

const std::vector<std::string>& value_names() {
  static const std::vector<std::string> names = names_with(&TagProperties::value_meaning);
  return names;
}

const std::vector<std::string>& section_names() {
  static const std::vector<std::string> names = names_with(&TagProperties::section_meaning);
  return names;
}

Tag text_of_link(Tag tag) {
  if (tag == Tag::AccessNumberLink) return Tag::AccessNumber;
  if (tag == Tag::SupportContactLink) return Tag::SupportContact;
  return tag;
}

const std::vector<TemplateTag>& template_tags() {
  static const std::vector<TemplateTag> tags = [] {
    std::vector<TemplateTag> all;
    for (const TagProperties& row : Table) {
      if (row.value_meaning != nullptr) all.push_back({row.name, row.value_meaning, row.value_example});
      if (row.section_meaning == nullptr) continue;
      const std::string name = row.name;
      all.push_back({"#" + name, row.section_meaning, "{{#" + name + "}} ... {{/" + name + "}}"});
    }
    return all;
  }();
  return tags;
}

}  // namespace dialin
