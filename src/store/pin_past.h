// SPDX-License-Identifier: Apache-2.0
// How a person's PIN came to be what it is: who made it valid and by which mail, and the wrong ones since.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/records.h"

namespace dialin {

struct PinPast {
  struct Change {
    std::string by;      // who set it, or issued the welcome
    std::string origin;  // from where, as the audit trail has it; empty if that line is no longer kept
    std::optional<WelcomeRow> welcome;  // the mail whose acceptance made it valid; none: set without one
  };
  struct FailedTry {
    Timestamp at;
    std::string result;    // "IncorrectPin"
    std::string caller;    // as the telephone system named it; may be empty
    std::string asked_by;  // the address of the telephone system; empty: Test-CsClientPin, by `by`
    std::string by;
  };
  std::optional<Change> change;  // of the PIN that is valid now; none: there is none, or it is not known
  std::int64_t failures = 0;     // since then, by the audit trail
  std::vector<FailedTry> last_failures;  // newest first
};

}  // namespace dialin
