// SPDX-License-Identifier: Apache-2.0
// A clock that stands until a test moves it. Any thread.
#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace dialin::test {

class FakeClock final : public Clock {
 public:
  // Begins on 1 March 2026, 09:00 UTC.
  Timestamp now() const override { return start_ + std::chrono::microseconds(passed_.load()); }
  SteadyTime steady_now() const override { return SteadyTime(std::chrono::microseconds(passed_.load())); }
  void advance(std::chrono::microseconds by) { passed_ += by.count(); }

 private:
  static constexpr Timestamp start_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) +
                                    std::chrono::hours(9)};
  std::atomic<std::int64_t> passed_ = 0;
};

}  // namespace dialin::test
