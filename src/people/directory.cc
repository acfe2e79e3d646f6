// SPDX-License-Identifier: Apache-2.0
#include "people/directory.h"

#include <fmt/format.h>

#include "base/error.h"

namespace dialin {
namespace {

constexpr std::size_t kMostListed = 10;

[[noreturn]] void throw_not_found(const UserIdentifier& identifier) {
  using Form = UserIdentifier::Form;
  std::string next = "`dialin people list` shows who is known.";
  if (identifier.form() == Form::SipUri || identifier.form() == Form::Address) {
    // A line to paste: only what no shell takes apart.
    const bool plain =
        identifier.key().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.@-_+") == std::string::npos;
    if (plain && SipAddress::parse(identifier.key())) {
      next = fmt::format("Add this person with: dialin people add {} --mail ADDRESS", identifier.key());
    }
  } else if (identifier.form() == Form::DistinguishedName) {
    next = "Distinguished names are known to an LDAP directory only; name the person by SIP address.";
  }
  throw Error(ErrorCode::NotFound,
              identifier.has_wildcard()
                  ? fmt::format("no person's display name matches \"{}\"", identifier.text())
                  : fmt::format("there is no person \"{}\"", identifier.text()),
              next);
}

std::string describe(const DirectoryMatch& match) {
  const Person& person = match.person;
  std::string line = fmt::format("  {}", person.sip_address.uri());
  if (!person.display_name.empty()) line += fmt::format("  \"{}\"", person.display_name);
  return line + fmt::format("  by {}{}", match.attribute, person.enabled ? "" : ", disabled");
}

}  // namespace

Person resolve_person(Directory& directory, const UserIdentifier& identifier) {
  std::vector<DirectoryMatch> matches = directory.find(identifier, kMostListed + 1);
  if (matches.empty()) throw_not_found(identifier);
  if (matches.size() == 1) return std::move(matches.front().person);
  const bool more = matches.size() > kMostListed;
  std::string message =
      fmt::format("\"{}\" names {} people and must name one:", identifier.text(),
                  more ? fmt::format("more than {}", kMostListed) : fmt::format("{}", matches.size()));
  for (std::size_t i = 0; i < matches.size() && i < kMostListed; ++i) message += "\n" + describe(matches[i]);
  throw Error(ErrorCode::InvalidInput, message, "Name the one you mean by SIP address: sip:user@domain.");
}

}  // namespace dialin
