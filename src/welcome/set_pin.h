// SPDX-License-Identifier: Apache-2.0
// Set-CsClientPin for one person: takes effect at once and sends nothing.
#pragma once

#include <optional>

#include "people/person.h"
#include "pin/pin.h"
#include "welcome/choose_pin.h"
#include "welcome/welcome_settings.h"

namespace dialin {

struct PinSet {
  Pin pin;                // to be shown once if it was drawn
  bool replaced = false;  // there was another one before
  WelcomeId notice = {};  // waits in the outbox for send_notices(); empty: there is none
};

// `wanted` null: a random PIN. A waiting welcome is superseded; one that is being sent is waited for, at most
// 20 s, and then Error(TryAgain). A disabled or locked person is refused like in a welcome.
// Error(Precondition) as choose_pin().
PinSet set_pin(const WelcomeEnvironment& environment, const WelcomeSettings& settings, const Person& person,
               const Pin* wanted, HistoryRule history = HistoryRule::Binds);

// Error(Precondition) if the person is disabled or the PIN is locked on purpose.
void refuse_locked_or_disabled(const Person& person, const PinRecord& record);

}  // namespace dialin
