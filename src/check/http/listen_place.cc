// SPDX-License-Identifier: Apache-2.0
#include "check/http/listen_place.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/un.h>

#include <charconv>

#include "base/error.h"
#include "base/text.h"

namespace dialin {
namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view setting, const std::string& problem) {
  throw Error(ErrorCode::Configuration,
              fmt::format("{} \"{}\": {}", setting, sanitize_foreign_text(text, 200), problem),
              "Write 127.0.0.1:8467, [::1]:8467 or unix:/run/dialin/check.sock.");
}

bool is_numeric(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
}

}  // namespace

ListenPlace ListenPlace::parse(std::string_view text, std::string_view setting) {
  ListenPlace place;
  if (text.substr(0, 5) == "unix:") {
    place.path = text.substr(5);
    if (place.path.empty() || place.path.front() != '/') refuse(text, setting, "the path is not absolute");
    if (place.path.size() >= sizeof(sockaddr_un::sun_path))
      refuse(text, setting,
             fmt::format("the path is longer than {} octets", sizeof(sockaddr_un::sun_path) - 1));
    return place;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse(text, setting, "there is no port");
  const std::string_view port = text.substr(colon + 1);
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), place.port);
  if (problem != std::errc() || end != port.data() + port.size() || port.empty())
    refuse(text, setting, "the port is no number from 0 to 65535");
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    refuse(text, setting, "an IPv6 address stands in brackets");
  }
  place.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  if (!is_numeric(place.host)) refuse(text, setting, "the host is no numeric address");
  return place;
}

bool ListenPlace::is_local() const {
  return !path.empty() || host == "::1" || host.substr(0, 4) == "127.";
}

std::string ListenPlace::text() const {
  if (!path.empty()) return "unix:" + path;
  return host.find(':') != std::string::npos ? fmt::format("[{}]:{}", host, port)
                                             : fmt::format("{}:{}", host, port);
}

}  // namespace dialin
