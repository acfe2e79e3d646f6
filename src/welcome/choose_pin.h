// SPDX-License-Identifier: Apache-2.0
// Which PIN a person gets: the one that was asked for, if the policy, the person's former PINs and the
// sharers of the number allow it, else a random one. The hashes are computed here, outside of any
// transaction; what was read is compared again, by version, in the transaction that uses the result.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "people/person.h"
#include "pin/pin.h"
#include "welcome/welcome_settings.h"

namespace dialin {

struct ChosenPin {
  Pin pin;
  PinRecord record;  // as it was read
  std::vector<SharerVersion> sharers;
};

// Whether former PINs are refused as the policy's PINHistoryCount says; it binds administrators too. Ignoring
// it is audited by whoever sets the PIN.
enum class HistoryRule { Binds, Ignored };

// Error(Precondition) with the original's words PinDoesNotMeetMinimumRequirements or PinNotUnique if `wanted`
// may not be. `wanted` is copied.
ChosenPin choose_pin(Store& store, const Person& person, const Pin* wanted, const WelcomeSettings& settings,
                     RandomSource& random, HistoryRule history = HistoryRule::Binds);

}  // namespace dialin
