// SPDX-License-Identifier: Apache-2.0
#include "welcome/lease_keeper.h"

#include "base/error.h"

namespace dialin {

LeaseKeeper::LeaseKeeper(StoreOpener open_store, Clock& clock, std::chrono::seconds lease)
    : open_store_(std::move(open_store)), clock_(clock), lease_(lease) {}

LeaseKeeper::~LeaseKeeper() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LeaseKeeper::hold(const WelcomeId& id, const std::string& claim_id, SteadyTime claimed_at) {
  {
    std::lock_guard lock(mutex_);
    id_ = id;
    claim_id_ = claim_id;
    renewed_at_ = claimed_at;
    lost_ = false;
  }
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
}

void LeaseKeeper::release() {
  std::lock_guard lock(mutex_);
  id_.clear();
  claim_id_.clear();
}

bool LeaseKeeper::enough_left() const {
  std::lock_guard lock(mutex_);
  return !lost_ && !id_.empty() &&
         clock_.steady_now() - renewed_at_ < std::chrono::milliseconds(lease_) * 2 / 3;
}

void LeaseKeeper::run() {
  std::unique_ptr<Store> store;
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (id_.empty() || lost_) {
      changed_.wait(lock);
      continue;
    }
    const auto due = std::chrono::steady_clock::now() + std::chrono::milliseconds(lease_) / 4;
    if (changed_.wait_until(lock, due) != std::cv_status::timeout) continue;
    if (id_.empty()) continue;
    const WelcomeId id = id_;
    const std::string claim_id = claim_id_;
    lock.unlock();
    const SteadyTime before = clock_.steady_now();
    bool renewed = false;
    bool answered = false;
    try {
      if (!store) store = open_store_();
      renewed = store->outbox().renew(id, claim_id, lease_);
      answered = true;
    } catch (const Error&) {
      // The store cannot be asked now: the lease goes on running out, and enough_left() says no in time.
      store.reset();
    }
    lock.lock();
    if (claim_id_ == claim_id && answered) {
      if (renewed) {
        renewed_at_ = before;
      } else {
        lost_ = true;
      }
    }
  }
}

}  // namespace dialin
