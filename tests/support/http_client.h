// SPDX-License-Identifier: Apache-2.0
// A client that writes the octets of a request itself, wrong ones too, and reads answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace dialin::test {

struct HttpAnswer {
  int status = 0;  // 0: the connection ended without an answer
  std::string head;
  std::string body;
  bool closes() const { return head.find("\r\nConnection: close\r\n") != std::string::npos; }
};

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);
  explicit HttpClient(const std::string& path);  // a Unix socket
  ~HttpClient();
  HttpClient(HttpClient&& other) noexcept;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // False: the other side has closed.
  bool send(std::string_view octets);
  // The next answer. Throws std::runtime_error after `limit`.
  HttpAnswer read(std::chrono::milliseconds limit = std::chrono::seconds(30));
  // Whether the other side closes within `limit` (what it sends until then is dropped).
  bool closed(std::chrono::milliseconds limit = std::chrono::seconds(30));

 private:
  bool fill(std::chrono::steady_clock::time_point until);
  int socket_ = -1;
  std::string buffer_;
};

// A request to POST /check.
std::string check_request(std::string_view token, std::string_view body,
                          std::string_view type = "application/x-www-form-urlencoded",
                          std::string_view more_headers = {});

}  // namespace dialin::test
