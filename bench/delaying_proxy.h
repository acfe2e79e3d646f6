// SPDX-License-Identifier: Apache-2.0
// A TCP proxy on 127.0.0.1 that holds everything back for a while, each way: a mail server that is far away.
// Nothing is lost, reordered or slowed down besides. Runs on a thread of its own until the object ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

namespace dialin::bench {

class DelayingProxy {
 public:
  // To 127.0.0.1:`port`; `delay` is that of one way.
  DelayingProxy(std::uint16_t port, std::chrono::milliseconds delay);
  ~DelayingProxy();

  std::uint16_t port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dialin::bench
