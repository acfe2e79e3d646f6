// SPDX-License-Identifier: Apache-2.0
#include "support/http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <utility>

namespace dialin::test {

HttpClient::HttpClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw std::runtime_error(fmt::format("connect to port {}: {}", port, std::strerror(errno)));
  }
}

HttpClient::HttpClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw std::runtime_error("connect to " + path + ": " + std::strerror(errno));
  }
}

HttpClient::~HttpClient() {
  if (socket_ >= 0) ::close(socket_);
}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)) {}

bool HttpClient::send(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t count = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool HttpClient::fill(std::chrono::steady_clock::time_point until) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  pollfd waiting{socket_, POLLIN, 0};
  if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) != 1)
    throw std::runtime_error("no answer in time; until then: " + buffer_);
  char octets[4096];
  const ssize_t count = ::recv(socket_, octets, sizeof octets, 0);
  if (count <= 0) return false;
  buffer_.append(octets, static_cast<std::size_t>(count));
  return true;
}

HttpAnswer HttpClient::read(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill(until)) return {};
  }
  HttpAnswer answer;
  answer.head = buffer_.substr(0, end + 2);
  answer.status = std::stoi(answer.head.substr(9, 3));
  const std::string name = "\r\nContent-Length: ";
  const std::size_t at = answer.head.find(name);
  const std::size_t size = at == std::string::npos ? 0 : std::stoul(answer.head.substr(at + name.size()));
  while (buffer_.size() < end + 4 + size) {
    if (!fill(until)) return {};
  }
  answer.body = buffer_.substr(end + 4, size);
  buffer_.erase(0, end + 4 + size);
  return answer;
}

bool HttpClient::closed(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  try {
    while (fill(until)) buffer_.clear();
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string check_request(std::string_view token, std::string_view body, std::string_view type,
                          std::string_view more_headers) {
  return fmt::format(
      "POST /check HTTP/1.1\r\nHost: dialin\r\nAuthorization: Bearer {}\r\nContent-Type: "
      "{}\r\nContent-Length: "
      "{}\r\n{}\r\n{}",
      token, type, body.size(), more_headers, body);
}

}  // namespace dialin::test
