// SPDX-License-Identifier: Apache-2.0
// Keeps the claim of the welcome that is being sent: renews its lease at a quarter of its length, in a thread
// of its own with a store of its own, so that a mail server that takes its time costs no lease
// (doc/delivery.md, Claims).
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "welcome/welcome_settings.h"

namespace dialin {

class LeaseKeeper {
 public:
  // The second store is opened when the first renewal is due, so that a welcome which takes a moment costs
  // none.
  LeaseKeeper(StoreOpener open_store, Clock& clock, std::chrono::seconds lease);
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

  // `claimed_at`: steady time before the claim was asked for.
  void hold(const WelcomeId& id, const std::string& claim_id, SteadyTime claimed_at);
  void release();

  // Whether more than a third of the lease is left, by the steady clock: only then may content be written.
  bool enough_left() const;

 private:
  void run();

  StoreOpener open_store_;
  Clock& clock_;
  const std::chrono::seconds lease_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  WelcomeId id_;
  std::string claim_id_;
  SteadyTime renewed_at_{};
  bool lost_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace dialin
