// SPDX-License-Identifier: Apache-2.0
// Many rows of the outbox that go one way, over several sessions: claimed in batches, hashed and composed by
// a pool of threads, submitted by one, recorded in groups (doc/runs.md draws it). What OutboxStream is for
// one welcome and its copies.
//
// Everything about the store happens on the thread that calls run(). Nothing is claimed before a session is
// open (doc/decisions/0007). A kill at any instant leaves at most what was on the wire, one message a
// connection, and one group of outcomes unrecorded.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "welcome/mail_exchange.h"
#include "welcome/outbox_session.h"
#include "welcome/outbox_stream.h"
#include "welcome/welcome_settings.h"

namespace dialin {

// Where the rows come from, and who wants to know what became of them; called on the store's thread.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // Claims at most `most` rows. None: not now, or exhausted().
  virtual std::vector<ClaimedWelcome> claim(std::size_t most) = 0;
  // Nothing more will come in this session, but for copies of what is being sent.
  virtual bool exhausted() = 0;
  // What was recorded, group by group. False: send no more.
  virtual bool recorded(std::vector<RowOutcome> outcomes) = 0;
  // Called often, at least every 250 ms: for progress. `notice`: what the server does to us.
  virtual void alive(const std::string& notice) { static_cast<void>(notice); }
};

// What a refusal is taken for that may be the recipient's or the sender's (doc/delivery.md, "unclear").
enum class UnclearRefusals {
  PauseSender,  // as for one person
  Hold,         // a run: kept, until it is known
};

struct PipelineReport {
  std::optional<Delivery> problem;  // of the last session; rows that were not sent are as before
  std::optional<Pause> pause;       // stands already (nothing was tried), or was written by what happened
  bool password_missing = false;    // it can only be typed, and nobody is there
  std::optional<Timestamp> used_up_until;  // the relay's daily limit
};

// At most so many rows are recorded together, and one that has ended waits no longer than that for it. A kill
// leaves ResultGroup rows and one for each connection in doubt at most.
inline constexpr std::size_t ResultGroup = MailExchange::MostTogether;
inline constexpr std::chrono::milliseconds ResultGroupAge{50};

// Until `source` is exhausted and everything recorded, a session problem leaves no session, `source` or the
// operator stops it, or a pause is written. Errors of the store are thrown, after everything has been given
// back that could be.
PipelineReport run_pipeline(const WelcomeEnvironment& environment, const WelcomeSettings& settings,
                            const WelcomeWay& way, UnclearRefusals unclear, RowSource& source);

}  // namespace dialin
