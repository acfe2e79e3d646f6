// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace dialin::test {

// A TCP port of 127.0.0.1 that nobody listens on. It is kept from other test processes of the same account (a
// lock file each) until this process ends, and lies below the range from which the kernel takes ports for
// outgoing connections, so that it stays free until a server takes it. Throws std::runtime_error.
std::uint16_t free_port();

// A socket that listens on a port of 127.0.0.1 that the kernel chose, and the port. The caller closes it.
// Throws std::runtime_error.
std::pair<int, std::uint16_t> listen_on_any_port();

// Whether something accepts connections on 127.0.0.1:`port` now.
bool is_listening(std::uint16_t port);

// The same without connecting: by the kernel's list of listening sockets (/proc/net/tcp).
bool has_listener(std::uint16_t port);

// Asks `condition` every few milliseconds until it holds; false if it did not within `limit`.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds limit = std::chrono::seconds(20));

}  // namespace dialin::test
