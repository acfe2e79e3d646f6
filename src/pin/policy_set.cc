// SPDX-License-Identifier: Apache-2.0
#include "pin/policy_set.h"

#include <algorithm>
#include <tuple>

namespace dialin {

PolicySet::PolicySet(std::vector<NamedPolicy> policies) : policies_(std::move(policies)) {
  if (find(ScopeIdentity()) == nullptr) policies_.emplace_back();
  sort();
}

void PolicySet::sort() {
  std::sort(policies_.begin(), policies_.end(), [](const NamedPolicy& a, const NamedPolicy& b) {
    return std::tuple(a.identity.scope(), a.identity.key()) <
           std::tuple(b.identity.scope(), b.identity.key());
  });
}

const NamedPolicy* PolicySet::find(const ScopeIdentity& identity) const {
  const std::string key = identity.key();
  for (const NamedPolicy& policy : policies_) {
    if (policy.identity.key() == key) return &policy;
  }
  return nullptr;
}

const NamedPolicy& PolicySet::of(std::string_view site, std::string_view tag) const {
  if (policies_.size() > 1) {
    if (!tag.empty()) {
      if (const NamedPolicy* granted = find(ScopeIdentity::tag(tag))) return *granted;
    }
    if (!site.empty()) {
      if (const NamedPolicy* of_site = find(ScopeIdentity::site(site))) return *of_site;
    }
  }
  return policies_.front();
}

void PolicySet::put(NamedPolicy policy) {
  std::erase_if(policies_, [&](const NamedPolicy& other) { return other.identity == policy.identity; });
  policies_.push_back(std::move(policy));
  sort();
}

void PolicySet::erase(const ScopeIdentity& identity) {
  std::erase_if(policies_, [&](const NamedPolicy& other) { return other.identity == identity; });
  if (identity.scope() == ScopeIdentity::Scope::Global) put({});
}

}  // namespace dialin
