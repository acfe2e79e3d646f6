// SPDX-License-Identifier: Apache-2.0
// The time, as an argument, so that tests can set it.
//
// Timestamp is wall time in UTC with microseconds: what the store keeps and people see.
// Steady time is for deadlines and leases inside one process: it never jumps.
// All functions may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace dialin {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  virtual SteadyTime steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  SteadyTime steady_now() const override;
};

// Microseconds since 1970-01-01T00:00:00Z, the form in the store, and back.
inline std::int64_t to_microseconds(Timestamp time) {
  return time.time_since_epoch().count();
}
inline Timestamp from_microseconds(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

// RFC 3339 in UTC with seconds: 2026-03-01T09:14:07Z. For JSON, CSV and logs.
std::string to_rfc3339(Timestamp time);

}  // namespace dialin
