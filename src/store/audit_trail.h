// SPDX-License-Identifier: Apache-2.0
// Reading the audit trail, its signed heads, and what becomes of old lines. Lines are written with the
// changes themselves (store/audit.h); audit/ judges them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/operator.h"
#include "people/person.h"
#include "store/audit_head.h"

namespace dialin {

// A line as it stands in the table; store/audit.h says what its hash covers.
struct AuditLine {
  std::string chain;
  std::int64_t number = 0;
  std::string previous_hash;
  std::string hash;
  std::int64_t at = 0;  // microseconds since 1970, UTC
  std::string operator_name;
  std::string origin;
  std::string event;
  PersonId person;     // empty: concerns nobody in particular
  std::string detail;  // a JSON object
};

// What the hash of `line` has to be.
std::string audit_hash(const AuditLine& line);

struct AuditQuery {
  std::optional<PersonId> person;
  std::string operator_name;        // in any case of letters; empty: everybody
  std::vector<std::string> events;  // empty: all
  std::optional<Timestamp> since;   // with it
  std::optional<Timestamp> before;  // without it
  std::string chain;                // empty: all
};

// The order in time of lines from all chains.
struct AuditPosition {
  std::int64_t at = 0;
  std::string chain;
  std::int64_t number = 0;
};

struct AuditChain {
  std::string chain;
  std::int64_t number = 0;  // of the last line
  std::string hash;
  std::int64_t archived_number = 0;  // up to here lines stand in archived files; 0: none
  std::string archived_hash;         // 64 zeros: none
  std::int64_t heads_not_in_journal = 0;
};

// Days since 1970, UTC.
inline std::int64_t day_of(Timestamp time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

// How often checks of PINs ended so.
struct CheckCount {
  std::int64_t day = 0;  // since 1970, UTC
  std::string result;    // "Success", "IncorrectPin", ...
  std::int64_t checks = 0;
};

class AuditTrail {
 public:
  virtual ~AuditTrail() = default;
  // In the order of time, after `after`. Archived lines are not among them.
  virtual std::vector<AuditLine> find(const AuditQuery& query, const std::optional<AuditPosition>& after,
                                      std::size_t limit) = 0;
  // Where the last `count` lines of `query` begin: the position before the first of them; nothing: at the
  // very beginning.
  virtual std::optional<AuditPosition> before_last(const AuditQuery& query, std::size_t count) = 0;
  // The lines of one chain by their numbers, those above `after`.
  virtual std::vector<AuditLine> of_chain(const std::string& chain, std::int64_t after,
                                          std::size_t limit) = 0;
  // In order of their names; those too of which only heads are left.
  virtual std::vector<AuditChain> chains() = 0;
  virtual std::vector<SignedHead> heads(const std::string& chain, std::int64_t after, std::size_t limit) = 0;
  virtual std::optional<SignedHead> newest_head(const std::string& chain) = 0;
  // What stands for names in details, by id; those that were erased are missing.
  virtual std::map<std::string, std::string> names(const std::vector<std::string>& ids) = 0;

  enum class When { IfDue, Now };
  // Signs the head of this host's chain if lines were written since the last one (and, IfDue, an hour ago),
  // and sends to the journal what it has not got yet.
  virtual void sign(When when) = 0;
  // Of the key that signs on this host; made if there is none.
  virtual std::string public_key() = 0;

  // The newest head that covers only lines before `before`, and at least one that is not archived.
  virtual std::optional<SignedHead> archivable(const std::string& chain, Timestamp before) = 0;
  // Lines up to `closing` stand in a file that is durable: from now on they count as archived.
  virtual void note_archived(const SignedHead& closing, const Operator& by) = 0;
  // Removes up to `limit` archived lines; how many.
  virtual std::size_t remove_archived(const std::string& chain, std::size_t limit) = 0;

  // By day and result, in order; days from `since` on, before `before`.
  virtual std::vector<CheckCount> check_counts(std::optional<Timestamp> since,
                                               std::optional<Timestamp> before) = 0;
};

}  // namespace dialin
