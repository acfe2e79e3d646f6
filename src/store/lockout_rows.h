// SPDX-License-Identifier: Apache-2.0
// Rows of lockouts.
//
// Order of locks: a row of a person anywhere after that person. Who holds one without the person, which a
// check does, waits for other rows of lockouts (by subject) and the audit head only.
#pragma once

#include "store/lockout_store.h"
#include "store/store_context.h"

namespace dialin {

FailureCounts failures_of(SociSession& sql, const PersonId& person);

// Another PIN, or an administrator's unlock: counts from 0. What was counted until now.
FailureCounts clear_failures(WriteTransaction& transaction, const PersonId& person);
void clear_failures(WriteTransaction& transaction, std::vector<PersonId> people);

// Into how many rows a day's checks with one answer are counted.
inline constexpr std::int64_t kCheckCountSlots = 16;

class SociLockoutStore final : public LockoutStore {
 public:
  explicit SociLockoutStore(StoreContext& context) : context_(context) {}

  std::vector<CheckCandidate> candidates(const CheckedName& name, std::size_t limit) override;
  LockoutSubject nobody(const CheckedName& name) override;
  PaidAttempts pay(const std::vector<AttemptRequest>& requests) override;
  void settle(const std::vector<AttemptOutcome>& outcomes, const std::string& answer,
              const CheckOrigin& origin, const Operator& by) override;

 private:
  StoreContext& context_;
};

// As they stand in the tables.
struct LockoutRow {
  std::string subject;
  LockoutState state;
};

inline constexpr const char* kLockoutColumns =
    "subject, local_failures, local_epoch, window_began, locked_until, global_failures, global_epoch, "
    "globally_locked_since";
inline constexpr std::size_t kLockoutColumnCount = 8;
LockoutRow read_lockout(const SqlRow& row);
void write_lockout(SociSession& sql, const LockoutRow& row, Timestamp now);
FailureCounts counts_of(const LockoutState& state, Timestamp now);

}  // namespace dialin
