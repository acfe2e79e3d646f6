// SPDX-License-Identifier: Apache-2.0
// How the end of an attempt is recorded: what a server said of a claimed row, as the store wants it.
#pragma once

#include <chrono>
#include <string>

#include "mail/delivery.h"
#include "store/records.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// `delivery` without PINs in its text. `verifier` (may be null) outlives the result, as does `claimed`.
AttemptRecord attempt_record(const ClaimedWelcome& claimed, const Secret* verifier, const Delivery& delivery,
                             const WelcomeSettings& settings);

// Nothing was sent: the row is queued again at once instead of waiting for its lease to run out.
AttemptRecord given_back(const ClaimedWelcome& claimed, std::string why, std::chrono::seconds retry_after);

}  // namespace dialin
