// SPDX-License-Identifier: Apache-2.0
#include "store/store_context.h"

#include <chrono>
#include <thread>

#include "store/audit_signing.h"
#include "store/outbox_finish.h"

namespace dialin {
namespace {

constexpr int kMostRepeats = 8;
constexpr int kMostConnections = 3;  // that one function may lose
constexpr std::chrono::seconds kCommitQuestionTime{10};

// Whether a transaction whose COMMIT was not answered was committed. Our former connection may still be at
// it.
bool was_committed(SociSession& sql, const std::string& transaction_id) {
  const auto until = std::chrono::steady_clock::now() + kCommitQuestionTime;
  try {
    sql.reconnect();
    // Without an id nothing was written, and nothing can be lost.
    if (transaction_id.empty()) return true;
    do {
      const auto row = sql.row("SELECT pg_xact_status(CAST(:id AS xid8))", 1, {{"id", transaction_id}});
      const std::string status = row->text_or_empty(0);
      if (status == "committed") return true;
      if (status == "aborted") return false;
      if (status.empty()) break;  // so long ago that the server has forgotten it
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    } while (std::chrono::steady_clock::now() < until);
  } catch (const DatabaseFailure&) {
  }
  throw DatabaseFailure(
      ErrorCode::Unavailable, DatabaseFailure::Repeat::No,
      "the connection to " + sql.place() +
          " was lost while a change was being committed, and it cannot be told whether it was",
      "When the server can be reached again, look at the state of things and try again.");
}

void commit(WriteTransaction& transaction, const Step& step) {
  SociSession& sql = transaction.sql();
  // Every change of the store also ends what has been uncertain for too long.
  if (!transaction.entries().empty()) finish_old_uncertain(transaction);
  transaction.write_run_counts();
  bool signs = false;
  if (!transaction.entries().empty()) {
    const ChainEnd end =
        write_audit(sql, transaction.context().host, transaction.now(), transaction.entries());
    signs = sign_if_due(transaction, end);
  }
  std::string transaction_id;
  if (sql.is_postgresql())
    transaction_id = sql.row("SELECT CAST(pg_current_xact_id_if_assigned() AS TEXT)", 1)->text_or_empty(0);
  Checkpoints& checkpoints = transaction.context().checkpoints;
  checkpoints.reach(std::string("before-commit-") + step.name);
  try {
    sql.commit();
  } catch (const DatabaseFailure& failure) {
    if (failure.repeat() != DatabaseFailure::Repeat::Connection) throw;
    if (!was_committed(sql, transaction_id))
      throw DatabaseFailure(failure.code(), DatabaseFailure::Repeat::Transaction, failure.what(),
                            failure.next());
  }
  checkpoints.reach(std::string("after-commit-") + step.name);
  if (signs) send_heads(transaction.context());
}

// Whether to begin again after `failure`; has connected again then.
class Repeats {
 public:
  bool another(SociSession& sql, const DatabaseFailure& failure) {
    switch (failure.repeat()) {
      case DatabaseFailure::Repeat::No:
        return false;
      case DatabaseFailure::Repeat::Transaction:
        if (++repeats_ > kMostRepeats) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5 * repeats_));
        return true;
      case DatabaseFailure::Repeat::Connection:
        if (!sql.is_postgresql() || ++connections_ > kMostConnections) return false;
        sql.reconnect();
        return true;
    }
    return false;
  }

 private:
  int repeats_ = 0;
  int connections_ = 0;
};

}  // namespace

Timestamp WriteTransaction::now() {
  if (!now_) now_ = sql().now();
  return *now_;
}

const SealsUnder& WriteTransaction::seals() {
  if (!seals_) seals_ = context_.seals.under(key_in_use(sql(), sql().for_share()));
  return *seals_;
}

KeyId key_in_use(SociSession& sql, const char* lock) {
  const auto row = sql.row(std::string("SELECT key_id FROM store_meta WHERE one = 1") + lock, 1);
  const std::optional<KeyId> id = row ? KeyId::parse(row->text(0)) : std::nullopt;
  if (!id)
    throw Error(ErrorCode::Configuration, "the store names no key that can be read",
                "Bring it back from a backup.");
  return *id;
}

std::string WriteTransaction::next_id() {
  // The time only puts them into an order: it need not be the database's, nor be after any lock.
  if (!ids_) ids_.emplace(context_.random, context_.clock.now());
  return ids_->next();
}

void WriteTransaction::count_run_rows(const std::string& run, const RunRowCounts& change) {
  RunRowCounts& counts = run_counts_[run];
  counts.waiting += change.waiting;
  counts.issued += change.issued;
  counts.skipped += change.skipped;
  counts.invalid += change.invalid;
  counts.not_sent += change.not_sent;
}

void WriteTransaction::write_run_counts() {
  for (const auto& [run, change] : run_counts_)
    sql().execute(
        "UPDATE runs SET waiting_rows = waiting_rows + :waiting, issued_rows = issued_rows + :issued, "
        "skipped_rows = skipped_rows + :skipped, invalid_rows = invalid_rows + :invalid, not_sent_rows = "
        "not_sent_rows + :not_sent WHERE id = :run",
        {{"waiting", change.waiting},
         {"issued", change.issued},
         {"skipped", change.skipped},
         {"invalid", change.invalid},
         {"not_sent", change.not_sent},
         {"run", run}});
  run_counts_.clear();
}

void run_transaction(StoreContext& context, const Step& step,
                     const std::function<void(WriteTransaction&)>& body) {
  SociSession& sql = *context.session;
  Repeats repeats;
  for (;;) {
    try {
      try {
        sql.begin();
        WriteTransaction transaction(context);
        body(transaction);
        commit(transaction, step);
        return;
      } catch (const DatabaseFailure& failure) {
        sql.rollback();
        if (!repeats.another(sql, failure)) throw;
      } catch (...) {
        sql.rollback();
        throw;
      }
    } catch (const DatabaseFailure& failure) {
      throw failure.while_doing(step.doing);
    }
  }
}

void run_read(StoreContext& context, const char* doing, const std::function<void(SociSession&)>& body) {
  Repeats repeats;
  for (;;) {
    try {
      try {
        body(*context.session);
        return;
      } catch (const DatabaseFailure& failure) {
        if (!repeats.another(*context.session, failure)) throw;
      }
    } catch (const DatabaseFailure& failure) {
      throw failure.while_doing(doing);
    }
  }
}

}  // namespace dialin
