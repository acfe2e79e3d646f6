// SPDX-License-Identifier: Apache-2.0
#include "base/account_names.h"

#include <grp.h>
#include <pwd.h>

#include <array>

namespace dialin {

std::optional<std::string> account_name(uid_t id) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return found->pw_name;
}

std::optional<std::string> group_name(gid_t id) {
  std::array<char, 16384> buffer;
  group entry{};
  group* found = nullptr;
  if (getgrgid_r(id, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return found->gr_name;
}

}  // namespace dialin
