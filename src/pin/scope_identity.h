// SPDX-License-Identifier: Apache-2.0
// The identity of a thing that is administered by scope, as the original writes it: Global, site:Redmond,
// tag:RedmondUsers (a policy that is granted to single people; a bare name means this one).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dialin {

class ScopeIdentity {
 public:
  enum class Scope { Global, Site, Tag };
  static constexpr std::size_t LongestName = 256;  // characters

  ScopeIdentity() = default;  // Global
  static ScopeIdentity site(std::string_view name) { return {Scope::Site, std::string(name)}; }
  static ScopeIdentity tag(std::string_view name) { return {Scope::Tag, std::string(name)}; }
  // The scope's name in any case. Nothing if the name is empty, too long, not UTF-8, or holds control
  // characters, a colon or a wildcard.
  static std::optional<ScopeIdentity> parse(std::string_view text);

  Scope scope() const { return scope_; }
  const std::string& name() const { return name_; }  // as typed; empty for Global
  std::string text() const;                          // "Global", "site:Redmond", "tag:RedmondUsers"
  std::string key() const;                           // folded, for comparing
  bool operator==(const ScopeIdentity& other) const { return key() == other.key(); }

 private:
  ScopeIdentity(Scope scope, std::string name) : scope_(scope), name_(std::move(name)) {}
  Scope scope_ = Scope::Global;
  std::string name_;
};

}  // namespace dialin
