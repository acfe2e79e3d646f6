// SPDX-License-Identifier: Apache-2.0
// The tags that a template may use, declared once: what the check, the engine, `template tags` and
// doc/template.md know about them comes from here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/template_purpose.h"

namespace dialin {

enum class Tag {
  Pin,
  DisplayName,
  SipAddress,
  MailAddress,
  Number,
  Extension,
  ConferenceId,
  CallerDetails,
  Region,
  AccessNumbers,
  AccessNumber,
  AccessNumberLink,
  AccessNumberText,
  AccessNumberName,
  AccessNumberRegion,
  AccessNumberLanguages,
  SettingsPage,
  PinExpires,
  TelephoneCommands,
  HelpCommand,
  PrivateRollCallCommand,
  MuteUnmuteCommand,
  AudienceMuteCommand,
  LockUnlockConferenceCommand,
  AdmitAllCommand,
  EnableDisableAnnouncementsCommand,
  OperatorCommand,
  SupportContact,
  SupportContactLink,
  SupportContactText,
  OrganisationName,
  LogoText,
  FirstPin,
  ReplacedPin,
  ChangedAt,
  SentTo,
  SetDirectly,
};
constexpr std::size_t TagCount = static_cast<std::size_t>(Tag::SetDirectly) + 1;

struct TagProperties {
  Tag tag;
  const char* name;
  bool may_be_missing;        // a value that may not be set: belongs into its section
  bool of_access_number;      // only inside {{#ACCESS_NUMBER}}
  const char* command;        // the original's property, for telephone commands; else null
  const char* value_meaning;  // null: there is no {{NAME}}
  const char* value_example;
  const char* section_meaning;  // null: there is no {{#NAME}}
  std::optional<TemplatePurpose> only_in = std::nullopt;
};

const TagProperties& properties_of(Tag tag);
// Exact spelling: capital letters.
std::optional<Tag> find_tag(std::string_view name);
// The names that may stand as {{NAME}}, or as {{#NAME}}.
const std::vector<std::string>& value_names();
const std::vector<std::string>& section_names();

// The tag whose value a link tag turns into an address: SUPPORT_CONTACT for SUPPORT_CONTACT_LINK; else `tag`.
Tag text_of_link(Tag tag);

}  // namespace dialin
