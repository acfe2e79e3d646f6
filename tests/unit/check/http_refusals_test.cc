// SPDX-License-Identifier: Apache-2.0
// Requests that are wrong, or that two readers could take for different ones.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "unit/check/running_listener.h"

namespace dialin::test {
namespace {

class HttpRefusals : public testing::Test {
 protected:
  HttpAnswer send(const std::string& octets) {
    HttpClient client = listener_.client();
    client.send(octets);
    return client.read();
  }
  // `start` instead of the first line, with all headers right.
  std::string with_start(const std::string& start) {
    const std::string good = check_request(Token, Body);
    return start + good.substr(good.find("\r\n"));
  }
  std::string with_headers(const std::string& headers, const std::string& body = Body) {
    return fmt::format(
        "POST /check HTTP/1.1\r\nHost: dialin\r\nAuthorization: Bearer {}\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\n{}\r\n{}",
        Token, headers, body);
  }

  static constexpr const char* Body = "who=51297&pin=73519";
  std::atomic<int> asked_ = 0;
  RunningListener listener_{[this](const CheckRequest& request, const std::string& address) {
    ++asked_;
    return simple_desk(request, address);
  }};
};

TEST_F(HttpRefusals, OnlyPostAndOnlyCheckAndNeverInTheAddress) {
  EXPECT_EQ(send(with_start("GET /check HTTP/1.1")).status, 405);
  EXPECT_EQ(send(with_start("PUT /check HTTP/1.1")).status, 405);
  EXPECT_EQ(send(with_start("BREW /check HTTP/1.1")).status, 405);
  for (const char* target : {"/", "/check/", "/Check", "//check", "/check%2f", "http://dialin/check", "*"})
    EXPECT_EQ(send(with_start(fmt::format("POST {} HTTP/1.1", target))).status, 404) << target;
  const HttpAnswer answer = send(with_start("POST /check?who=51297&pin=73519 HTTP/1.1"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ((answer.head + answer.body).find("73519"), std::string::npos);
  EXPECT_EQ(asked_, 0);
}

TEST_F(HttpRefusals, WhatCouldBeTwoRequestsIsNone) {
  for (const std::string& headers :
       std::initializer_list<std::string>{"Transfer-Encoding: chunked\r\n",
                                          "Transfer-Encoding: chunked\r\nContent-Length: 19\r\n",
                                          "Content-Length: 19\r\nTransfer-Encoding: chunked\r\n",
                                          "Transfer-Encoding: xchunked\r\n",
                                          "Transfer-Encoding: identity\r\nContent-Length: 19\r\n",
                                          "Transfer-Encoding:\x0b chunked\r\nContent-Length: 19\r\n",
                                          "Content-Length: 19\r\nContent-Length: 19\r\n",
                                          "Content-Length: 19\r\nContent-Length: 5\r\n",
                                          "Content-Length: 19, 19\r\n",
                                          "Content-Length: +19\r\n",
                                          "Content-Length: -1\r\n",
                                          "Content-Length: 0x13\r\n",
                                          "Content-Length: 19 \x0b\r\n",
                                          "Content-Length: 99999999999999999999\r\n",
                                          "Content-Length : 19\r\n",
                                          "Content-Length\r\n",
                                          "",
                                          "Host: other\r\nContent-Length: 19\r\n",
                                          "Content-Length: 19\r\nX: a\rY: b\r\n",
                                          "Content-Length: 19\r\nX: a\nY: b\r\n",
                                          "Content-Length: 19\r\n: x\r\n",
                                          std::string("Content-Length: 19\r\nX: \0\r\n", 25)}) {
    const HttpAnswer answer = send(with_headers(headers));
    EXPECT_TRUE(answer.status == 400 || answer.status == 411) << answer.status << " " << headers;
    EXPECT_TRUE(answer.closes()) << headers;
  }
  EXPECT_EQ(asked_, 0);
  // What follows a refused request is not read as another one.
  HttpClient client = listener_.client();
  client.send(with_headers("Transfer-Encoding: chunked\r\n", "0\r\n\r\n") + check_request(Token, Body));
  EXPECT_EQ(client.read().status, 411);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(asked_, 0);
}

TEST_F(HttpRefusals, WhatIsTooLargeIsRefusedBeforeItIsRead) {
  EXPECT_EQ(send(with_headers("Content-Length: 4097\r\n", "")).status, 413);
  EXPECT_EQ(send(with_headers("Content-Length: 999999999\r\n", "")).status, 413);
  EXPECT_EQ(send(with_headers("X: " + std::string(9000, 'x') + "\r\nContent-Length: 19\r\n")).status, 431);
  EXPECT_EQ(send(with_start("POST /" + std::string(9000, 'x') + " HTTP/1.1")).status, 431);
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "X: y\r\n";
  EXPECT_EQ(send(with_headers(many + "Content-Length: 19\r\n")).status, 431);
  EXPECT_EQ(asked_, 0);
  // The largest body that is allowed.
  EXPECT_EQ(send(check_request(Token, "who=51297&pin=73519&caller=" + std::string(256, 'x'))).status, 200);
}

TEST_F(HttpRefusals, WhatIsNoHttpOrNoQuestionIsRefused) {
  for (const std::string& octets : std::initializer_list<std::string>{
           "\r\n\r\n\r\n\r\n", "hello\r\n\r\n", "POST /check\r\n\r\n", "POST  /check HTTP/1.1\r\n\r\n",
           "POST /check HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"}) {
    HttpClient client = listener_.client();
    client.send(octets);
    const HttpAnswer answer = client.read();
    EXPECT_TRUE(answer.status == 400 || answer.status == 505) << answer.status << octets;
  }
  for (const char* type : {"text/plain", "multipart/form-data", "application/jsonp", ""})
    EXPECT_EQ(send(check_request(Token, Body, type)).status, 415) << type;
  for (const std::string& body :
       std::initializer_list<std::string>{"", "x", "who=51297", "pin=73519&who=1&x=1"})
    EXPECT_EQ(send(check_request(Token, body)).status, 400) << body;
  EXPECT_EQ(send(check_request(Token, Body, "application/json")).status, 400);
  EXPECT_EQ(send(check_request(Token, Body, "application/x-www-form-urlencoded", "Expect: 100-continue\r\n"))
                .status,
            417);
  EXPECT_EQ(
      send(check_request(Token, Body, "application/x-www-form-urlencoded", "Content-Encoding: gzip\r\n"))
          .status,
      415);
  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(send("POST /check HTTP/1.0\r\n" + check_request(Token, Body).substr(22)).status, 200);
}

}  // namespace
}  // namespace dialin::test
