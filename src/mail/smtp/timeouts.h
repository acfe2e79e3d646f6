// SPDX-License-Identifier: Apache-2.0
// How long the client waits (RFC 5321 section 4.5.3.2), in one place so that tests can shorten it.
#pragma once

#include <chrono>

namespace dialin::smtp {

struct Timeouts {
  std::chrono::milliseconds connect = std::chrono::seconds(30);  // each address
  std::chrono::milliseconds greeting = std::chrono::minutes(5);
  std::chrono::milliseconds hello = std::chrono::minutes(5);
  std::chrono::milliseconds handshake = std::chrono::minutes(1);
  std::chrono::milliseconds auth = std::chrono::minutes(2);  // each step
  std::chrono::milliseconds mail = std::chrono::minutes(5);
  std::chrono::milliseconds rcpt = std::chrono::minutes(5);
  std::chrono::milliseconds data = std::chrono::minutes(2);
  std::chrono::milliseconds block = std::chrono::minutes(3);     // writing a block of content
  std::chrono::milliseconds outcome = std::chrono::minutes(10);  // the reply to the end of the content
  // Nothing depends on the reply to QUIT; it is waited for out of politeness.
  std::chrono::milliseconds quit = std::chrono::seconds(2);
  // How often deadlines and `cancelled` are looked at.
  std::chrono::milliseconds poll = std::chrono::milliseconds(200);
};

}  // namespace dialin::smtp
