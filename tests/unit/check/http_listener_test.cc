// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <future>

#include "base/error.h"
#include "support/temporary_directory.h"
#include "unit/check/running_listener.h"

namespace dialin::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(HttpListener, AnswersFormsAndJsonOnOneConnection) {
  RunningListener listener(simple_desk);
  HttpClient client = listener.client();
  for (int i = 0; i < 3; ++i) {
    client.send(check_request(Token, "who=51297&pin=73519"));
    HttpAnswer answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "Success\n");
    EXPECT_NE(answer.head.find("Cache-Control: no-store"), std::string::npos);
    client.send(check_request(Token, R"({"who":"51297","pin":"73510"})", "application/json; charset=utf-8",
                              "Accept: application/json\r\n"));
    answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "{\"result\":\"IncorrectPin\"}\n");
  }
  // Two at once are answered one after the other.
  client.send(check_request(Token, "who=1&pin=73519") + check_request(Token, "who=1&pin=73510"));
  EXPECT_EQ(client.read().body, "Success\n");
  EXPECT_EQ(client.read().body, "IncorrectPin\n");
  client.send(
      check_request(Token, "who=1&pin=73519", "application/x-www-form-urlencoded", "Connection: close\r\n"));
  EXPECT_TRUE(client.read().closes());
  EXPECT_TRUE(client.closed());
}

TEST(HttpListener, TellsWhoAsksAndWhere) {
  std::string address, caller;
  RunningListener listener([&](const CheckRequest& request, const std::string& from) {
    address = from;
    caller = request.caller;
    return simple_desk(request, from);
  });
  HttpClient client = listener.client();
  client.send(check_request(Token, "who=51297&pin=73519&caller=%2B14255550199"));
  EXPECT_EQ(client.read().status, 200);
  listener.end();
  EXPECT_EQ(address, "127.0.0.1");
  EXPECT_EQ(caller, "+14255550199");
}

TEST(HttpListener, WithoutItsTokenNobodyIsAnswered) {
  std::atomic<int> asked = 0;
  RunningListener listener([&](const CheckRequest& request, const std::string& address) {
    ++asked;
    return simple_desk(request, address);
  });
  const std::string good = check_request(Token, "who=51297&pin=73519");
  const auto with = [&](const std::string& authorization) {
    std::string text = good;
    const std::string line = std::string("Authorization: Bearer ") + Token + "\r\n";
    text.replace(text.find(line), line.size(), authorization);
    HttpClient client = listener.client();
    client.send(text);
    return client.read();
  };
  const std::string token = Token;
  for (const std::string& header :
       {std::string(), std::string("Authorization: Bearer\r\n"), "Authorization: Basic " + token + "\r\n",
        "Authorization: Bearer " + token + "x\r\n", "Authorization: Bearer " + token.substr(1) + "\r\n",
        "Authorization: Bearer " + token + "\r\nAuthorization: Bearer " + token + "\r\n"}) {
    const HttpAnswer answer = with(header);
    EXPECT_EQ(answer.status, 401) << header;
    EXPECT_NE(answer.head.find("WWW-Authenticate: Bearer"), std::string::npos);
    EXPECT_TRUE(answer.closes());
  }
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(with("authorization: bearer " + token + "\r\n").status, 200);
}

TEST(HttpListener, BusyAwayAndThrottledSayWhenToComeBack) {
  std::promise<void> gate, entered;
  const std::shared_future<void> open = gate.get_future().share();
  std::atomic<int> asked = 0;
  RunningListener listener(
      [&](const CheckRequest&, const std::string&) {
        if (++asked == 1) {
          entered.set_value();
          open.wait();
          return CheckReply{.kind = CheckReply::Kind::Throttled, .retry_after = seconds(120)};
        }
        return CheckReply{.kind = CheckReply::Kind::Unknown, .retry_after = seconds(2)};
      },
      {}, "127.0.0.1:0", 1);
  HttpClient first = listener.client(), second = listener.client(), third = listener.client();
  first.send(check_request(Token, "who=1&pin=73519"));
  entered.get_future().wait();
  second.send(check_request(Token, "who=1&pin=73519"));
  // Whichever of the two is read second finds the queue full, at once.
  third.send(check_request(Token, "who=1&pin=73519"));
  const auto refused = std::async(std::launch::async, [&] { return third.read(); });
  HttpAnswer busy;
  if (refused.wait_for(seconds(2)) == std::future_status::ready) {
    busy = const_cast<std::future<HttpAnswer>&>(refused).get();
  } else {
    busy = second.read();
  }
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.body, "Unknown\n");
  EXPECT_NE(busy.head.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_EQ(asked, 1);
  gate.set_value();
  const HttpAnswer throttled = first.read();
  EXPECT_EQ(throttled.status, 429);
  EXPECT_NE(throttled.head.find("Retry-After: 120\r\n"), std::string::npos);
}

TEST(HttpListener, IsReachedByAUnixSocketAndTakesOverOneThatIsLeft) {
  const TemporaryDirectory directory;
  const std::string path = directory / "check.sock";
  for (int round = 0; round < 2; ++round) {
    RunningListener listener(simple_desk, {}, "unix:" + path);
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0660u);
    HttpClient client(path);
    client.send(check_request(Token, "who=1&pin=73519"));
    EXPECT_EQ(client.read().status, 200);
    EXPECT_THROW(RunningListener(simple_desk, {}, "unix:" + path), Error);
    client.send(check_request(Token, "who=1&pin=73519"));
    EXPECT_EQ(client.read().status, 200);
  }
  struct stat status {};
  EXPECT_NE(stat(path.c_str(), &status), 0);
  // Of a process that was killed.
  const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(left, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(left);
  RunningListener listener(simple_desk, {}, "unix:" + path);
  HttpClient client(path);
  client.send(check_request(Token, "who=1&pin=73519"));
  EXPECT_EQ(client.read().status, 200);
}

TEST(HttpListener, AThousandIdleConnectionsStarveNobody) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
  setrlimit(RLIMIT_NOFILE, &limit);
  ASSERT_GE(limit.rlim_cur, 2200u) << "the limit on open files is too low for this test";
  RunningListener listener(simple_desk, {.connections = 1050});
  std::vector<HttpClient> idle;
  const std::string request = check_request(Token, "who=1&pin=73519");
  for (std::size_t i = 0; i < 1000; ++i) {
    idle.push_back(listener.client());
    // Some have said nothing, some a part of a header, some all but the last octet.
    if (i % 3 != 0) idle.back().send(request.substr(0, i % 3 == 1 ? 30 : request.size() - 1));
  }
  HttpClient client = listener.client();
  client.send(request);
  EXPECT_EQ(client.read().body, "Success\n");
  // And when all connections are taken, the oldest that waits is closed for the next.
  for (int i = 0; i < 60; ++i) idle.push_back(listener.client());
  HttpClient last = listener.client();
  last.send(request);
  EXPECT_EQ(last.read().body, "Success\n");
  EXPECT_TRUE(idle.front().closed());
}

TEST(HttpListener, SlowRequestsHaveADeadline) {
  RunningListener listener(simple_desk, {.idle = milliseconds(300), .request = milliseconds(300)});
  HttpClient silent = listener.client(), slow_header = listener.client(), slow_body = listener.client();
  slow_header.send("POST /check HTT");
  const std::string request = check_request(Token, "who=1&pin=73519");
  slow_body.send(request.substr(0, request.size() - 3));
  EXPECT_TRUE(silent.closed());
  EXPECT_TRUE(slow_header.closed());
  EXPECT_TRUE(slow_body.closed());
  // Octet by octet does not help.
  HttpClient dripping = listener.client();
  const auto begin = std::chrono::steady_clock::now();
  while (dripping.send("x") && std::chrono::steady_clock::now() - begin < seconds(20)) {
    if (dripping.closed(milliseconds(20))) break;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(15));
}

TEST(HttpListener, WhatIsInFlightIsFinishedWhenItStops) {
  std::promise<void> gate, entered;
  const std::shared_future<void> open = gate.get_future().share();
  RunningListener listener([&](const CheckRequest& request, const std::string& address) {
    entered.set_value();
    open.wait();
    return simple_desk(request, address);
  });
  HttpClient idle = listener.client(), asking = listener.client();
  asking.send(check_request(Token, "who=1&pin=73519"));
  entered.get_future().wait();
  listener.ask_to_stop();
  EXPECT_TRUE(idle.closed());
  EXPECT_THROW(listener.client(), std::runtime_error);
  gate.set_value();
  const HttpAnswer answer = asking.read();
  EXPECT_EQ(answer.body, "Success\n");
  EXPECT_TRUE(answer.closes());
  listener.end();
}

}  // namespace
}  // namespace dialin::test
