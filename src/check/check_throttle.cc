// SPDX-License-Identifier: Apache-2.0
#include "check/check_throttle.h"

#include <algorithm>
#include <cmath>

namespace dialin {
namespace {

constexpr double SecondsAnHour = 3600;
constexpr std::size_t MostCallers = 100000;

}  // namespace

void CheckThrottle::fill(Bucket& bucket, unsigned limit, SteadyTime now) {
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  bucket.left = std::min<double>(limit, bucket.left + seconds * limit / SecondsAnHour);
  bucket.at = now;
}

std::optional<std::chrono::seconds> CheckThrottle::missing(const Bucket& bucket, unsigned limit,
                                                           unsigned count) {
  const double needed = std::min(count, limit) - bucket.left;
  // What was computed in doubles: a millionth of an attempt is none.
  if (needed <= 1e-6) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(std::ceil(needed * SecondsAnHour / limit - 1e-6)));
}

void CheckThrottle::forget_full(SteadyTime now) {
  for (auto caller = callers_.begin(); caller != callers_.end();) {
    fill(caller->second, limits_.caller_failures, now);
    caller = caller->second.left >= limits_.caller_failures ? callers_.erase(caller) : std::next(caller);
  }
  // Twice what is left: looking costs as much as there is, and so is seldom.
  forget_at_ = std::clamp<std::size_t>(2 * callers_.size(), 1024, MostCallers);
}

std::optional<std::chrono::seconds> CheckThrottle::take(const std::string& caller, unsigned count) {
  const std::lock_guard guard(mutex_);
  const SteadyTime now = clock_.steady_now();
  if (limits_.system_failures > 0) {
    if (!system_) system_ = Bucket{static_cast<double>(limits_.system_failures), now};
    fill(*system_, limits_.system_failures, now);
    if (const auto wait = missing(*system_, limits_.system_failures, count)) return wait;
  }
  if (limits_.caller_failures > 0) {
    if (callers_.size() >= forget_at_) forget_full(now);
    auto found = callers_.find(caller);
    if (found == callers_.end()) {
      // Only somebody who names a new caller each time fills the memory: all further ones share one
      // allowance.
      const std::string key = callers_.size() < MostCallers ? caller : std::string();
      found = callers_.try_emplace(key, Bucket{static_cast<double>(limits_.caller_failures), now}).first;
    }
    fill(found->second, limits_.caller_failures, now);
    if (const auto wait = missing(found->second, limits_.caller_failures, count)) return wait;
    found->second.left -= count;
  }
  if (system_) system_->left -= count;
  return std::nullopt;
}

void CheckThrottle::give_back(const std::string& caller, unsigned count) {
  const std::lock_guard guard(mutex_);
  const SteadyTime now = clock_.steady_now();
  if (system_) {
    fill(*system_, limits_.system_failures, now);
    system_->left = std::min<double>(limits_.system_failures, system_->left + count);
  }
  if (const auto found = callers_.find(caller); found != callers_.end()) {
    fill(found->second, limits_.caller_failures, now);
    found->second.left += count;
    if (found->second.left >= limits_.caller_failures) callers_.erase(found);
  }
}

std::size_t CheckThrottle::remembered() const {
  const std::lock_guard guard(mutex_);
  return callers_.size();
}

}  // namespace dialin
