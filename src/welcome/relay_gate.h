// SPDX-License-Identifier: Apache-2.0
// What this process may do to one relay now: when the next message may go, and how many connections may be
// open. The limits are the relay's, kept in the store (store/relay_store.h), so that all processes together
// stay within them; here is this process's share. While somebody else has no connection and waits for one,
// the run that has most of them gives one back.
//
// The functions under "Store's thread" belong to the thread that owns the store; the others may be called by
// any thread and never wait.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/relay_store.h"
#include "welcome/lease_keeper.h"
#include "welcome/welcome_settings.h"

namespace dialin {

class RelayGate {
 public:
  // Whether a connection is given back while somebody waits for one. WhileNobodyWaits is for who calls
  // refresh() all the time, without a connection too.
  enum class Holds { UntilDone, WhileNobodyWaits };

  // Makes `stated` (what command line, configuration or the published limits say) the relay's limit; an empty
  // one leaves what is in force. `wanted`: connections, if nothing allows fewer. All outlive it.
  RelayGate(const WelcomeEnvironment& environment, const WelcomeSettings& settings, const WelcomeWay& way,
            int wanted, Holds holds, LeaseKeeper& leases);
  ~RelayGate();
  RelayGate(const RelayGate&) = delete;
  RelayGate& operator=(const RelayGate&) = delete;

  // ---- Store's thread ----
  // Takes permits and connections where they are wanted, gives back what is too much. `messages`: how many
  // there are to send, for nobody else can use a permit that was taken.
  void refresh(std::size_t messages);
  // When refresh() should be called again at the latest.
  SteadyTime next_refresh() const;
  // The server said "too many"; `reached`: accepted a second before it did.
  void too_busy(double reached);
  // Messages were accepted: a relay that was slowed down may become faster again.
  void accepted();
  // Whether any limit is in force.
  bool is_limited() const;
  // "28 messages a minute, as the mail server wants it"; empty while nothing holds us back.
  std::string notice() const;

  // ---- Any thread ----
  // Whether one more message may go now. False is remembered: the next refresh() asks for permits.
  bool take_permit();
  // When the next permit's time comes; nothing: none is there.
  std::optional<SteadyTime> next_permit() const;
  int connections() const;
  // Less than a few messages a second: claiming far ahead would keep others waiting.
  bool is_slow() const;
  void connections_open(int count);
  // The daily limit is used up until then, and a message waits that has no permit.
  std::optional<Timestamp> used_up_until() const;

 private:
  struct Permit {
    SteadyTime from;
    SteadyTime until;
  };

  bool is_paced() const;
  bool counts_connections() const;
  void read_state(SteadyTime now);
  void refresh_connections(SteadyTime now);
  // How many connections this may have now.
  std::size_t connections_due(SteadyTime now) const;
  void refresh_permits(SteadyTime now, std::size_t messages);
  void drop_late_permits(SteadyTime now);

  const WelcomeEnvironment& environment_;
  const WelcomeSettings& settings_;
  const Relay relay_;
  const int wanted_;
  const Holds holds_;
  LeaseKeeper& keeper_;

  mutable std::mutex mutex_;
  std::optional<RelayState> state_;
  SteadyTime state_read_{};
  SteadyTime next_lease_try_{};
  SteadyTime next_speed_up_{};
  std::vector<std::string> connections_;  // leases
  std::size_t usable_ = 0;                // of these; the others are given back as soon as they are closed
  const std::string place_;               // in the queue for a connection, while this has none
  bool in_queue_ = false;
  SteadyTime leased_at_{};  // the last one
  std::deque<Permit> permits_;
  bool permit_wanted_ = false;
  bool refused_ = false;  // what the last take_permit() said
  bool used_since_speed_up_ = false;
  int open_ = 0;
  std::optional<Timestamp> used_up_until_;
};

}  // namespace dialin
