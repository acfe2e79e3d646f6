// SPDX-License-Identifier: Apache-2.0
#include "command/audit_signer.h"

#include "base/error.h"

namespace dialin {
namespace {

constexpr std::chrono::seconds Every{60};

}  // namespace

AuditSigner::AuditSigner(std::unique_ptr<Store> store)
    : store_(std::move(store)), thread_([this] { run(); }) {}

AuditSigner::~AuditSigner() {
  {
    const std::lock_guard guard(access_);
    ended_ = true;
  }
  ending_.notify_one();
  thread_.join();
}

void AuditSigner::run() {
  std::unique_lock lock(access_);
  while (!ended_) {
    lock.unlock();
    try {
      store_->audit().sign(AuditTrail::When::IfDue);
    } catch (const Error&) {
      // A store that is away is said by whoever needs it; the head is due still in a minute.
    }
    lock.lock();
    ending_.wait_for(lock, Every, [this] { return ended_; });
  }
}

}  // namespace dialin
