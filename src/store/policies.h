// SPDX-License-Identifier: Apache-2.0
// PIN policies on SOCI.
#pragma once

#include "store/policy_store.h"
#include "store/store_context.h"

namespace dialin {

class SociPolicyStore final : public PolicyStore {
 public:
  explicit SociPolicyStore(StoreContext& context) : context_(context) {}

  PolicySet policies() override;
  PolicyEffect create(const NamedPolicy& policy, ImportMode mode, const Operator& by) override;
  PolicyEffect change(const ScopeIdentity& identity, const PinPolicyChanges& changes, ImportMode mode,
                      const Operator& by) override;
  PolicyEffect remove(const ScopeIdentity& identity, ImportMode mode, const Operator& by) override;
  PolicyEffect grant(const std::vector<PersonId>& people, const std::string& policy_name, ImportMode mode,
                     const Operator& by) override;

 private:
  StoreContext& context_;
};

PolicySet read_policies(SociSession& sql);

// Makes the PINs of `people`, whose site has changed, expire as the policy says that holds for them now.
void apply_policies(WriteTransaction& transaction, const std::vector<PersonId>& people);

}  // namespace dialin
