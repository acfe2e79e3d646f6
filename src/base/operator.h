// SPDX-License-Identifier: Apache-2.0
// Who gives the command. A handler gets it as an argument and never asks the process who runs it.
#pragma once

#include <string>

namespace dialin {

enum class Role { Administrator, HelpDesk };

struct Operator {
  std::string name;  // the account's name
  Role role = Role::Administrator;
  std::string origin;  // from where: "host/terminal or parent", as the audit trail shows it
};

}  // namespace dialin
