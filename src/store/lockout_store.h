// SPDX-License-Identifier: Apache-2.0
// The store's part of checking a PIN: who is meant, and the counters of failures (pin/lockout.h).
//
// A check is three calls: candidates(), then pay() in one transaction for everybody who is meant, then, after
// the hashes, settle(). Whatever happens between them, at most what was paid for has been compared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/operator.h"
#include "people/person.h"
#include "pin/lockout.h"
#include "store/records.h"

namespace dialin {

// What a caller says to be.
struct CheckedName {
  enum class Kind {
    SipAddress,  // SipAddress::key()
    Telephone,   // PhoneNumber::uri()
    Extension,   // digits
  };
  Kind kind = Kind::SipAddress;
  std::string key;
};

struct CheckCandidate {
  Person person;
  PinRecord pin;
};

// Whose counters: a person's, or those of a name that belongs to nobody.
struct LockoutSubject {
  std::string id;
  bool nobody = false;
};

struct AttemptRequest {
  LockoutSubject subject;
  std::int64_t expected_version = 0;  // PinRecord::version that `limits` and the comparison stand on
  LockoutLimits limits;
};

struct PaidAttempts {
  bool version_changed = false;          // something was decided meanwhile: nothing was paid, begin again
  std::vector<AttemptPayment> payments;  // in the order of the requests
  Timestamp now;                         // the store's time
};

struct AttemptOutcome {
  LockoutSubject subject;
  AttemptPayment payment;
  AttemptEnd end = AttemptEnd::Wrong;
  std::string result;  // for the audit trail: "IncorrectPin"
};

// From where, for the audit trail.
struct CheckOrigin {
  std::string caller;   // as the telephone system names it; may be empty
  std::string address;  // of the telephone system; empty: a command
};

class LockoutStore {
 public:
  virtual ~LockoutStore() = default;
  // Everybody, disabled people too, who has that number, extension or address, in order of their ids.
  virtual std::vector<CheckCandidate> candidates(const CheckedName& name, std::size_t limit) = 0;
  // The counters of a name that belongs to nobody. The name is not kept.
  virtual LockoutSubject nobody(const CheckedName& name) = 0;
  // One atomic step for all of them. Writes no audit line.
  virtual PaidAttempts pay(const std::vector<AttemptRequest>& requests) = 0;
  // Audited: each failure, a lockout, a success after failures. If a telephone system asked, `answer`
  // ("Success") is counted as well, for the day (AuditTrail::check_counts()); `outcomes` may be empty.
  virtual void settle(const std::vector<AttemptOutcome>& outcomes, const std::string& answer,
                      const CheckOrigin& origin, const Operator& by) = 0;
};

}  // namespace dialin
