// SPDX-License-Identifier: Apache-2.0
// The threads that answer questions, one a desk, so that no more hashes run at a time than there are desks;
// and the queue before them, which is bounded: who would wait too long is better told so at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "check/check_desk.h"

namespace dialin {

class CheckWorkers {
 public:
  // Is called from one thread only; must not throw (CheckDesk::answer).
  using Desk = std::function<CheckReply(const CheckRequest&, const std::string& address)>;
  using Done = std::function<void(const CheckReply&)>;

  // `patience`: who has waited longer is answered Unknown, without an attempt.
  CheckWorkers(std::vector<Desk> desks, std::size_t longest_queue, std::chrono::milliseconds patience);
  // Answers what is queued, then ends.
  ~CheckWorkers();
  CheckWorkers(const CheckWorkers&) = delete;
  CheckWorkers& operator=(const CheckWorkers&) = delete;

  // False: the queue is full, and nothing was taken. `done` is called on a worker's thread.
  bool submit(CheckRequest request, std::string address, Done done);

 private:
  struct Question {
    CheckRequest request;
    std::string address;
    Done done;
    std::chrono::steady_clock::time_point since;
  };
  void work(const Desk& desk);

  const std::size_t longest_queue_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Question> queue_;
  bool over_ = false;
  std::vector<Desk> desks_;
  std::vector<std::thread> threads_;  // last: they use the others
};

}  // namespace dialin
