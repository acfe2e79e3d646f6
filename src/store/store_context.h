// SPDX-License-Identifier: Apache-2.0
// What all parts of one open store share, and how each of their functions runs: as one read, or as one
// transaction that is repeated whole where the database or the connection makes that necessary.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/checkpoint.h"
#include "base/clock.h"
#include "base/identifier_series.h"
#include "base/journal.h"
#include "base/random_source.h"
#include "store/audit.h"
#include "store/seals.h"
#include "store/soci_session.h"

namespace dialin {

struct StoreContext {
  std::unique_ptr<SociSession> session;
  RandomSource& random;
  Clock& clock;  // of this process; what is kept has the database's time (SociSession::now())
  Checkpoints& checkpoints;
  Seals seals;
  std::string store_id;
  int schema_version = 0;
  std::string host;                                // whose audit chain is written
  std::unique_ptr<const Sealer> stamps = nullptr;  // computes digests; none: not needed yet
  KeyDirectory key_directory;
  Journal* journal = nullptr;                               // gets signed heads; none: they wait in the store
  std::unique_ptr<const SigningKey> signing_key = nullptr;  // none: not needed yet
  std::int64_t slot = 0;                                    // in which this store counts checks
};

// The key that the store names; `lock` is a lock clause for its row.
KeyId key_in_use(SociSession& sql, const char* lock = "");

// By how many a change of a run's rows changes the counters of the run, by the rows' states.
struct RunRowCounts {
  std::int64_t waiting = 0;
  std::int64_t issued = 0;
  std::int64_t skipped = 0;
  std::int64_t invalid = 0;
  std::int64_t not_sent = 0;
};

// A transaction that writes, by its name at checkpoints and in words for errors.
struct Step {
  const char* name;   // "issue": checkpoints before-commit-issue, after-commit-issue
  const char* doing;  // "issuing a welcome"
};

class WriteTransaction {
 public:
  explicit WriteTransaction(StoreContext& context) : context_(context) {}

  SociSession& sql() { return *context_.session; }
  StoreContext& context() { return context_; }
  // Under the key that the store names now, which stays so until this transaction ends: whoever changes it
  // waits. So when another key has become the store's, nothing is ever sealed under the former one again.
  const SealsUnder& seals();

  // One time for the whole transaction, taken when first asked for: ask after the locks that may be waited
  // for.
  Timestamp now();

  // Of a row that this transaction makes. Those of one transaction follow each other.
  std::string next_id();

  // Lines are kept and written last, because the audit head is the last lock (doc/delivery.md).
  void audit(AuditEntry entry) { entries_.push_back(std::move(entry)); }
  const std::vector<AuditEntry>& entries() const { return entries_; }

  // Kept as well and written just before them: the rows of runs are the last lock but the audit head.
  void count_run_rows(const std::string& run, const RunRowCounts& change);
  void write_run_counts();

 private:
  StoreContext& context_;
  std::optional<Timestamp> now_;
  std::optional<SealsUnder> seals_;
  std::optional<IdentifierSeries> ids_;
  std::vector<AuditEntry> entries_;
  std::map<std::string, RunRowCounts> run_counts_;
};

// Runs `body` in a transaction and commits it. `body` may run several times: whatever it sets must be set
// anew each time. On PostgreSQL a COMMIT that was not answered is looked up by its transaction id, so nothing
// is done twice.
void run_transaction(StoreContext& context, const Step& step,
                     const std::function<void(WriteTransaction&)>& body);

template <class Body>
auto write(StoreContext& context, const Step& step, Body body) {
  std::optional<decltype(body(std::declval<WriteTransaction&>()))> result;
  run_transaction(context, step, [&](WriteTransaction& transaction) { result.emplace(body(transaction)); });
  return std::move(*result);
}

// Reads, again after a lost connection. `doing` in words for errors.
void run_read(StoreContext& context, const char* doing, const std::function<void(SociSession&)>& body);

template <class Body>
auto read(StoreContext& context, const char* doing, Body body) {
  std::optional<decltype(body(std::declval<SociSession&>()))> result;
  run_read(context, doing, [&](SociSession& sql) { result.emplace(body(sql)); });
  return std::move(*result);
}

}  // namespace dialin
