// SPDX-License-Identifier: Apache-2.0
// The port to what is known of a relay (a mail server and an account on it): how fast and over how many
// connections everybody together may use it. The limit belongs to the relay and not to a process: permits and
// connections are taken here, so that several processes and hosts keep one limit.
//
// Rules and errors as in store/store.h; checkpoints before-commit-NAME and after-commit-NAME with NAME one of
// relay-limit, permits, lease-connection, renew-connections, release-connections, slow-down, speed-up. Times
// are the database's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/operator.h"
#include "base/process_identity.h"

namespace dialin {

struct Relay {
  std::string server;
  std::uint16_t port = 25;
  std::string user;  // empty: no account
  auto operator<=>(const Relay&) const = default;
};

// Absent: no such limit.
struct RelayLimit {
  std::optional<std::int64_t> messages;  // in each `period`
  std::chrono::seconds period{60};
  std::optional<int> connections;     // open at the same time
  std::optional<std::int64_t> daily;  // messages in 24 hours from the first one
  bool operator==(const RelayLimit&) const = default;
};

struct RelayState {
  RelayLimit limit;
  // What the server's "too many" has made of it: at least one connection; a rate that is a part of the
  // limit's, or, where no rate was set, of what was reached when the server said so.
  std::optional<int> connections_now;
  std::optional<double> rate_now;  // messages a second
  bool slowed = false;
  int connections_open = 0;  // leased by live processes
  int most_of_one = 0;       // of these: how many the process has that has most
  int waiting = 0;           // places in the queue for a connection
  std::int64_t sent_today = 0;
  std::optional<Timestamp> day_ends;
};

// When messages may go, counted from the return of the call, in ascending order. A permit that is not used
// until `lateness` after its time is lost: so no process catches up at another's expense, and no span of
// `period` ever sees more messages than the limit. (The permits' spacing allows for the lateness.)
struct RelayPermits {
  std::vector<std::chrono::microseconds> after;
  std::chrono::microseconds lateness{0};
  std::optional<Timestamp> used_up_until;  // the daily limit: no permit before then
};

class RelayStore {
 public:
  virtual ~RelayStore() = default;

  // Makes `limit` the one in force for everybody. Writes only what differs.
  virtual void set_limit(const Relay& relay, const RelayLimit& limit, const Operator& by) = 0;
  // Nothing: nobody ever set a limit for it, and no server has complained.
  virtual std::optional<RelayState> state(const Relay& relay) = 0;

  // At most `wanted` permits, at most as many as fit into one second (one, where the rate is slower). One
  // statement moves the relay's next moment forward (GCRA, burst 1); permits of a killed process are lost.
  // Empty without used_up_until: there is no rate, no permit is needed.
  virtual RelayPermits take_permits(const Relay& relay, std::size_t wanted) = 0;

  // A lease on one of the relay's connections, by id; nothing: all are in use, or those that are free are for
  // others who wait. Also without a limit, so that one set later counts it.
  //
  // `place`, an id of the caller's, is for who has no connection: where nothing is free it stands in a queue
  // from then on, and what becomes free goes to the queue in order before anybody without a place gets any. A
  // place ends when it is served, with release_connections({place}), with its process, or PlaceTime after it
  // was last asked with.
  virtual std::optional<std::string> lease_connection(const Relay& relay, const ProcessIdentity& owner,
                                                      std::chrono::seconds lease,
                                                      const std::optional<std::string>& place) = 0;
  static constexpr std::chrono::seconds PlaceTime{10};
  // Those of `ids` that are still ours; the others are gone.
  virtual std::vector<std::string> renew_connections(const std::vector<std::string>& ids,
                                                     std::chrono::seconds lease) = 0;
  virtual void release_connections(const std::vector<std::string>& ids) = 0;

  // 421, 432, "too many": one connection less and half the rate; `reached` is the present rate in messages a
  // second where none is set. At most once in 10 s, however many connections say it.
  virtual RelayState slow_down(const Relay& relay, double reached) = 0;
  // After a minute without complaint: an eighth of the limit faster, and one connection more after five, up
  // to the limit. Called by those who send, as often as they like.
  virtual RelayState speed_up(const Relay& relay) = 0;
};

}  // namespace dialin
