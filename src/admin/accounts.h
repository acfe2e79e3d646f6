// SPDX-License-Identifier: Apache-2.0
// The system's accounts and groups, whatever they come from (files, sssd, winbind): a port, so that tests
// bring their own.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace dialin {

struct Account {
  std::string name;
  gid_t group = 0;  // the primary one
};

// Every function throws Error(Unavailable) if it could not be found out, which is never the same as "no".
class Accounts {
 public:
  virtual ~Accounts() = default;
  virtual std::optional<Account> account(uid_t id) = 0;
  // All groups of the account, the primary one included.
  virtual std::vector<gid_t> groups_of(const Account& account) = 0;
  virtual std::optional<std::string> group_name(gid_t id) = 0;
  // By its very spelling.
  virtual std::optional<gid_t> group(const std::string& name) = 0;
};

// By the system's name service switch.
class SystemAccounts final : public Accounts {
 public:
  std::optional<Account> account(uid_t id) override;
  std::vector<gid_t> groups_of(const Account& account) override;
  std::optional<std::string> group_name(gid_t id) override;
  std::optional<gid_t> group(const std::string& name) override;
};

}  // namespace dialin
