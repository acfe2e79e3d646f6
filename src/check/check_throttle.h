// SPDX-License-Identifier: Apache-2.0
// Slows whoever tries a few PINs at each of many people, which no person's lockout notices: an allowance of
// failures for one caller, and one for the whole system.
//
// An allowance is a bucket: `failures` at once, and as many an hour in the long run. Like a lockout's
// attempt, a check takes before it compares and gives back when it was right. Kept in the process that
// listens: another host, and another start, have their own. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace dialin {

struct ThrottleLimits {
  unsigned caller_failures = 0;  // 0: no limit
  unsigned system_failures = 0;  // 0: no limit
};

class CheckThrottle {
 public:
  CheckThrottle(const ThrottleLimits& limits, const Clock& clock) : limits_(limits), clock_(clock) {}

  // Takes `count` from the caller's allowance and the system's. Not enough: nothing is taken, and how long
  // until there is. A count above a whole allowance is taken when that is full.
  std::optional<std::chrono::seconds> take(const std::string& caller, unsigned count);
  void give_back(const std::string& caller, unsigned count);

  // Callers that are remembered: those whose allowance is not full.
  std::size_t remembered() const;

 private:
  struct Bucket {
    double left = 0;
    SteadyTime at;
  };
  static void fill(Bucket& bucket, unsigned limit, SteadyTime now);
  static std::optional<std::chrono::seconds> missing(const Bucket& bucket, unsigned limit, unsigned count);
  void forget_full(SteadyTime now);

  const ThrottleLimits limits_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::optional<Bucket> system_;
  std::unordered_map<std::string, Bucket> callers_;
  std::size_t forget_at_ = 1024;  // so many callers, and it is looked who can be forgotten
};

}  // namespace dialin
