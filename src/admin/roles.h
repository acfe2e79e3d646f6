// SPDX-License-Identifier: Apache-2.0
// Who is an administrator, who is of the help desk, and what the help desk may do (doc/architecture.md, "Two
// ways to run").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/accounts.h"
#include "base/error.h"
#include "base/operator.h"
#include "config/configuration.h"
#include "shell/bound_parameters.h"

namespace dialin {

struct RoleOfAccount {
  std::string account;       // its name
  std::optional<Role> role;  // none: a member of none of the groups that could be resolved
  // Configured groups, and groups of the account, that could not be resolved: with one of them the role
  // might be another. In words for a message.
  std::vector<std::string> unresolved;
};

// `uid` is the kernel's word (SO_PEERCRED); everything else comes from `accounts`. Administrators are root,
// the account `own` that keeps the store, and members of roles.administrators. Error(Unavailable) if the
// account itself cannot be resolved.
RoleOfAccount role_of_account(uid_t uid, uid_t own, const RoleSettings& roles, Accounts& accounts);

// Why the help desk may not run what was bound; nothing if it may. What a row does not name for the help desk
// is refused, and so is more than one person, or a name with *.
std::optional<std::string> why_not_for_help_desk(const BoundParameters& bound);

// The parameter by which the help desk names the one person; empty if the row has none.
std::string person_parameter_of(const CommandSpec& spec);

// "members of RTCUniversalServerAdmins", for messages.
std::string members_of(const std::vector<std::string>& groups);

// The refusal of `command` to `account`: Error(Permission) that names the groups, or Error(Unavailable) if a
// group that could not be resolved might have allowed it. `why`: of why_not_for_help_desk, or empty.
Error refusal(const RoleOfAccount& account, const RoleSettings& roles, const std::string& command,
              const std::string& why);

}  // namespace dialin
