// SPDX-License-Identifier: Apache-2.0
// Leases on the connections of a relay, and the queue for them, under the lock of the relay's row. Whoever
// counts removes what has run out in the same transaction: so a lease whose row is still there was given to
// nobody else.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/process_columns.h"
#include "store/relay_rows.h"
#include "store/relays.h"
#include "store/sql_lists.h"

namespace dialin {
namespace {

constexpr const char* kOfRelay = "server = :server AND port = :port AND user_name = :user_name";

// A leased connection, or a place in the queue for one.
struct Entry {
  std::string id;
  std::optional<Timestamp> waiting_since;
  Timestamp until;
  bool live = false;
  ProcessIdentity owner;
};

// The queue stands in order.
std::vector<Entry> entries_of(SociSession& sql, const Relay& relay, Timestamp now, const char* lock) {
  std::vector<Entry> entries;
  for (const SqlRow& row : sql.rows(
           fmt::format("SELECT id, waiting_since, leased_until, {} FROM relay_connections WHERE {} ORDER "
                       "BY waiting_since, id{}",
                       kProcessColumns, kOfRelay, lock),
           3 + kProcessColumnCount, relay_binds(relay))) {
    SqlRowReader reader(row);
    Entry entry{.id = reader.text(), .waiting_since = reader.optional_time(), .until = reader.time()};
    entry.owner = read_process(reader);
    entry.live = entry.until > now && !no_longer_exists(entry.owner);
    entries.push_back(std::move(entry));
  }
  return entries;
}

void remove(SociSession& sql, const std::vector<std::string>& ids) {
  in_lists(ids, [&](const std::string& list, const Binds& binds) {
    sql.execute("DELETE FROM relay_connections WHERE id IN " + list, binds);
  });
}

// `waiting_since` NULL: a leased connection. A place that is there already keeps its turn.
void write_entry(SociSession& sql, const Relay& relay, const std::string& id, const ProcessIdentity& owner,
                 Timestamp until, const std::optional<Timestamp>& waiting_since) {
  Binds binds = relay_binds(relay);
  for (Bind& bind : process_binds(owner)) binds.push_back(std::move(bind));
  binds.push_back({"id", id});
  binds.push_back({"until", until});
  binds.push_back({"since", waiting_since});
  sql.execute(
      "INSERT INTO relay_connections (id, server, port, user_name, claim_host, claim_boot_id, "
      "claim_pid_namespace, claim_process_id, claim_start_time, leased_until, waiting_since) VALUES (:id, "
      ":server, :port, :user_name, :claim_host, :claim_boot_id, :claim_pid_namespace, :claim_process_id, "
      ":claim_start_time, :until, :since) ON CONFLICT (id) DO UPDATE SET leased_until = "
      "excluded.leased_until",
      binds);
}

}  // namespace

ConnectionUse use_of_connections(SociSession& sql, const Relay& relay, Timestamp now) {
  ConnectionUse use;
  std::vector<std::pair<ProcessIdentity, int>> of_each;
  for (const Entry& entry : entries_of(sql, relay, now, "")) {
    if (!entry.live) continue;
    if (entry.waiting_since) {
      ++use.waiting;
      continue;
    }
    ++use.open;
    auto one = std::ranges::find(of_each, entry.owner, &std::pair<ProcessIdentity, int>::first);
    if (one == of_each.end()) one = of_each.insert(of_each.end(), {entry.owner, 0});
    use.most_of_one = std::max(use.most_of_one, ++one->second);
  }
  return use;
}

std::optional<std::string> SociRelayStore::lease_connection(const Relay& relay, const ProcessIdentity& owner,
                                                            std::chrono::seconds lease,
                                                            const std::optional<std::string>& place) {
  const std::string id = new_identifier(context_.random);
  return write(context_, {"lease-connection", "taking a connection of a mail server"},
               [&](WriteTransaction& transaction) -> std::optional<std::string> {
                 SociSession& sql = transaction.sql();
                 const RelayRow row = lock_relay(sql, relay);
                 const Timestamp now = transaction.now();
                 std::vector<std::string> over;
                 int open = 0;
                 int ahead = 0;  // in the queue
                 std::optional<Timestamp> place_until;
                 for (const Entry& entry : entries_of(sql, relay, now, sql.for_update())) {
                   if (place && entry.id == *place) {
                     place_until = entry.until;
                   } else if (!entry.live) {
                     over.push_back(entry.id);
                   } else if (!entry.waiting_since) {
                     ++open;
                   } else if (!place_until) {
                     ++ahead;
                   }
                 }
                 const std::optional<int> most =
                     row.connections_now ? row.connections_now : row.limit.connections;
                 const bool free = !most || open + ahead < *most;
                 if (free && place_until) over.push_back(*place);
                 remove(sql, over);
                 if (free) {
                   write_entry(sql, relay, id, owner, now + lease, std::nullopt);
                   return id;
                 }
                 // Asked again and again: written only when there is something to write.
                 if (place && (!place_until || *place_until < now + PlaceTime / 2))
                   write_entry(sql, relay, *place, owner, now + PlaceTime, now);
                 return std::nullopt;
               });
}

std::vector<std::string> SociRelayStore::renew_connections(const std::vector<std::string>& ids,
                                                           std::chrono::seconds lease) {
  if (ids.empty()) return {};
  return write(context_, {"renew-connections", "keeping the connections of a mail server"},
               [&](WriteTransaction& transaction) {
                 SociSession& sql = transaction.sql();
                 std::vector<std::string> kept;
                 in_lists(ids, [&](const std::string& list, Binds binds) {
                   // Locked first: the time that the lease counts from must not be older than the wait for
                   // the rows.
                   std::vector<std::string> found;
                   for (const SqlRow& row :
                        sql.rows(fmt::format("SELECT id FROM relay_connections WHERE id IN {} ORDER BY id{}",
                                             list, sql.for_update()),
                                 1, binds))
                     found.push_back(row.text(0));
                   if (found.empty()) return;
                   binds.push_back({"until", transaction.now() + lease});
                   sql.execute(
                       fmt::format("UPDATE relay_connections SET leased_until = :until WHERE id IN {}", list),
                       binds);
                   kept.insert(kept.end(), found.begin(), found.end());
                 });
                 return kept;
               });
}

void SociRelayStore::release_connections(const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  write(context_, {"release-connections", "giving back the connections of a mail server"},
        [&](WriteTransaction& transaction) {
          remove(transaction.sql(), ids);
          return true;
        });
}

}  // namespace dialin
