// SPDX-License-Identifier: Apache-2.0
#include "store/relays.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/relay_rows.h"

namespace dialin {
namespace {

using std::chrono::microseconds;

void check(const RelayLimit& limit) {
  if (limit.messages.value_or(1) < 1 || limit.connections.value_or(1) < 1 || limit.daily.value_or(1) < 1 ||
      limit.period.count() < 1)
    throw Error(ErrorCode::InvalidInput, "a limit of a mail server is not above zero");
}

std::string in_words(const RelayLimit& limit) {
  const auto or_none = [](const auto& number) { return number ? std::to_string(*number) : "none"; };
  return fmt::format("messages {} in {} s, connections {}, daily {}", or_none(limit.messages),
                     limit.period.count(), or_none(limit.connections), or_none(limit.daily));
}

bool needs_permits(const RelayRow& row) {
  return permit_spacing(row) || row.limit.daily;
}

// From the moment `taken` in which the permits were counted to now. Whoever is late by more than a half of
// what is allowed, because the commit took long, has lost the permit; the others have so much less time.
RelayPermits from_now(const std::vector<Timestamp>& times, Timestamp counted_at, microseconds lateness,
                      std::chrono::steady_clock::time_point taken) {
  const auto gone = std::chrono::ceil<microseconds>(std::chrono::steady_clock::now() - taken);
  RelayPermits permits;
  permits.lateness = lateness;
  for (Timestamp time : times) {
    const microseconds late = gone - (time - counted_at);
    if (late > lateness / 2) continue;
    permits.after.push_back(std::max(microseconds(0), -late));
    permits.lateness = std::min(permits.lateness, lateness - std::max(microseconds(0), late));
  }
  return permits;
}

}  // namespace

void SociRelayStore::set_limit(const Relay& relay, const RelayLimit& limit, const Operator& by) {
  check(limit);
  // Every command that sends says what is in force: mostly nothing new.
  const auto before = read(context_, "reading the limit of a mail server",
                           [&](SociSession& sql) { return find_relay(sql, relay); });
  if (before && before->known && before->limit == limit) return;
  write(context_, {"relay-limit", "setting the limit of a mail server"}, [&](WriteTransaction& transaction) {
    RelayRow row = lock_relay(transaction.sql(), relay);
    if (row.known && row.limit == limit) return false;
    change_limit(row, limit, transaction.now());
    write_relay(transaction.sql(), relay, row);
    transaction.audit({by,
                       "relay-limit-set",
                       {},
                       {{"server", fmt::format("{}:{}", relay.server, relay.port)},
                        {"user", relay.user},
                        {"limit", in_words(limit)}}});
    return true;
  });
}

std::optional<RelayState> SociRelayStore::state(const Relay& relay) {
  return read(context_, "reading what is known of a mail server",
              [&](SociSession& sql) -> std::optional<RelayState> {
                const auto row = find_relay(sql, relay);
                if (!row || !row->known) return std::nullopt;
                const Timestamp now = sql.now();
                return state_of(*row, use_of_connections(sql, relay, now), now);
              });
}

RelayPermits SociRelayStore::take_permits(const Relay& relay, std::size_t wanted) {
  // A transaction would stop all who write, on SQLite: not for what has no limit.
  const auto before = read(context_, "looking whether permits are needed",
                           [&](SociSession& sql) { return find_relay(sql, relay); });
  if (!before || !needs_permits(*before) || wanted == 0) return {};
  for (;;) {
    std::vector<Timestamp> times;
    RelayRow row;
    Timestamp counted_at;
    std::chrono::steady_clock::time_point taken;
    const bool needed =
        write(context_, {"permits", "taking permits to send"}, [&](WriteTransaction& transaction) {
          SociSession& sql = transaction.sql();
          const auto found = find_relay(sql, relay, sql.for_update());
          if (!found || !needs_permits(*found)) return false;
          row = *found;
          counted_at = transaction.now();
          taken = std::chrono::steady_clock::now();
          times = dialin::take_permits(row, wanted, counted_at);
          if (!times.empty())
            sql.execute(
                "UPDATE relays SET next_permit_at = :next, day_ends = :day_ends, sent_today = :sent_today "
                "WHERE server = :server AND port = :port AND user_name = :user_name",
                {{"next", row.next_permit_at},
                 {"day_ends", row.day_ends},
                 {"sent_today", row.sent_today},
                 {"server", relay.server},
                 {"port", relay.port},
                 {"user_name", relay.user}});
          return true;
        });
    if (!needed) return {};
    if (times.empty()) {
      RelayPermits none;
      none.used_up_until = row.day_ends;
      return none;
    }
    RelayPermits permits = from_now(times, counted_at, permit_lateness(row), taken);
    // All lost to a slow commit: the next ones lie further ahead.
    if (!permits.after.empty()) return permits;
  }
}

RelayState SociRelayStore::slow_down(const Relay& relay, double reached) {
  return write(context_, {"slow-down", "slowing down for a mail server"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    RelayRow row = lock_relay(sql, relay);
    const Timestamp now = transaction.now();
    const ConnectionUse use = use_of_connections(sql, relay, now);
    dialin::slow_down(row, reached, use.open, now);
    write_relay(sql, relay, row);
    return state_of(row, use, now);
  });
}

RelayState SociRelayStore::speed_up(const Relay& relay) {
  const auto may_speed_up = [](const RelayRow& row) { return row.rate_now || row.connections_now; };
  const auto now_state = [&](SociSession& sql, const RelayRow& row, Timestamp now) {
    return state_of(row, use_of_connections(sql, relay, now), now);
  };
  // Asked again and again, mostly for nothing: only what changes something is a transaction.
  auto as_it_is = read(context_, "reading what is known of a mail server",
                       [&](SociSession& sql) -> std::optional<RelayState> {
                         RelayRow row = find_relay(sql, relay).value_or(RelayRow());
                         const Timestamp now = sql.now();
                         if (may_speed_up(row) && dialin::speed_up(row, now)) return std::nullopt;
                         return now_state(sql, row, now);
                       });
  if (as_it_is) return *as_it_is;
  return write(context_, {"speed-up", "speeding up for a mail server"}, [&](WriteTransaction& transaction) {
    SociSession& sql = transaction.sql();
    RelayRow row = lock_relay(sql, relay);
    const Timestamp now = transaction.now();
    if (may_speed_up(row) && dialin::speed_up(row, now)) write_relay(sql, relay, row);
    return now_state(sql, row, now);
  });
}

}  // namespace dialin
