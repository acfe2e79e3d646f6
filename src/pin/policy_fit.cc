// SPDX-License-Identifier: Apache-2.0
#include "pin/policy_fit.h"

#include <fmt/format.h>

#include <chrono>

#include "base/text.h"
#include "pin/pin_verifier.h"

namespace dialin {

PolicyFit fit_of(const PinPolicy& policy, const Secret& verifier, Timestamp changed_at, Timestamp now) {
  PolicyFit fit;
  const std::optional<std::size_t> length = pin_length_of(verifier);
  const std::optional<bool> common = was_common_pattern(verifier);
  fit.too_short = length && *length < policy.minimum_length;
  fit.common_pattern = !policy.allow_common_patterns && common.value_or(false);
  fit.too_old = policy.lifetime_days > 0 && changed_at + std::chrono::hours(24) * policy.lifetime_days <= now;
  fit.unknown = !fit.breaks() && (!length || (!policy.allow_common_patterns && !common));
  return fit;
}

std::string describe(const PolicyFit& fit, const PinPolicy& policy) {
  std::vector<std::string> reasons;
  if (fit.too_short) reasons.push_back(fmt::format("shorter than {} digits", policy.minimum_length));
  if (fit.common_pattern) reasons.emplace_back("a common pattern");
  if (fit.too_old) reasons.push_back(fmt::format("older than {} days", policy.lifetime_days));
  return join(reasons, ", ");
}

}  // namespace dialin
