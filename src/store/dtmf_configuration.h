// SPDX-License-Identifier: Apache-2.0
// The keys with which a caller directs a conference (the original's CsDialInConferencingDtmfConfiguration): a
// command character, then one digit a command. Global, or of a site, which stands before it. Values and pure
// functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "people/phone_number.h"
#include "pin/scope_identity.h"

namespace dialin {

struct DtmfConfiguration {
  ScopeIdentity identity;
  char command_character = '*';  // or '#'
  // By the command's name; a command that is disabled is not in it.
  std::map<std::string, char> keys = default_keys();
  std::optional<PhoneNumber> operator_line_uri;  // who answers at *0

  static std::map<std::string, char> default_keys();
};

// HelpCommand, PrivateRollCallCommand, ... in the order of their keys by default.
const std::vector<std::string>& dtmf_commands();

// What an operator changes; everything else stays.
struct DtmfChanges {
  std::optional<char> command_character;
  std::map<std::string, std::optional<char>> keys;  // nothing inside: disabled
  std::optional<PhoneNumber> operator_line_uri;
  bool no_operator = false;

  bool empty() const { return !command_character && keys.empty() && !operator_line_uri && !no_operator; }
};
DtmfConfiguration changed(DtmfConfiguration configuration, const DtmfChanges& changes);

// Why it cannot be: a key that is no digit, two commands with one key, another command character than * and
// #, a command on the 0 of the operator. Empty if it can.
std::string explain_bad_dtmf(const DtmfConfiguration& configuration);

// The one of the site, else the global one, else the original's defaults.
DtmfConfiguration dtmf_of(const std::vector<DtmfConfiguration>& configurations, std::string_view site);

}  // namespace dialin
