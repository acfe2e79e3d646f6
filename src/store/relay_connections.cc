// SPDX-License-Identifier: Apache-2.0
// Leases on the connections of a relay, under the lock of the relay's row. Whoever counts removes the leases
// that have run out in the same transaction: so a lease whose row is still there was given to nobody else.
#include <fmt/format.h>

#include "store/process_columns.h"
#include "store/relay_rows.h"
#include "store/relays.h"
#include "store/sql_lists.h"

namespace dialin {
namespace {

constexpr const char* kOfRelay = "server = :server AND port = :port AND user_name = :user_name";

struct Lease {
  std::string id;
  bool live = false;
};

std::vector<Lease> leases_of(SociSession& sql, const Relay& relay, Timestamp now, const char* lock) {
  std::vector<Lease> leases;
  for (const SqlRow& row :
       sql.rows(fmt::format("SELECT id, leased_until, {} FROM relay_connections WHERE {} ORDER BY id{}",
                            kProcessColumns, kOfRelay, lock),
                2 + kProcessColumnCount, relay_binds(relay))) {
    SqlRowReader reader(row);
    Lease lease{.id = reader.text()};
    lease.live = reader.time() > now && !no_longer_exists(read_process(reader));
    leases.push_back(std::move(lease));
  }
  return leases;
}

void remove(SociSession& sql, const std::vector<std::string>& ids) {
  in_lists(ids, [&](const std::string& list, const Binds& binds) {
    sql.execute("DELETE FROM relay_connections WHERE id IN " + list, binds);
  });
}

}  // namespace

int count_open_connections(SociSession& sql, const Relay& relay, Timestamp now) {
  int open = 0;
  for (const Lease& lease : leases_of(sql, relay, now, "")) open += lease.live;
  return open;
}

std::optional<std::string> SociRelayStore::lease_connection(const Relay& relay, const ProcessIdentity& owner,
                                                            std::chrono::seconds lease) {
  const std::string id = new_identifier(context_.random);
  return write(context_, {"lease-connection", "taking a connection of a mail server"},
               [&](WriteTransaction& transaction) -> std::optional<std::string> {
                 SociSession& sql = transaction.sql();
                 const RelayRow row = lock_relay(sql, relay);
                 std::vector<std::string> gone;
                 int open = 0;
                 for (const Lease& other : leases_of(sql, relay, transaction.now(), sql.for_update())) {
                   if (other.live) {
                     ++open;
                   } else {
                     gone.push_back(other.id);
                   }
                 }
                 remove(sql, gone);
                 const std::optional<int> most =
                     row.connections_now ? row.connections_now : row.limit.connections;
                 if (most && open >= *most) return std::nullopt;
                 Binds binds = relay_binds(relay);
                 for (Bind& bind : process_binds(owner)) binds.push_back(std::move(bind));
                 binds.push_back({"id", id});
                 binds.push_back({"until", transaction.now() + lease});
                 sql.execute(
                     "INSERT INTO relay_connections (id, server, port, user_name, claim_host, claim_boot_id, "
                     "claim_pid_namespace, claim_process_id, claim_start_time, leased_until) VALUES (:id, "
                     ":server, :port, :user_name, :claim_host, :claim_boot_id, :claim_pid_namespace, "
                     ":claim_process_id, :claim_start_time, :until)",
                     binds);
                 return id;
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
