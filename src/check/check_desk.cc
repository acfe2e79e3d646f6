// SPDX-License-Identifier: Apache-2.0
#include "check/check_desk.h"

#include <fmt/format.h>

#include "base/error.h"
#include "check/checked_name.h"

namespace dialin {
namespace {

constexpr std::chrono::seconds RestAfterFailure{2};

}  // namespace

std::optional<std::chrono::seconds> StoreHealth::rest() const {
  const std::lock_guard guard(mutex_);
  if (!away_until_) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::seconds>(*away_until_ - clock_.steady_now());
  if (left.count() <= 0) return std::nullopt;
  return left;
}

void StoreHealth::failed(const Error& error) {
  const std::lock_guard guard(mutex_);
  if (!away_until_) {
    say_(fmt::format("PINs cannot be checked, and every question is answered 503: {} {}", error.what(),
                     error.next()));
  }
  away_until_ = clock_.steady_now() + RestAfterFailure;
}

void StoreHealth::answered() {
  const std::lock_guard guard(mutex_);
  if (away_until_) say_("PINs can be checked again.");
  away_until_.reset();
}

CheckReply CheckDesk::answer(const CheckRequest& request, const std::string& address) {
  // What cannot be a PIN or a name is wrong whoever is meant, so it costs nothing and tells nothing.
  const std::optional<CheckedName> name = parse_checked_name(request.who);
  if (!request.pin || !name) return {CheckReply::Kind::Word, CheckWord::IncorrectPin};
  if (const auto rest = health_.rest()) return {.kind = CheckReply::Kind::Unknown, .retry_after = *rest};
  try {
    const auto result = engine_.check(*name, *request.pin, {.caller = request.caller, .address = address});
    health_.answered();
    if (const auto* throttled = std::get_if<CheckThrottled>(&result))
      return {.kind = CheckReply::Kind::Throttled, .retry_after = throttled->retry_after};
    return {.kind = CheckReply::Kind::Word, .word = std::get<CheckAnswer>(result).told};
  } catch (const Error& error) {
    health_.failed(error);
  } catch (const std::exception& error) {
    // Only our own errors carry texts that are known to be safe.
    health_.failed(Error(ErrorCode::Internal, fmt::format("internal error ({})", typeid(error).name())));
  }
  return {.kind = CheckReply::Kind::Unknown, .retry_after = RestAfterFailure};
}

}  // namespace dialin
