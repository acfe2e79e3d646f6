// SPDX-License-Identifier: Apache-2.0
#include "pin/policy_change.h"

#include <fmt/format.h>

#include <algorithm>

#include "pin/pin.h"

namespace dialin {

bool PinPolicyChanges::empty() const {
  return !description && !minimum_length && !history_count && !allow_common_patterns && !lifetime_days &&
         !maximum_logon_attempts && !automatic_logon_attempts && !change_at_first_use;
}

PinPolicy changed(PinPolicy policy, const PinPolicyChanges& changes) {
  policy.minimum_length = changes.minimum_length.value_or(policy.minimum_length);
  policy.history_count = changes.history_count.value_or(policy.history_count);
  policy.allow_common_patterns = changes.allow_common_patterns.value_or(policy.allow_common_patterns);
  policy.lifetime_days = changes.lifetime_days.value_or(policy.lifetime_days);
  if (changes.automatic_logon_attempts) policy.maximum_logon_attempts.reset();
  if (changes.maximum_logon_attempts) policy.maximum_logon_attempts = changes.maximum_logon_attempts;
  policy.change_at_first_use = changes.change_at_first_use.value_or(policy.change_at_first_use);
  return policy;
}

std::string explain_bad_policy(const PinPolicy& policy) {
  const auto out_of_range = [](const char* name, unsigned value, unsigned least, unsigned most) {
    return value >= least && value <= most
               ? std::string()
               : fmt::format("{} is {}, and can be {} to {}", name, value, least, most);
  };
  std::string reason =
      out_of_range("MinPasswordLength", policy.minimum_length, Pin::MinimumLength, Pin::MaximumLength);
  if (reason.empty())
    reason = out_of_range("PINHistoryCount", policy.history_count, 0, PinPolicy::MostHistory);
  if (reason.empty())
    reason = out_of_range("PINLifetime", policy.lifetime_days, 0, PinPolicy::LongestLifetimeDays);
  if (reason.empty() && policy.maximum_logon_attempts)
    reason =
        out_of_range("MaximumLogonAttempts", *policy.maximum_logon_attempts, 1, PinPolicy::MostLogonAttempts);
  if (reason.empty() && policy.lifetime_days > 0 && policy.history_count == 0)
    reason = fmt::format(
        "PINLifetime is {} and PINHistoryCount 0: a PIN that expires could be set again at once, so with a "
        "PINLifetime the PINHistoryCount must be at least 1",
        policy.lifetime_days);
  return reason;
}

bool is_stricter(const PinPolicy& after, const PinPolicy& before) {
  return after.minimum_length > before.minimum_length || after.history_count > before.history_count ||
         (before.allow_common_patterns && !after.allow_common_patterns);
}

std::optional<Timestamp> expiry_under(const PinPolicy& policy, Timestamp changed_at,
                                      std::optional<Timestamp> expires_at, Timestamp now) {
  if (expires_at == changed_at) return expires_at;
  if (policy.lifetime_days == 0) return std::nullopt;
  const Timestamp expiry = changed_at + std::chrono::hours(24) * policy.lifetime_days;
  if (expires_at && expiry >= *expires_at) return expiry;
  const Timestamp noticed = std::max(expiry, now + ShortestNotice);
  return expires_at ? std::min(*expires_at, noticed) : noticed;
}

std::optional<std::chrono::seconds> pin_lifetime(const PinPolicy& policy) {
  if (policy.change_at_first_use) return std::chrono::seconds(0);
  if (policy.lifetime_days == 0) return std::nullopt;
  return std::chrono::hours(24) * policy.lifetime_days;
}

}  // namespace dialin
