// SPDX-License-Identifier: Apache-2.0
// The names of the system's accounts and groups, for messages. Who may do what is decided elsewhere
// (admin/accounts.h), where "could not find out" is not "none". Any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace dialin {

// Nothing if there is none of that number, or it could not be found out.
std::optional<std::string> account_name(uid_t id);
std::optional<std::string> group_name(gid_t id);

}  // namespace dialin
