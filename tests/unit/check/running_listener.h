// SPDX-License-Identifier: Apache-2.0
// A listener on a free port, before desks that a test makes.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "check/http/http_listener.h"
#include "support/http_client.h"

namespace dialin::test {

inline constexpr const char* Token = "0123456789abcdef0123456789abcdef";

class RunningListener {
 public:
  explicit RunningListener(CheckWorkers::Desk desk, const HttpListenerSettings& settings = {},
                           const std::string& place = "127.0.0.1:0", std::size_t queue = 64)
      : listener_(ListenPlace::parse(place, "listen"), token_, settings) {
    std::vector<CheckWorkers::Desk> desks = {std::move(desk)};
    workers_ = std::make_unique<CheckWorkers>(std::move(desks), queue, std::chrono::seconds(30));
    thread_ = std::thread([this] { listener_.run(*workers_, [this] { return stop_.load(); }); });
  }
  ~RunningListener() { end(); }

  void ask_to_stop() { stop_ = true; }
  // Until it has ended.
  void end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    workers_.reset();
  }
  HttpClient client() const { return HttpClient(listener_.place().port); }

 private:
  const Secret token_{std::string_view(Token)};
  HttpListener listener_;
  std::unique_ptr<CheckWorkers> workers_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Right for 73519, wrong for everything else.
inline CheckReply simple_desk(const CheckRequest& request, const std::string&) {
  const bool right = request.pin && request.pin->same_as(*Pin::parse("73519"));
  return {CheckReply::Kind::Word, right ? CheckWord::Success : CheckWord::IncorrectPin};
}

}  // namespace dialin::test
