// SPDX-License-Identifier: Apache-2.0
// The port to PIN policies. Rules and errors as in store/store.h; checkpoints before-commit-NAME and
// after-commit-NAME with NAME one of policy-create, policy-change, policy-remove, policy-grant.
//
// A PIN that is set stays as it is whatever happens to its policy; only the day on which it expires follows
// the policy (pin/policy_change.h: not sooner than 14 days after the change), in the same transaction.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/operator.h"
#include "pin/policy_change.h"
#include "pin/policy_set.h"
#include "store/records.h"

namespace dialin {

// What a change does, or with ImportMode::WhatIf would do, to people; disabled ones are counted too.
struct PolicyEffect {
  std::size_t people = 0;    // who have another policy than before, or whose policy has been changed
  std::size_t with_pin = 0;  // of them
  std::size_t expire_sooner = 0;
  std::optional<Timestamp> first_expiry;  // of those: the soonest
  std::size_t expire_later = 0;           // or never
};

class PolicyStore {
 public:
  virtual ~PolicyStore() = default;
  virtual PolicySet policies() = 0;

  // Error(AlreadyExists); Global exists always. Error(InvalidInput) with the words of explain_bad_policy().
  virtual PolicyEffect create(const NamedPolicy& policy, ImportMode mode, const Operator& by) = 0;
  // Reads, changes and writes in one transaction, so that two operators lose nothing of each other's.
  // Error(NotFound), Error(InvalidInput) as above.
  virtual PolicyEffect change(const ScopeIdentity& identity, const PinPolicyChanges& changes, ImportMode mode,
                              const Operator& by) = 0;
  // Whoever had it has the next one: of the site, else the global one. Global becomes the defaults.
  // Error(NotFound).
  virtual PolicyEffect remove(const ScopeIdentity& identity, ImportMode mode, const Operator& by) = 0;
  // `policy_name` without "tag:"; empty: no longer any. Error(NotFound) if there is no such policy or person.
  virtual PolicyEffect grant(const std::vector<PersonId>& people, const std::string& policy_name,
                             ImportMode mode, const Operator& by) = 0;
};

}  // namespace dialin
