// SPDX-License-Identifier: Apache-2.0
// A person, as everything else in Dialin knows one.
#pragma once

#include <optional>
#include <string>

#include "people/mailbox.h"
#include "people/phone_number.h"
#include "people/sip_address.h"

namespace dialin {

// An internal id (IdentifierSeries) that never changes: verifiers, seals, history, locks and audit lines are
// bound to it, never to an address.
using PersonId = std::string;

struct Person {
  PersonId id{};
  std::string external_id{};  // of the directory the person comes from, may be empty
  SipAddress sip_address;
  std::string user_principal_name{};  // user@domain, may be empty
  std::string sam_account_name{};     // DOMAIN\logon or logon, may be empty
  std::string display_name{};         // may be empty
  std::optional<Mailbox> mail{};
  std::optional<PhoneNumber> line_uri{};
  std::string language{};       // BCP 47, may be empty
  std::string region{};         // dial-in region, may be empty
  std::string site{};           // may be empty
  std::string conference_id{};  // may be empty
  bool enabled = true;
  std::string pin_policy{};  // the name of the PIN policy that was granted, empty for none
};

// The display name, or else the SIP address without its scheme.
std::string name_of(const Person& person);

}  // namespace dialin
