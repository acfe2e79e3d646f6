// SPDX-License-Identifier: Apache-2.0
// Keeps the claims of the rows that are being sent: renews their leases at a quarter of their length, in a
// thread of its own with a store of its own, so that a mail server that takes its time costs no lease
// (doc/delivery.md, Claims). Any thread may call it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "welcome/welcome_settings.h"

namespace dialin {

class LeaseKeeper {
 public:
  // The second store is opened when the first renewal is due, so that welcomes which take a moment cost none.
  LeaseKeeper(StoreOpener open_store, Clock& clock, std::chrono::seconds lease);
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

  // `claimed_at`: steady time before the claim was asked for.
  void hold(const WelcomeId& id, const std::string& claim_id, SteadyTime claimed_at);
  void release(const WelcomeId& id);

  // Leases on connections of relays (store/relay_store.h) that are renewed too, instead of those before. One
  // that could not be renewed is somebody else's business then: the connection itself stays.
  void hold_connections(std::vector<std::string> ids);

  // Whether the row is held and more than a third of its lease is left, by the steady clock: only then may
  // content be written.
  bool enough_left(const WelcomeId& id) const;

 private:
  struct Held {
    std::string claim_id;
    SteadyTime renewed_at{};
    bool lost = false;
  };

  void run();
  std::vector<Outbox::Claimed> to_renew() const;
  void renew(std::unique_lock<std::mutex>& lock, std::unique_ptr<Store>& store);

  StoreOpener open_store_;
  Clock& clock_;
  const std::chrono::seconds lease_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<WelcomeId, Held> held_;
  std::vector<std::string> connections_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace dialin
