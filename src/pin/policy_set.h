// SPDX-License-Identifier: Apache-2.0
// All PIN policies of an organisation, and which of them holds for whom: the one that was granted to the
// person, else the one of the person's site, else the global one. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pin/pin_policy.h"
#include "pin/scope_identity.h"

namespace dialin {

struct NamedPolicy {
  ScopeIdentity identity;
  std::string description;
  PinPolicy policy;
};

class PolicySet {
 public:
  // The global policy with the original's defaults, and nothing else.
  PolicySet() : PolicySet(std::vector<NamedPolicy>()) {}
  // A global policy with the defaults is added if there is none.
  explicit PolicySet(std::vector<NamedPolicy> policies);

  // Global first, then those of sites, then those for people, each by name.
  const std::vector<NamedPolicy>& all() const { return policies_; }
  // A null pointer if there is none.
  const NamedPolicy* find(const ScopeIdentity& identity) const;
  // `site` and `tag` (the name of the policy that was granted) may be empty. A name that no policy has counts
  // as empty.
  const NamedPolicy& of(std::string_view site, std::string_view tag) const;

  // Replaces the one with its identity, or adds it.
  void put(NamedPolicy policy);
  // Global becomes the defaults.
  void erase(const ScopeIdentity& identity);

 private:
  void sort();
  std::vector<NamedPolicy> policies_;
};

}  // namespace dialin
