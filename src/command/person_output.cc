// SPDX-License-Identifier: Apache-2.0
#include "command/person_output.h"

namespace dialin {
namespace {

// As a people file has it, display name and all.
std::string text_of(const Mailbox& mailbox) {
  if (mailbox.display_name().empty()) return mailbox.address();
  std::string quoted = "\"";
  for (const char c : mailbox.display_name()) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\" <" + mailbox.address() + ">";
}

}  // namespace

OutputObject object_of(const Person& person) {
  OutputObject object;
  object.text("SipAddress", person.sip_address.uri())
      .text("ExternalId", person.external_id)
      .text("UserPrincipalName", person.user_principal_name)
      .text("SamAccountName", person.sam_account_name)
      .text("DisplayName", person.display_name)
      .text("Mail", person.mail ? text_of(*person.mail) : "")
      .text("LineUri", person.line_uri ? person.line_uri->uri() : "")
      .text("Language", person.language)
      .text("Region", person.region)
      .text("Site", person.site)
      .text("ConferenceId", person.conference_id)
      .truth("Enabled", person.enabled)
      .text("PinPolicy", person.pin_policy);
  return object;
}

const std::vector<std::string>& person_columns() {
  static const std::vector<std::string> columns = {"SipAddress",     "ExternalId",   "UserPrincipalName",
                                                   "SamAccountName", "DisplayName",  "Mail",
                                                   "LineUri",        "Language",     "Region",
                                                   "Site",           "ConferenceId", "Enabled"};
  return columns;
}

const std::vector<std::string>& person_table_columns() {
  static const std::vector<std::string> columns = {"SipAddress", "DisplayName", "Mail",   "LineUri",
                                                   "Language",   "Region",      "Enabled"};
  return columns;
}

}  // namespace dialin
