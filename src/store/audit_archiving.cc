// SPDX-License-Identifier: Apache-2.0
// The store's part of archiving old lines: they count as archived from one commit on, and are removed
// afterwards in pieces, so that nobody waits for a million of them.
#include "base/error.h"
#include "store/audit_reading.h"

namespace dialin {

std::optional<SignedHead> SociAuditTrail::archivable(const std::string& chain, Timestamp before) {
  return read(context_, "looking for lines to archive", [&](SociSession& sql) -> std::optional<SignedHead> {
    std::vector<SignedHead> heads =
        find_heads(sql, context_.store_id,
                   "host = :chain AND number > (SELECT archived_number FROM audit_heads WHERE "
                   "audit_heads.host = :chain) AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.host = :chain "
                   "AND audit.at >= :before AND audit.number <= audit_signed_heads.number)",
                   {{"chain", chain}, {"before", before}, {"limit", 1}}, "number DESC");
    if (heads.empty()) return std::nullopt;
    return std::move(heads.front());
  });
}

void SociAuditTrail::note_archived(const SignedHead& closing, const Operator& by) {
  run_transaction(
      context_, {"archive", "noting that lines of the audit trail were archived"},
      [&](WriteTransaction& transaction) {
        if (transaction.sql().execute(
                "UPDATE audit_heads SET archived_number = :number, archived_hash = :hash WHERE host = :chain "
                "AND "
                "archived_number < :number",
                {{"number", closing.number}, {"hash", closing.hash}, {"chain", closing.chain}}) == 0)
          throw Error(ErrorCode::Precondition,
                      "somebody else has archived lines of the chain " + closing.chain + " at the same time",
                      "Remove the file that was written now, if the other one holds the same lines.");
        transaction.audit({by,
                           "audit-archived",
                           {},
                           {{"chain", closing.chain}, {"up_to", std::to_string(closing.number)}}});
      });
}

std::size_t SociAuditTrail::remove_archived(const std::string& chain, std::size_t limit) {
  return write(
      context_, {"remove-archived", "removing archived lines of the audit trail"},
      [&](WriteTransaction& transaction) {
        return transaction.sql().execute(
            "DELETE FROM audit WHERE host = :chain AND number IN (SELECT number FROM audit WHERE host = "
            ":chain AND number <= (SELECT archived_number FROM audit_heads WHERE host = :chain) ORDER "
            "BY number LIMIT :limit)",
            {{"chain", chain}, {"limit", limit}});
      });
}

}  // namespace dialin
