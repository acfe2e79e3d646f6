// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/relay_rows.h"
#include "store/relay_store.h"
#include "store/store_context.h"

namespace dialin {

class SociRelayStore final : public RelayStore {
 public:
  explicit SociRelayStore(StoreContext& context) : context_(context) {}

  void set_limit(const Relay& relay, const RelayLimit& limit, const Operator& by) override;
  std::optional<RelayState> state(const Relay& relay) override;
  RelayPermits take_permits(const Relay& relay, std::size_t wanted) override;
  std::optional<std::string> lease_connection(const Relay& relay, const ProcessIdentity& owner,
                                              std::chrono::seconds lease,
                                              const std::optional<std::string>& place) override;
  std::vector<std::string> renew_connections(const std::vector<std::string>& ids,
                                             std::chrono::seconds lease) override;
  void release_connections(const std::vector<std::string>& ids) override;
  RelayState slow_down(const Relay& relay, double reached) override;
  RelayState speed_up(const Relay& relay) override;

 private:
  StoreContext& context_;
};

// Who has the relay's connections, and who waits for one: processes that live.
ConnectionUse use_of_connections(SociSession& sql, const Relay& relay, Timestamp now);

}  // namespace dialin
