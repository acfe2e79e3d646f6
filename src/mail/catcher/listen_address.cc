// SPDX-License-Identifier: Apache-2.0
#include "mail/catcher/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <charconv>

#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view reason) {
  throw Error(
      ErrorCode::InvalidInput,
      fmt::format("Cannot listen on \"{}\": {}.", sanitize_foreign_text(text, 80), reason),
      "Write an address of this machine alone, for example 127.0.0.1:2525 or [::1]:2525; port 0 takes a "
      "free one.");
}

std::uint16_t parse_port(std::string_view text, std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || problem != std::errc() || end != digits.data() + digits.size()) {
    refuse(text, "the port is a number from 0 to 65535 after a colon");
  }
  return port;
}

}  // namespace

ListenAddress ListenAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse(text, "it has no port");
  std::string host(text.substr(0, colon));
  const std::uint16_t port = parse_port(text, text.substr(colon + 1));
  if (host == "[::1]") return {"::1", port};
  if (equal_ignoring_case(host, "localhost")) return {"127.0.0.1", port};
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) != 1) {
    refuse(text, "it is neither an IPv4 address, nor [::1], nor localhost");
  }
  if (ntohl(address.s_addr) >> 24 != 127) {
    refuse(text, "only this machine itself may send mail to it, because what it keeps holds PINs");
  }
  return {std::move(host), port};
}

}  // namespace dialin
