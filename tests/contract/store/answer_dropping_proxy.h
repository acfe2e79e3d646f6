// SPDX-License-Identifier: Apache-2.0
// Stands between a store and PostgreSQL, and can swallow the answer to the next COMMIT: the server has
// committed, and the connection ends without a word about it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace dialin::test {

class AnswerDroppingProxy {
 public:
  explicit AnswerDroppingProxy(std::uint16_t server_port);
  ~AnswerDroppingProxy();

  std::uint16_t port() const { return port_; }
  void drop_next_commit_answer() { armed_ = true; }
  bool dropped() const { return dropped_; }

 private:
  void accept_all();
  void serve(int client);

  std::uint16_t server_port_, port_ = 0;
  int listener_ = -1;
  std::atomic<bool> armed_ = false, dropped_ = false;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
};

}  // namespace dialin::test
