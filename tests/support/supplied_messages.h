// SPDX-License-Identifier: Apache-2.0
// A stream for several sessions whose messages a test supplies while submit() runs, from any thread, and
// which notes everything that the transport does with it. After submit() everything may be looked at freely.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "mail/mail_transport.h"
#include "support/message_list.h"

namespace dialin::test {

class SuppliedMessages final : public MessageStream {
 public:
  explicit SuppliedMessages(int limit) : limit_(limit) {}

  // From any thread.
  void supply(const std::string& recipient) {
    change([&] { waiting_.push_back(message_to(recipient, sample_content)); });
  }
  void supply_many(int count, const std::string& domain = "contoso.com") {
    change([&] {
      for (int i = 0; i < count; ++i) {
        waiting_.push_back(message_to("p" + std::to_string(i) + "@" + domain, sample_content));
      }
    });
  }
  void end() {
    change([&] { ended_ = true; });
  }
  void set_limit(int limit) {
    change([&] { limit_ = limit; });
  }
  // Waits until `count` messages have their outcome; false after 20 seconds.
  bool wait_for(std::size_t count) {
    return wait_until([&] { return deliveries_.size() >= count; });
  }
  bool wait_for_connections(int count) {
    return wait_until([&] { return !connections.empty() && connections.back() == count; });
  }

  void set_wake(std::function<void()> wake) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    wake_ = std::move(wake);
  }
  Next next() override {
    if (before_next) before_next();
    const std::lock_guard<std::mutex> lock(mutex_);
    ++asked;
    if (waiting_.empty()) return {ended_ ? Supply::Ended : Supply::NotNow};
    OutgoingMessage message = std::move(waiting_.front());
    waiting_.pop_front();
    taken.push_back(message.id);
    return {Supply::Message, std::move(message)};
  }
  bool may_write(const std::string& id) override { return !refuse || !refuse(id); }
  void finished(const std::string& id, const Delivery& delivery) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!deliveries_.emplace(id, delivery).second) throw std::runtime_error("finished twice: " + id);
      changed_.notify_all();
    }
    if (after_finished) after_finished(deliveries_.size());
  }
  int connection_limit() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return limit_;
  }
  void connections_open(int count) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    connections.push_back(count);
    changed_.notify_all();
  }
  void session_problem(const Delivery& problem) override { problems.push_back(problem); }

  const std::map<std::string, Delivery>& deliveries() const { return deliveries_; }
  const Delivery& delivery(const std::string& recipient) const {
    return deliveries_.at("id-of-" + recipient);
  }
  std::size_t count(DeliveryResult result) const {
    return static_cast<std::size_t>(
        std::count_if(deliveries_.begin(), deliveries_.end(),
                      [&](const auto& each) { return each.second.result == result; }));
  }
  int most_connections() const {
    return connections.empty() ? 0 : *std::max_element(connections.begin(), connections.end());
  }

  int asked = 0;                   // calls of next()
  std::vector<std::string> taken;  // ids
  std::vector<int> connections;    // connections_open()
  std::vector<Delivery> problems;  // session_problem()
  std::function<void()> before_next;
  std::function<void(std::size_t)> after_finished;  // gets the number of outcomes
  std::function<bool(const std::string&)> refuse;   // true: may_write() says no

 private:
  void change(const std::function<void()>& work) {
    std::function<void()> wake;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      work();
      wake = wake_;
    }
    if (wake) wake();
  }
  bool wait_until(const std::function<bool()>& reached) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), reached);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> wake_;
  std::deque<OutgoingMessage> waiting_;
  std::map<std::string, Delivery> deliveries_;
  bool ended_ = false;
  int limit_;
};

}  // namespace dialin::test
