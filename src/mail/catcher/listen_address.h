// SPDX-License-Identifier: Apache-2.0
// Where the catcher listens: an address of this machine that no other machine can reach, and a port.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialin {

class ListenAddress {
 public:
  // "127.0.0.1:2525" (anything in 127.0.0.0/8), "[::1]:2525" or "localhost:2525"; port 0 asks for a free one.
  // Throws Error InvalidInput for anything else: what the catcher keeps holds PINs, and it asks nobody who
  // they are, so it is never reachable from outside.
  static ListenAddress parse(std::string_view text);

  const std::string& host() const { return host_; }  // numeric, without brackets
  bool is_ipv6() const { return host_ == "::1"; }
  std::uint16_t port() const { return port_; }

 private:
  ListenAddress(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}

  std::string host_;
  std::uint16_t port_;
};

}  // namespace dialin
