// SPDX-License-Identifier: Apache-2.0
// Whether the audit trail is as it was written, and how far that can be known.
//
// Three things vouch, each for more: the chain itself finds whoever changed, removed or exchanged lines and
// did not compute everything after them anew; a head in the store that a trusted key has signed finds whoever
// did, up to that head, as long as they have neither the signing key nor could cut the trail before it; a
// head that was kept outside the store finds those too. What comes after the newest head is vouched for by
// the chain alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/audit_trail.h"

namespace dialin {

struct VerificationRequest {
  std::string store_id;
  std::vector<SignedHead> heads;          // from outside
  std::vector<std::string> trusted_keys;  // public keys whose heads are proofs
};

struct ChainVerdict {
  std::string chain;
  std::int64_t archived = 0;        // lines up to here stand in archived files and were not looked at
  std::int64_t last = 0;            // the number of the last line
  std::int64_t proven_outside = 0;  // up to here by a head from outside; 0: not at all
  std::int64_t proven_signed = 0;   // up to here by a head in the store
  std::int64_t problem_count = 0;
  std::vector<std::string> problems;  // in words, the first twenty
};

struct AuditVerdict {
  std::vector<ChainVerdict> chains;
  std::vector<std::string> problems;  // that belong to no chain of the store
  std::vector<std::string> notes;     // what weakens a proof, and is no sign of tampering

  bool whole() const;
};

// Reads the whole trail in pages; lines that are written meanwhile are left to the next time.
AuditVerdict verify_audit(AuditTrail& trail, const VerificationRequest& request);

// Lines of one chain, handed in by their order.
class ChainWalk {
 public:
  // What comes before the first line.
  ChainWalk(std::string chain, std::int64_t number, std::string hash);

  void take(const AuditLine& line);
  void problem(std::string words);
  // Compares a head with the line of its number, which is the last one taken.
  void compare(const SignedHead& head, const char* from);

  std::int64_t number() const { return number_; }
  const std::string& hash() const { return hash_; }
  std::int64_t problem_count() const { return count_; }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::string chain_;
  std::int64_t number_;
  std::string hash_;
  std::int64_t count_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace dialin
