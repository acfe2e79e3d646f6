// SPDX-License-Identifier: Apache-2.0
#include "check/check_workers.h"

namespace dialin {

CheckWorkers::CheckWorkers(std::vector<Desk> desks, std::size_t longest_queue,
                           std::chrono::milliseconds patience)
    : longest_queue_(longest_queue), patience_(patience), desks_(std::move(desks)) {
  for (const Desk& desk : desks_) threads_.emplace_back([this, &desk] { work(desk); });
}

CheckWorkers::~CheckWorkers() {
  {
    const std::lock_guard guard(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool CheckWorkers::submit(CheckRequest request, std::string address, Done done) {
  {
    const std::lock_guard guard(mutex_);
    if (queue_.size() >= longest_queue_) return false;
    queue_.push_back(
        {std::move(request), std::move(address), std::move(done), std::chrono::steady_clock::now()});
  }
  changed_.notify_one();
  return true;
}

void CheckWorkers::work(const Desk& desk) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return over_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Question question = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const bool too_late = std::chrono::steady_clock::now() - question.since > patience_;
    question.done(too_late ? CheckReply{.kind = CheckReply::Kind::Unknown}
                           : desk(question.request, question.address));
    lock.lock();
  }
}

}  // namespace dialin
