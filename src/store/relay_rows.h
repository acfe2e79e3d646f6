// SPDX-License-Identifier: Apache-2.0
// A row of the table `relays`, and what time, permits and complaints do to it: arithmetic without a database.
//
// Rates are messages in a million seconds: whole numbers that are fine enough for a message an hour and for
// thousands a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "store/relay_store.h"
#include "store/soci_session.h"

namespace dialin {

struct RelayRow {
  RelayLimit limit;
  bool known = false;
  std::optional<std::int64_t> rate_now;
  std::optional<std::int64_t> full_rate;  // where no rate is set: what was reached at the first complaint
  std::optional<int> connections_now;
  std::optional<int> full_connections;
  std::optional<Timestamp> complained_at;
  std::optional<Timestamp> slowed_at;
  std::optional<Timestamp> faster_at;
  std::optional<Timestamp> connection_added_at;
  Timestamp next_permit_at;
  std::optional<Timestamp> day_ends;
  std::int64_t sent_today = 0;
};

// Locked, if it is there.
std::optional<RelayRow> find_relay(SociSession& sql, const Relay& relay, const char* lock = "");
// Made if it is not there.
RelayRow lock_relay(SociSession& sql, const Relay& relay);
void write_relay(SociSession& sql, const Relay& relay, const RelayRow& row);

Binds relay_binds(const Relay& relay);

// Between two permits, 1.05 times what the rate says; nothing: there is no rate. A span of the limit's period
// sees permits whose times lie in a span of the period and the lateness: with a lateness of a twenty-fifth of
// the period that is within the limit, and a hundredth is left for clocks that are read a moment apart.
std::optional<std::chrono::microseconds> permit_spacing(const RelayRow& row);
std::chrono::microseconds permit_lateness(const RelayRow& row);

// The times of the next permits, at most `wanted`, and what they leave behind in `row`. Empty: the daily
// limit is used up until `row.day_ends`, or, without a rate and a daily limit, no permit is needed.
std::vector<Timestamp> take_permits(RelayRow& row, std::size_t wanted, Timestamp now);

void change_limit(RelayRow& row, const RelayLimit& limit, Timestamp now);

// A complaint of the server; `open` connections are in use.
void slow_down(RelayRow& row, double reached, int open, Timestamp now);
// Whether anything changed.
bool speed_up(RelayRow& row, Timestamp now);

struct ConnectionUse {
  int open = 0;
  int most_of_one = 0;
  int waiting = 0;
};

RelayState state_of(const RelayRow& row, const ConnectionUse& use, Timestamp now);

}  // namespace dialin
