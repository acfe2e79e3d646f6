// SPDX-License-Identifier: Apache-2.0
// Signs the end of the audit chain at least hourly, for a command that runs for days: lines of a quiet hour
// wait for the next one otherwise. A thread of its own with a store of its own.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "store/store.h"

namespace dialin {

class AuditSigner {
 public:
  explicit AuditSigner(std::unique_ptr<Store> store);
  ~AuditSigner();

 private:
  void run();

  std::unique_ptr<Store> store_;
  std::mutex access_;
  std::condition_variable ending_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace dialin
