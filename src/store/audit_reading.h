// SPDX-License-Identifier: Apache-2.0
// The audit trail as it stands in the tables (store/audit_trail.h).
#pragma once

#include "store/audit_trail.h"
#include "store/store_context.h"

namespace dialin {

// In order of chain and number; `binds` hold a `limit`.
std::vector<SignedHead> find_heads(SociSession& sql, const std::string& store_id,
                                   const std::string& condition, const Binds& binds,
                                   const char* order = "host, number");

class SociAuditTrail final : public AuditTrail {
 public:
  explicit SociAuditTrail(StoreContext& context) : context_(context) {}

  std::vector<AuditLine> find(const AuditQuery& query, const std::optional<AuditPosition>& after,
                              std::size_t limit) override;
  std::optional<AuditPosition> before_last(const AuditQuery& query, std::size_t count) override;
  std::vector<AuditLine> of_chain(const std::string& chain, std::int64_t after, std::size_t limit) override;
  std::vector<AuditChain> chains() override;
  std::vector<SignedHead> heads(const std::string& chain, std::int64_t after, std::size_t limit) override;
  std::optional<SignedHead> newest_head(const std::string& chain) override;
  std::map<std::string, std::string> names(const std::vector<std::string>& ids) override;
  void sign(When when) override;
  std::string public_key() override;
  std::optional<SignedHead> archivable(const std::string& chain, Timestamp before) override;
  void note_archived(const SignedHead& closing, const Operator& by) override;
  std::size_t remove_archived(const std::string& chain, std::size_t limit) override;
  std::vector<CheckCount> check_counts(std::optional<Timestamp> since,
                                       std::optional<Timestamp> before) override;

 private:
  StoreContext& context_;
};

}  // namespace dialin
