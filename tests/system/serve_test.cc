// SPDX-License-Identifier: Apache-2.0
// dialin serve as a whole: the built program, its store, real sockets.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <regex>
#include <thread>

#include "support/dialin_program.h"
#include "support/http_client.h"

namespace dialin::test {
namespace {

constexpr const char* ServeToken = "a token that nobody else has 0123456789";
// Stands nowhere else: not in a number, not in an id.
constexpr const char* CanaryPin = "918273645091827364";

class Serve : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    std::filesystem::permissions(program_.directory().write("token", std::string(ServeToken) + "\n"),
                                 std::filesystem::perms::owner_read);
    program_.set("check", "listen", "\"127.0.0.1:0\"");
    program_.set("check", "token_file", fmt::format("\"{}\"", (program_.directory() / "token").string()));
    program_.set("check", "caller_failures", "0");
    ASSERT_EQ(program_
                  .run({"people", "add", "bob@contoso.com", "--mail", "bob@contoso.com", "--line-uri",
                        "tel:+14255551297;ext=51297"})
                  .exit_code,
              0);
  }
  void set_pin(const std::string& pin) {
    ASSERT_EQ(program_.run({"pin", "set", "bob@contoso.com", "--pin", "-"}, pin + "\n").exit_code, 0);
  }
  void start() {
    // Standard error is what it says; a file, so that the port can be read from it.
    log_ = program_.directory() / "serve.log";
    Command command = program_.command({"serve"});
    command.log = log_;
    serve_ = std::make_unique<ChildProcess>(command);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    std::smatch match;
    while (std::chrono::steady_clock::now() < until && serve_->running()) {
      const std::string said = log();
      if (std::regex_search(said, match, std::regex("127\\.0\\.0\\.1:([0-9]+) for PIN checks"))) {
        port_ = static_cast<std::uint16_t>(std::stoi(match[1]));
        return;
      }
      std::this_thread::yield();
    }
    FAIL() << "it does not listen: " << log();
  }
  std::string log() const {
    std::ifstream file(log_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  HttpAnswer ask(const std::string& who, const std::string& pin) {
    HttpClient client(port_);
    client.send(check_request(ServeToken, fmt::format("who={}&pin={}&caller=1001", who, pin)));
    return client.read(std::chrono::seconds(60));
  }

  DialinProgram program_{GetParam()};
  std::filesystem::path log_;
  std::unique_ptr<ChildProcess> serve_;
  std::uint16_t port_ = 0;
};
TEST_P(Serve, GoesOnWhileTheKeyOfItsStoreIsChanged) {
  set_pin("48213");
  start();
  EXPECT_EQ(ask("51297", "48213").body, "Success\n");
  ASSERT_EQ(program_.run({"key", "rotate"}).exit_code, 0);
  for (const nlohmann::json& key :
       nlohmann::json::parse(program_.run({"key", "status", "-Output", "json"}).output)) {
    if (key["State"] != "Retired") continue;
    EXPECT_EQ(program_.run({"key", "forget", key["Key"], "--yes"}).exit_code, 0);
  }
  EXPECT_EQ(ask("51297", "48213").body, "Success\n");
  EXPECT_EQ(ask("51297", "48214").body, "IncorrectPin\n");
  // A name of nobody: its digest is made with a key of its own.
  EXPECT_EQ(ask("99999", "48213").body, "IncorrectPin\n");
  const std::string counts = program_.run({"audit", "--checks", "-Output", "csv"}).output;
  EXPECT_NE(counts.find("Success,2"), std::string::npos) << counts;
  EXPECT_NE(counts.find("IncorrectPin,1"), std::string::npos) << counts;
}

INSTANTIATE_TEST_SUITE_P(Stores, Serve, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return to_text(info.param); });

TEST_P(Serve, BruteForceWithManyConnectionsCannotPassTheLimit) {
  set_pin("73519");
  start();
  EXPECT_EQ(ask("51297", "73519").body, "Success\n");
  std::atomic<int> wrong = 0, locked = 0, other = 0;
  std::vector<std::thread> attackers;
  for (int i = 0; i < 64; ++i) {
    attackers.emplace_back([&, i] {
      HttpClient client(port_);
      for (int guess = 0; guess < 4; ++guess) {
        client.send(check_request(ServeToken, fmt::format("who=51297&pin=0{:04}", 4 * i + guess)));
        const HttpAnswer answer = client.read(std::chrono::seconds(60));
        ++(answer.body == "IncorrectPin\n"           ? wrong
           : answer.body == "UserPinAccountLocked\n" ? locked
                                                     : other);
      }
    });
  }
  for (std::thread& attacker : attackers) attacker.join();
  EXPECT_EQ(wrong, 25);
  EXPECT_EQ(wrong + locked + other, 256);
  EXPECT_EQ(other, 0);
  EXPECT_EQ(ask("51297", "73519").body, "UserPinAccountLocked\n");
  // The administrator sees it and ends it.
  EXPECT_EQ(object_of(program_.run({"pin", "show", "bob@contoso.com", "--output", "json"}))["IsLockedOut"],
            true);
  EXPECT_EQ(program_.run({"pin", "unlock", "bob@contoso.com"}).exit_code, 0);
  EXPECT_EQ(ask("51297", "73519").body, "Success\n");
}

TEST_P(Serve, APinThatIsAskedAboutStandsNowhere) {
  set_pin(CanaryPin);
  start();
  EXPECT_EQ(ask("51297", CanaryPin).body, "Success\n");
  for (const std::string& octets :
       {check_request(ServeToken, fmt::format("who={}&pin={}", CanaryPin, CanaryPin)),
        check_request(ServeToken, fmt::format("pin={}&who=", CanaryPin)),
        check_request("wrong", fmt::format("who=51297&pin={}", CanaryPin)),
        fmt::format(
            "GET /check?who=51297&pin={} HTTP/1.1\r\nHost: dialin\r\nAuthorization: Bearer {}\r\n\r\n",
            CanaryPin, ServeToken),
        fmt::format("{}\r\n\r\n", CanaryPin)}) {
    HttpClient client(port_);
    client.send(octets);
    const HttpAnswer answer = client.read();
    EXPECT_EQ((answer.head + answer.body).find(CanaryPin), std::string::npos);
  }
  serve_->signal(SIGTERM);
  EXPECT_EQ(serve_->wait().exit_code, 0);
  EXPECT_EQ(log().find(CanaryPin), std::string::npos);
  EXPECT_EQ(log().find(ServeToken), std::string::npos);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(program_.directory().path())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(content.find(CanaryPin), std::string::npos) << entry.path();
  }
}

TEST_P(Serve, EndsWhenItIsToldTo) {
  set_pin("73519");
  start();
  HttpClient idle(port_);
  EXPECT_EQ(ask("51297", "73519").body, "Success\n");
  serve_->signal(SIGTERM);
  EXPECT_EQ(serve_->wait(std::chrono::seconds(30)).exit_code, 0);
  EXPECT_TRUE(idle.closed());
}

TEST_P(Serve, DoesNotStartWithoutAPlaceOrAToken) {
  const auto refusal = [&](const std::string& key, const std::string& value) {
    return program_.run({"serve"}, {}, {{"DIALIN_CHECK_" + key, value}});
  };
  const DialinProgram bare(GetParam());
  EXPECT_EQ(bare.run({"serve"}).exit_code, 78);
  EXPECT_EQ(bare.run({"serve"}, {}, {{"DIALIN_CHECK_LISTEN", "127.0.0.1:0"}}).exit_code, 78);
  EXPECT_EQ(refusal("TOKEN_FILE", (program_.directory() / "nowhere").string()).exit_code, 78);
  std::filesystem::permissions(program_.directory().write("short", "short\n"),
                               std::filesystem::perms::owner_read);
  EXPECT_EQ(refusal("TOKEN_FILE", (program_.directory() / "short").string()).exit_code, 78);
  EXPECT_EQ(refusal("LISTEN", "127.0.0.1").exit_code, 78);
  start();
  const Completed second = refusal("LISTEN", fmt::format("127.0.0.1:{}", port_));
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.error.find("cannot listen on 127.0.0.1"), std::string::npos) << second.error;
}

}  // namespace
}  // namespace dialin::test
