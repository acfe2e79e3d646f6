// SPDX-License-Identifier: Apache-2.0
#include "store/relay_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dialin {
namespace {

using std::chrono::microseconds;

constexpr microseconds kBatch = std::chrono::seconds(1);
constexpr std::chrono::hours kDay{24};
constexpr std::chrono::seconds kComplaintsTogether{10};
constexpr std::chrono::minutes kFasterAfter{1};
constexpr std::chrono::minutes kConnectionAfter{5};
constexpr std::int64_t kMillion = 1'000'000;
// No complaint makes it slower than a message a minute, or than the limit where that is slower.
constexpr std::int64_t kSlowestRate = kMillion / 60;
// Without a rate a permit only counts for the day.
constexpr std::chrono::hours kLatenessWithoutRate{1};

constexpr const char* kColumns =
    "messages, period, connections, daily, known, rate_now, full_rate, connections_now, full_connections, "
    "complained_at, slowed_at, faster_at, connection_added_at, next_permit_at, day_ends, sent_today";
constexpr std::size_t kColumnCount = 16;
constexpr const char* kThisRelay = "server = :server AND port = :port AND user_name = :user_name";

std::optional<std::int64_t> optional_integer(SqlRowReader& reader) {
  if (!reader.next_is_null()) return reader.integer();
  reader.skip(1);
  return std::nullopt;
}

std::optional<int> optional_count(SqlRowReader& reader) {
  const auto number = optional_integer(reader);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

// Of the limit; at least 1, so that a division by it is one.
std::optional<std::int64_t> limit_rate(const RelayLimit& limit) {
  if (!limit.messages) return std::nullopt;
  return std::max<std::int64_t>(1, *limit.messages * kMillion / limit.period.count());
}

// What complaints are measured by, and what ends them.
std::optional<std::int64_t> full_rate(const RelayRow& row) {
  return row.limit.messages ? limit_rate(row.limit) : row.full_rate;
}
std::optional<int> full_connections(const RelayRow& row) {
  return row.limit.connections ? row.limit.connections : row.full_connections;
}

void forget_complaints_at_full_speed(RelayRow& row) {
  if (row.limit.messages) row.full_rate.reset();
  if (row.rate_now && *row.rate_now >= full_rate(row).value_or(0)) {
    row.rate_now.reset();
    row.full_rate.reset();
  }
  if (row.limit.connections) row.full_connections.reset();
  if (row.connections_now && *row.connections_now >= full_connections(row).value_or(0)) {
    row.connections_now.reset();
    row.full_connections.reset();
  }
}

bool has_passed(std::chrono::minutes time, std::optional<Timestamp> since, Timestamp now) {
  return !since || *since + time <= now;
}

}  // namespace

std::optional<RelayRow> find_relay(SociSession& sql, const Relay& relay, const char* lock) {
  const auto found = sql.row(fmt::format("SELECT {} FROM relays WHERE {}{}", kColumns, kThisRelay, lock),
                             kColumnCount, relay_binds(relay));
  if (!found) return std::nullopt;
  SqlRowReader reader(*found);
  RelayRow row;
  row.limit.messages = optional_integer(reader);
  row.limit.period = std::chrono::duration_cast<std::chrono::seconds>(microseconds(reader.integer()));
  row.limit.connections = optional_count(reader);
  row.limit.daily = optional_integer(reader);
  row.known = reader.flag();
  row.rate_now = optional_integer(reader);
  row.full_rate = optional_integer(reader);
  row.connections_now = optional_count(reader);
  row.full_connections = optional_count(reader);
  row.complained_at = reader.optional_time();
  row.slowed_at = reader.optional_time();
  row.faster_at = reader.optional_time();
  row.connection_added_at = reader.optional_time();
  row.next_permit_at = reader.time();
  row.day_ends = reader.optional_time();
  row.sent_today = reader.integer();
  return row;
}

RelayRow lock_relay(SociSession& sql, const Relay& relay) {
  if (auto row = find_relay(sql, relay, sql.for_update())) return *row;
  sql.execute(
      "INSERT INTO relays (server, port, user_name) VALUES (:server, :port, :user_name) ON CONFLICT DO "
      "NOTHING",
      relay_binds(relay));
  return *find_relay(sql, relay, sql.for_update());
}

void write_relay(SociSession& sql, const Relay& relay, const RelayRow& row) {
  Binds binds = relay_binds(relay);
  const Binds values = {{"messages", row.limit.messages},
                        {"period", microseconds(row.limit.period).count()},
                        {"connections", row.limit.connections},
                        {"daily", row.limit.daily},
                        {"known", row.known},
                        {"rate_now", row.rate_now},
                        {"full_rate", row.full_rate},
                        {"connections_now", row.connections_now},
                        {"full_connections", row.full_connections},
                        {"complained_at", row.complained_at},
                        {"slowed_at", row.slowed_at},
                        {"faster_at", row.faster_at},
                        {"connection_added_at", row.connection_added_at},
                        {"next_permit_at", row.next_permit_at},
                        {"day_ends", row.day_ends},
                        {"sent_today", row.sent_today}};
  std::string assignments;
  for (const Bind& value : values) {
    assignments += fmt::format("{}{} = :{}", assignments.empty() ? "" : ", ", value.name, value.name);
    binds.push_back(value);
  }
  sql.execute(fmt::format("UPDATE relays SET {} WHERE {}", assignments, kThisRelay), binds);
}

Binds relay_binds(const Relay& relay) {
  return {{"server", relay.server}, {"port", relay.port}, {"user_name", relay.user}};
}

std::optional<microseconds> permit_spacing(const RelayRow& row) {
  // 1.05 times as far apart as the rate says, rounded up.
  const auto spaced = [](double time, double messages) {
    return microseconds(static_cast<std::int64_t>(std::ceil(1.05 * time / messages)));
  };
  if (row.rate_now)
    return spaced(static_cast<double>(kMillion) * static_cast<double>(kMillion),
                  static_cast<double>(*row.rate_now));
  if (!row.limit.messages) return std::nullopt;
  return spaced(static_cast<double>(microseconds(row.limit.period).count()),
                static_cast<double>(*row.limit.messages));
}

microseconds permit_lateness(const RelayRow& row) {
  if (!permit_spacing(row)) return kLatenessWithoutRate;
  return microseconds(row.limit.period) / 25;
}

std::vector<Timestamp> take_permits(RelayRow& row, std::size_t wanted, Timestamp now) {
  const auto spacing = permit_spacing(row);
  if ((!spacing && !row.limit.daily) || wanted == 0) return {};
  if (row.day_ends && *row.day_ends <= now) {
    row.day_ends.reset();
    row.sent_today = 0;
  }
  std::int64_t count = static_cast<std::int64_t>(std::min<std::size_t>(wanted, kMillion));
  if (spacing) count = std::min(count, std::max<std::int64_t>(1, kBatch / *spacing));
  if (row.limit.daily) count = std::min(count, *row.limit.daily - row.sent_today);
  std::vector<Timestamp> times;
  Timestamp time = std::max(now, row.next_permit_at);
  for (std::int64_t i = 0; i < count; ++i, time += spacing.value_or(microseconds(0))) times.push_back(time);
  if (times.empty()) return times;
  if (!row.day_ends) row.day_ends = times.front() + kDay;
  row.sent_today += count;
  if (spacing) row.next_permit_at = time;
  return times;
}

void change_limit(RelayRow& row, const RelayLimit& limit, Timestamp now) {
  row.limit = limit;
  row.known = true;
  forget_complaints_at_full_speed(row);
  // Permits of the former limit may lie far ahead. A period from now at the latest the new one begins.
  row.next_permit_at = std::min(row.next_permit_at, now + limit.period);
}

void slow_down(RelayRow& row, double reached, int open, Timestamp now) {
  row.known = true;
  row.complained_at = now;
  if (row.slowed_at && *row.slowed_at + kComplaintsTogether > now) return;
  row.slowed_at = now;

  const int connections = row.connections_now.value_or(full_connections(row).value_or(std::max(1, open)));
  if (!full_connections(row)) row.full_connections = connections;
  row.connections_now = std::max(1, connections - 1);

  if (!full_rate(row)) {
    const double rate = std::isfinite(reached) ? std::clamp(reached, 0.0, 1e6) : 1e6;
    row.full_rate =
        std::max(2 * kSlowestRate, static_cast<std::int64_t>(rate * static_cast<double>(kMillion)));
  }
  const std::int64_t full = *full_rate(row);
  const std::int64_t rate = row.rate_now.value_or(full);
  row.rate_now = std::max(rate / 2, std::min(kSlowestRate, full));
  forget_complaints_at_full_speed(row);
}

bool speed_up(RelayRow& row, Timestamp now) {
  if (!has_passed(kFasterAfter, row.complained_at, now)) return false;
  bool changed = false;
  if (row.rate_now && has_passed(kFasterAfter, row.faster_at, now)) {
    *row.rate_now += std::max<std::int64_t>(1, *full_rate(row) / 8);
    row.faster_at = now;
    changed = true;
  }
  if (row.connections_now && has_passed(kConnectionAfter, row.complained_at, now) &&
      has_passed(kConnectionAfter, row.connection_added_at, now)) {
    ++*row.connections_now;
    row.connection_added_at = now;
    changed = true;
  }
  if (changed) forget_complaints_at_full_speed(row);
  return changed;
}

RelayState state_of(const RelayRow& row, const ConnectionUse& use, Timestamp now) {
  RelayState state;
  state.limit = row.limit;
  state.connections_now = row.connections_now ? row.connections_now : row.limit.connections;
  const std::optional<std::int64_t> rate = row.rate_now ? row.rate_now : limit_rate(row.limit);
  if (rate) state.rate_now = static_cast<double>(*rate) / static_cast<double>(kMillion);
  state.slowed = row.rate_now || row.connections_now;
  state.connections_open = use.open;
  state.most_of_one = use.most_of_one;
  state.waiting = use.waiting;
  if (row.day_ends && *row.day_ends > now) {
    state.sent_today = row.sent_today;
    state.day_ends = row.day_ends;
  }
  return state;
}

}  // namespace dialin
