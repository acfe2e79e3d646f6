// SPDX-License-Identifier: Apache-2.0
// What follows from a failed attempt: how it is recorded, when it is tried again, what is paused
// (doc/delivery.md, "What a failure belongs to"). Pure functions; the one place of these rules.
#pragma once

#include <chrono>
#include <optional>

#include "mail/delivery.h"
#include "store/records.h"

namespace dialin {

// Until the next attempt at a recipient that is deferred for the `attempts`-th time (from 1): 1, 5, 15, 60
// minutes, then hourly.
std::chrono::seconds recipient_retry_after(int attempts);

// Until the next attempt after a failure of the session, while nobody is waiting for it.
inline constexpr std::chrono::seconds SessionRetryAfter{60};

// How the attempt is recorded. A failure of unclear scope at RCPT is treated like one of the sender (one
// person); after the dot it is final.
AttemptRecord::End recorded_end(const Delivery& delivery);

// What a server said of this row, as it is judged. A refusal of a notice whose scope is unclear is taken for
// its recipient's, because a notice must hold back nothing else.
Delivery judged(const WelcomeRow& row, Delivery delivery);

// Whether the attempt counts against the recipient.
bool counts_as_attempt(const Delivery& delivery);

// How long deliveries are paused after a server has said that its quota is used up: it names no time.
inline constexpr std::chrono::seconds QuotaPause{3600};

// The pause that this failure asks for; nothing for most. `sender` is the address in From. A quota's is of
// the relay and account and ends by itself: pause_deliveries() says when.
std::optional<Pause> pause_for(const Delivery& delivery, const WelcomeWay& way, const std::string& sender);

// Whether trying again within half a minute may help: the server could not be reached, was busy, or said 4yz
// to what belongs to the session.
bool worth_trying_soon(const Delivery& delivery);

}  // namespace dialin
