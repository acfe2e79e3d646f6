// SPDX-License-Identifier: Apache-2.0
#include "store/audit_signing.h"

#include "store/audit_head.h"
#include "store/audit_reading.h"

namespace dialin {
namespace {

constexpr std::size_t kHeadsAtOnce = 100;

// Returns false when the journal takes no more, or has got all.
bool send_some(StoreContext& context) {
  const std::vector<SignedHead> heads =
      read(context, "reading heads of the audit trail", [&](SociSession& sql) {
        return find_heads(sql, context.store_id, "host = :host AND sent_at IS NULL",
                          {{"host", context.host}, {"limit", kHeadsAtOnce}});
      });
  std::int64_t last = 0;
  bool taken = true;
  for (const SignedHead& head : heads) {
    taken = context.journal->write(head.line());
    if (!taken) break;
    last = head.number;
  }
  if (last > 0) {
    run_transaction(context, Step{"journal", "noting that the journal has got a head"},
                    [&](WriteTransaction& transaction) {
                      transaction.sql().execute(
                          "UPDATE audit_signed_heads SET sent_at = :now WHERE host = :host AND sent_at IS "
                          "NULL AND number "
                          "<= :number",
                          {{"now", transaction.now()}, {"host", context.host}, {"number", last}});
                    });
  }
  return taken && heads.size() == kHeadsAtOnce;
}

}  // namespace

const SigningKey& signing_key(StoreContext& context) {
  if (!context.signing_key)
    context.signing_key = std::make_unique<const SigningKey>(context.key_directory.signing_key());
  return *context.signing_key;
}

bool sign_if_due(WriteTransaction& transaction, const ChainEnd& end) {
  if (end.number - end.signed_number < kLinesAHead && transaction.now() - end.signed_at < kTimeAHead)
    return false;
  return sign_now(transaction, end);
}

bool sign_now(WriteTransaction& transaction, const ChainEnd& end) {
  if (end.number == end.signed_number) return false;
  SociSession& sql = transaction.sql();
  StoreContext& context = transaction.context();
  SignedHead head{.store_id = context.store_id,
                  .chain = context.host,
                  .number = end.number,
                  .hash = end.hash,
                  .at = to_microseconds(transaction.now()),
                  .chains = sql.row("SELECT COUNT(*) FROM audit_heads", 1)->integer(0),
                  .public_key = {},
                  .signature = {}};
  sign_head(head, signing_key(context));
  sql.execute(
      "INSERT INTO audit_signed_heads (host, number, hash, at, chains, public_key, signature) VALUES (:host, "
      ":number, :hash, :at, :chains, :key, :signature)",
      {{"host", head.chain},
       {"number", head.number},
       {"hash", head.hash},
       {"at", head.at},
       {"chains", head.chains},
       {"key", head.public_key},
       {"signature", head.signature}});
  sql.execute("UPDATE audit_heads SET signed_number = :number, signed_at = :at WHERE host = :host",
              {{"number", head.number}, {"at", head.at}, {"host", head.chain}});
  return true;
}

void send_heads(StoreContext& context) noexcept {
  if (context.journal == nullptr) return;
  try {
    while (send_some(context)) {
    }
  } catch (const Error&) {
  }
}

}  // namespace dialin
