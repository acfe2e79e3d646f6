// SPDX-License-Identifier: Apache-2.0
// The port to where people are kept: the store now, LDAP later.
// An implementation only finds. Which of several matches is meant, and what to do about none, is decided in
// resolve_person(), once for all of them. It must not answer "nobody" when it could not ask: that is an
// Error(Unavailable).
#pragma once

#include <string>
#include <vector>

#include "people/person.h"
#include "people/user_identifier.h"

namespace dialin {

struct DirectoryMatch {
  Person person;
  std::string attribute;  // which one matched: "SipAddress", "UserPrincipalName", "Mail", ...
};

class Directory {
 public:
  virtual ~Directory() = default;
  // Everybody whom `identifier` may mean, disabled people too, one entry a person, at most `limit`.
  virtual std::vector<DirectoryMatch> find(const UserIdentifier& identifier, std::size_t limit) = 0;
};

// Exactly one person. Error(NotFound) if there is none; Error(InvalidInput) that lists up to ten of them,
// each with the attribute that matched, if there are several.
Person resolve_person(Directory& directory, const UserIdentifier& identifier);

}  // namespace dialin
