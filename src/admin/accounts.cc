// SPDX-License-Identifier: Apache-2.0
#include "admin/accounts.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace dialin {
namespace {

constexpr std::size_t FirstBuffer = 4096;
constexpr std::size_t LargestBuffer = 16 << 20;  // a group of a directory may have 100,000 members
constexpr int MostGroups = 65536;                // what the kernel allows

// getpwuid_r and its like say "there is none" by a null pointer and, some of them, one of these.
bool means_none(int problem) {
  return problem == 0 || problem == ENOENT || problem == ESRCH || problem == EBADF || problem == EPERM;
}

// Calls `look` with buffers that grow until what is there fits.
template <class Entry, class Look>
const Entry* look_up(Entry& entry, std::vector<char>& buffer, const std::string& what, const Look& look) {
  for (buffer.resize(FirstBuffer); buffer.size() <= LargestBuffer; buffer.resize(buffer.size() * 4)) {
    Entry* found = nullptr;
    const int problem = look(&entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr) return found;
    if (problem == ERANGE || problem == EINTR) continue;
    if (means_none(problem)) return nullptr;
    throw Error(ErrorCode::Unavailable,
                fmt::format("{} cannot be resolved: {}", what, std::strerror(problem)),
                "See whether the system's directory of accounts answers: getent passwd, getent group.");
  }
  throw Error(ErrorCode::Unavailable, fmt::format("{} cannot be resolved: it is too large", what));
}

}  // namespace

std::optional<Account> SystemAccounts::account(uid_t id) {
  passwd entry{};
  std::vector<char> buffer;
  const passwd* found = look_up(entry, buffer, fmt::format("the account with the number {}", id),
                                [id](passwd* to, char* room, std::size_t size, passwd** result) {
                                  return getpwuid_r(id, to, room, size, result);
                                });
  if (found == nullptr) return std::nullopt;
  return Account{found->pw_name, found->pw_gid};
}

std::vector<gid_t> SystemAccounts::groups_of(const Account& account) {
  std::vector<gid_t> groups(64);
  for (;;) {
    int count = static_cast<int>(groups.size());
    const int found = getgrouplist(account.name.c_str(), account.group, groups.data(), &count);
    if (found >= 0) {
      groups.resize(static_cast<std::size_t>(count));
      return groups;
    }
    if (count > MostGroups || groups.size() > MostGroups) {
      throw Error(ErrorCode::Unavailable,
                  fmt::format("the groups of {} cannot be resolved: there are too many", account.name));
    }
    groups.resize(std::max(groups.size() * 2, static_cast<std::size_t>(count)));
  }
}

std::optional<std::string> SystemAccounts::group_name(gid_t id) {
  struct group entry {};
  std::vector<char> buffer;
  const struct group* found =
      look_up(entry, buffer, fmt::format("the group with the number {}", id),
              [id](struct group* to, char* room, std::size_t size, struct group** result) {
                return getgrgid_r(id, to, room, size, result);
              });
  return found == nullptr ? std::nullopt : std::optional<std::string>(found->gr_name);
}

std::optional<gid_t> SystemAccounts::group(const std::string& name) {
  struct group entry {};
  std::vector<char> buffer;
  const struct group* found =
      look_up(entry, buffer, fmt::format("the group {}", name),
              [&name](struct group* to, char* room, std::size_t size, struct group** result) {
                return getgrnam_r(name.c_str(), to, room, size, result);
              });
  return found == nullptr ? std::nullopt : std::optional<gid_t>(found->gr_gid);
}

}  // namespace dialin
