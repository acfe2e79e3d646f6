// SPDX-License-Identifier: Apache-2.0
// One session with one mail server for rows of the outbox that go the same way: finds the password, respects
// the pauses and limits, submits, and writes the pause that a refused password asks for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "welcome/outbox_stream.h"
#include "welcome/welcome_settings.h"

namespace dialin {

struct SessionReport {
  std::vector<RowOutcome> outcomes;  // rows that were claimed, or could not be
  std::optional<Delivery> problem;   // of the session: rows without an outcome were not touched
  std::optional<Pause> pause;        // stands already: no connection was opened
  bool password_missing = false;     // it can only be typed, and nobody is there
  // The relay's daily limit: rows without an outcome wait until then.
  std::optional<Timestamp> used_up_until;
};

// `ids` in order; all of them have the way `way`.
SessionReport run_session(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                          const WelcomeWay& way, const std::vector<WelcomeId>& ids, ClaimReason reason);

// What stands before a session: its password, and the pauses of its relay and account. A password that was
// refused once is not tried again by 200 processes; another one ends its pause.
struct WayAccess {
  std::shared_ptr<const Secret> password;
  std::string stamp;  // of the password
  bool password_missing = false;
  std::optional<Pause> pause;
};
WayAccess access_to(const WelcomeEnvironment& environment, const WelcomeWay& way);

// Writes the pause.
void pause_deliveries(const WelcomeEnvironment& environment, Pause& pause);

// Writes the pause that a session's problem asks for (a refused password, a quota), and returns it.
std::optional<Pause> pause_after(const WelcomeEnvironment& environment, const WelcomeWay& way,
                                 const Delivery& problem, const std::string& stamp);

// Where and how to submit what goes this way. `password` is set if the way has a user.
SubmissionServer submission_server(const WelcomeWay& way, const WelcomeSettings& settings,
                                   std::shared_ptr<const Secret> password);

// Whether `pause` covers what goes this way, from this sender (an address; empty: asks for the relay and
// account only).
bool covers(const Pause& pause, const WelcomeWay& way, const std::string& sender);

// "the mail server did not accept the password of USER: ... (since 2026-03-01T09:14:07Z)", and what ends the
// pause.
std::string describe(const Pause& pause);
std::string how_to_end(const Pause& pause);

// 77 for a password, 75 for everything else.
ErrorCode code_of(const Pause& pause);

}  // namespace dialin
