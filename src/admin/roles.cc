// SPDX-License-Identifier: Apache-2.0
#include "admin/roles.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/group_name.h"
#include "base/text.h"

namespace dialin {
namespace {

// The groups of one account, each looked up once.
class Membership {
 public:
  Membership(const Account& account, Accounts& accounts) : accounts_(accounts) {
    for (gid_t id : accounts.groups_of(account)) {
      try {
        const auto name = accounts.group_name(id);
        if (name) {
          groups_.push_back({id, *name});
        } else {
          groups_.push_back({id, {}});
          unresolved_.push_back(fmt::format("the group with the number {}", id));
        }
      } catch (const Error& error) {
        groups_.push_back({id, {}});
        unresolved_.emplace_back(fmt::format("the group with the number {}", id));
      }
    }
  }

  // `unknown` receives the configured groups that could not be resolved.
  bool of_any(const std::vector<std::string>& configured, std::vector<std::string>& unknown) {
    for (const std::string& name : configured) {
      if (by_name(name)) return true;
    }
    bool member = false;
    for (const std::string& name : configured) {
      if (by_number(name, unknown)) member = true;
    }
    return member;
  }

  const std::vector<std::string>& unresolved() const { return unresolved_; }

 private:
  struct Group {
    gid_t id;
    std::string name;  // empty: it could not be resolved
  };

  bool by_name(const std::string& name) const {
    return std::any_of(groups_.begin(), groups_.end(),
                       [&](const Group& group) { return same_group(name, group.name); });
  }

  // Whether the group exists at all: if it does not, that the account is no member of it means nothing.
  bool by_number(const std::string& name, std::vector<std::string>& unknown) {
    try {
      for (const std::string& spelling : spellings_of_group(name)) {
        const auto id = accounts_.group(spelling);
        if (!id) continue;
        return std::any_of(groups_.begin(), groups_.end(),
                           [&](const Group& group) { return group.id == *id; });
      }
    } catch (const Error&) {
      // Said below, as of a group that is not there.
    }
    unknown.push_back("the group " + sanitize_foreign_text(name, 100));
    return false;
  }

  Accounts& accounts_;
  std::vector<Group> groups_;
  std::vector<std::string> unresolved_;
};

bool names_one(const BoundParameters& bound, const ParameterSpec& parameter) {
  if (parameter.kind == ParameterKind::List) {
    const std::vector<std::string> names = bound.list(parameter.name);
    return names.size() == 1 && names.front().find('*') == std::string::npos;
  }
  return bound.text_or(parameter.name, "").find('*') == std::string::npos;
}

}  // namespace

RoleOfAccount role_of_account(uid_t uid, uid_t own, const RoleSettings& roles, Accounts& accounts) {
  const std::optional<Account> account = accounts.account(uid);
  RoleOfAccount result;
  result.account = account ? account->name : fmt::format("uid {}", uid);
  if (uid == 0 || uid == own) {
    result.role = Role::Administrator;
    return result;
  }
  if (!account) {
    throw Error(ErrorCode::Unavailable,
                fmt::format("the account with the number {} cannot be resolved: nothing is known of its "
                            "groups",
                            uid),
                fmt::format("See whether the system knows it: getent passwd {}", uid));
  }
  Membership membership(*account, accounts);
  std::vector<std::string> unknown = membership.unresolved();
  if (membership.of_any(roles.administrators, unknown)) {
    result.role = Role::Administrator;
    return result;
  }
  if (membership.of_any(roles.help_desk, unknown)) result.role = Role::HelpDesk;
  result.unresolved = std::move(unknown);
  return result;
}

std::string person_parameter_of(const CommandSpec& spec) {
  for (const ParameterSpec& parameter : spec.parameters) {
    if (parameter.help_desk && parameter.names_people) return parameter.name;
  }
  return {};
}

std::optional<std::string> why_not_for_help_desk(const BoundParameters& bound) {
  if (!bound.spec().help_desk) return bound.display_command();
  for (const ParameterSpec* parameter : all_parameters(bound.spec())) {
    if (!bound.given(parameter->name)) continue;
    if (!parameter->help_desk)
      return fmt::format("{} with {}", bound.display_command(), bound.display_name(parameter->name));
    if (parameter->names_people && !names_one(bound, *parameter))
      return fmt::format("{} for several people at once", bound.display_command());
  }
  return std::nullopt;
}

std::string members_of(const std::vector<std::string>& groups) {
  return groups.empty() ? std::string("root alone") : "members of " + join(groups, ", ");
}

Error refusal(const RoleOfAccount& account, const RoleSettings& roles, const std::string& command,
              const std::string& why) {
  if (!account.unresolved.empty()) {
    return Error(
        ErrorCode::Unavailable,
        fmt::format("{}: whether {} may do this could not be found out: {} cannot be resolved", command,
                    account.account, join(account.unresolved, ", ")),
        "See whether the system knows the group (getent group), make it, or take it out of [roles].");
  }
  if (!account.role) {
    return Error(ErrorCode::Permission,
                 fmt::format("{} is for {}; {} is a member of no group that may use Dialin on this host",
                             command, members_of(roles.administrators), account.account),
                 roles.help_desk.empty()
                     ? std::string()
                     : fmt::format("The help desk, {}, may do a part of it.", members_of(roles.help_desk)));
  }
  return Error(ErrorCode::Permission,
               fmt::format("{} is for {}; {} is of the help desk", why.empty() ? command : why,
                           members_of(roles.administrators), account.account),
               "The help desk shows, locks, unlocks and welcomes again, one person at a time.");
}

}  // namespace dialin
