// SPDX-License-Identifier: Apache-2.0
#include "welcome/lease_keeper.h"

#include <algorithm>

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
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    first = held_.empty();
    held_[id] = {claim_id, claimed_at, false};
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  if (first) changed_.notify_all();
}

void LeaseKeeper::hold_connections(std::vector<std::string> ids) {
  {
    std::lock_guard lock(mutex_);
    connections_ = std::move(ids);
    if (!connections_.empty() && !thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  changed_.notify_all();
}

void LeaseKeeper::release(const WelcomeId& id) {
  std::lock_guard lock(mutex_);
  held_.erase(id);
}

bool LeaseKeeper::enough_left(const WelcomeId& id) const {
  std::lock_guard lock(mutex_);
  const auto found = held_.find(id);
  return found != held_.end() && !found->second.lost &&
         clock_.steady_now() - found->second.renewed_at < std::chrono::milliseconds(lease_) * 2 / 3;
}

void LeaseKeeper::run() {
  std::unique_ptr<Store> store;
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (held_.empty() && connections_.empty()) {
      changed_.wait(lock);
      continue;
    }
    // A round a quarter, for whatever is held then: rows come and go much faster.
    const auto due = std::chrono::steady_clock::now() + std::chrono::milliseconds(lease_) / 4;
    while (!ending_ && changed_.wait_until(lock, due) != std::cv_status::timeout) {
    }
    if (!ending_) renew(lock, store);
  }
}

std::vector<Outbox::Claimed> LeaseKeeper::to_renew() const {
  std::vector<Outbox::Claimed> claims;
  for (const auto& [id, held] : held_) {
    if (!held.lost) claims.push_back({id, held.claim_id});
  }
  return claims;
}

void LeaseKeeper::renew(std::unique_lock<std::mutex>& lock, std::unique_ptr<Store>& store) {
  const std::vector<Outbox::Claimed> claims = to_renew();
  const std::vector<std::string> connections = connections_;
  if (claims.empty() && connections.empty()) return;
  lock.unlock();
  const SteadyTime before = clock_.steady_now();
  std::vector<WelcomeId> kept;
  bool answered = false;
  try {
    if (!store) store = open_store_();
    if (!claims.empty()) kept = store->outbox().renew_many(claims, lease_);
    if (!connections.empty()) store->relays().renew_connections(connections, lease_);
    answered = true;
  } catch (const Error&) {
    // The store cannot be asked now: the leases go on running out, and enough_left() says no in time.
    store.reset();
  }
  lock.lock();
  if (!answered) return;
  for (const Outbox::Claimed& claim : claims) {
    const auto found = held_.find(claim.id);
    if (found == held_.end() || found->second.claim_id != claim.claim_id) continue;
    if (std::ranges::find(kept, claim.id) != kept.end()) {
      found->second.renewed_at = before;
    } else {
      found->second.lost = true;
    }
  }
}

}  // namespace dialin
