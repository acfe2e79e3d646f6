// SPDX-License-Identifier: Apache-2.0
// Notices: whenever a PIN becomes valid without a mail to the person's own address, that address is told when
// and which way, and what to do if it was not them; never the PIN (doc/decisions/0031). A notice is queued in
// the transaction that makes the PIN valid, and is no obstacle to anything.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "welcome/welcome_settings.h"

namespace dialin {

// Of a PIN that is set without a mail. Nothing: the person has no address, wants none (mail.notify_changes),
// or no sender or mail server is known.
std::optional<PinNotice> notice_of_set(const Person& person, const WelcomeSettings& settings);

// Of a welcome that goes to another address than the person's own, by that welcome's sender and way.
std::optional<PinNotice> notice_of_welcome(const ClaimedWelcome& welcome, const WelcomeSettings& settings);

// Sends these notices now, within a single welcome's tries. What is not accepted is said in the sentences
// that are returned; what can still be sent stays in the outbox, for `dialin deliver`. Throws no Error.
std::vector<std::string> send_notices(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                                      const std::vector<WelcomeId>& ids);

}  // namespace dialin
