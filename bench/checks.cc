// SPDX-License-Identifier: Apache-2.0
// `dialin serve` against the bare hash: how many checks a second of those that the hash alone allows, and how
// long one takes at half that load, with 1,000 idle connections open. SQLite on this disk, the default hash.
//
// DIALIN_PROGRAM names the program.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <thread>
#include <vector>

#include "benchmark_program.h"
#include "pin/pin_verifier.h"
#include "support/child_process.h"
#include "support/http_client.h"
#include "support/temporary_directory.h"

namespace dialin {
namespace {

using Steady = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr const char* BenchToken = "0123456789abcdef0123456789abcdef";
constexpr int People = 64;
constexpr int IdleConnections = 1000;
constexpr int Rounds = 5;
constexpr std::chrono::seconds RoundTime{3};
constexpr double Goal = 3;  // hashes

// So many hashes a second with one thread a processor, in `time`; and one hash alone in milliseconds.
double bare_hashes(std::chrono::seconds time) {
  const Pin pin = *Pin::parse("73519");
  const Secret verifier = hash_pin(pin, {});
  std::atomic<long> count = 0;
  const auto end = Steady::now() + time;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
    threads.emplace_back([&] {
      while (Steady::now() < end) {
        verify_pin(pin, verifier);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(count) / static_cast<double>(time.count());
}

double one_hash() {
  const Pin pin = *Pin::parse("73519");
  const Secret verifier = hash_pin(pin, {});
  std::vector<double> times;
  for (int i = 0; i < 101; ++i) {
    const auto begin = Steady::now();
    verify_pin(pin, verifier);
    times.push_back(Milliseconds(Steady::now() - begin).count());
  }
  std::nth_element(times.begin(), times.begin() + 50, times.end());
  return times[50];
}

class Service {
 public:
  Service() {
    std::filesystem::permissions(directory_.write("token", std::string(BenchToken) + "\n"),
                                 std::filesystem::perms::owner_read);
    environment_ = {{"DIALIN_DATA", directory_ / "data"},
                    {"XDG_CONFIG_HOME", directory_ / "none"},
                    {"DIALIN_CHECK_LISTEN", "127.0.0.1:0"},
                    {"DIALIN_CHECK_TOKEN_FILE", directory_ / "token"}};
    std::string csv = "SipAddress,Mail,LineUri\n";
    for (int i = 0; i < People; ++i)
      csv += fmt::format("person{0}@contoso.com,person{0}@contoso.com,tel:+1425555{0:04};ext={1}\n", i,
                         10000 + i);
    std::ofstream(directory_ / "people.csv") << csv;
    run({"people", "import", directory_ / "people.csv"});
    for (int i = 0; i < People; ++i)
      run({"pin", "set", fmt::format("person{}@contoso.com", i), "--pin", "-"}, "73519\n");
    log_ = directory_ / "log";
    test::Command command = {.arguments = {program(), "serve"},
                             .environment = environment_,
                             .without_environment = {"DIALIN_PROGRAM"},
                             .log = log_};
    serve_ = std::make_unique<test::ChildProcess>(command);
    for (std::smatch match; port_ == 0;) {
      std::ifstream file(log_);
      const std::string said{std::istreambuf_iterator<char>(file), {}};
      if (std::regex_search(said, match, std::regex(":([0-9]+) for PIN checks")))
        port_ = static_cast<std::uint16_t>(std::stoi(match[1]));
      else if (!serve_->running())
        throw std::runtime_error("dialin serve has ended: " + said);
      else
        std::this_thread::yield();
    }
  }
  std::uint16_t port() const { return port_; }

 private:
  static std::string program() {
    const char* named = std::getenv("DIALIN_PROGRAM");
    if (named == nullptr) throw std::runtime_error("DIALIN_PROGRAM names no program");
    return named;
  }
  void run(std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.begin(), program());
    test::run_successfully(
        {.arguments = words, .environment = environment_, .without_environment = {"DIALIN_PROGRAM"}}, input);
  }

  test::TemporaryDirectory directory_;
  std::map<std::string, std::string> environment_;
  std::filesystem::path log_;
  std::unique_ptr<test::ChildProcess> serve_;
  std::uint16_t port_ = 0;
};

// A right check, which must be answered so. How long it took, in milliseconds.
double check(test::HttpClient& client, int person) {
  const auto begin = Steady::now();
  client.send(test::check_request(BenchToken, fmt::format("who={}&pin=73519", 10000 + person % People)));
  const test::HttpAnswer answer = client.read();
  if (answer.body != "Success\n")
    throw std::runtime_error("a right PIN was answered " + answer.head + answer.body);
  return Milliseconds(Steady::now() - begin).count();
}

double checks_a_second(std::uint16_t port, std::chrono::seconds time) {
  std::atomic<long> count = 0;
  const auto end = Steady::now() + time;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i) {
    threads.emplace_back([&, i] {
      test::HttpClient client(port);
      for (int person = static_cast<int>(i) * 7; Steady::now() < end; ++person) {
        check(client, person);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(count) / static_cast<double>(time.count());
}

// Checks that begin `rate` times a second, evenly, whether or not the ones before have been answered. In
// milliseconds from when each was due.
std::vector<double> latencies(std::uint16_t port, double rate, std::chrono::seconds time) {
  constexpr int Callers = 16;
  const int count = static_cast<int>(rate * static_cast<double>(time.count()));
  std::vector<double> all(static_cast<std::size_t>(count));
  std::atomic<int> next = 0;
  const auto begin = Steady::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < Callers; ++i) {
    threads.emplace_back([&] {
      test::HttpClient client(port);
      for (int number = next++; number < count; number = next++) {
        const auto due = begin + std::chrono::duration_cast<Steady::duration>(
                                     std::chrono::duration<double>(number / rate));
        std::this_thread::sleep_until(due);
        check(client, number);
        all[static_cast<std::size_t>(number)] = Milliseconds(Steady::now() - due).count();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(all.begin(), all.end());
  return all;
}

int run() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const Service service;
  std::vector<test::HttpClient> idle;
  for (int i = 0; i < IdleConnections; ++i) idle.emplace_back(service.port());
  std::vector<double> bare, checks, hash, middle, tail;
  for (int round = 0; round < Rounds; ++round) {
    bare.push_back(bare_hashes(RoundTime));
    checks.push_back(checks_a_second(service.port(), RoundTime));
    hash.push_back(one_hash());
    const std::vector<double> times = latencies(service.port(), bare.back() / 2, RoundTime);
    middle.push_back(times[times.size() / 2]);
    tail.push_back(times[times.size() * 99 / 100]);
  }
  fmt::print("checks with {} idle connections open, SQLite, default hash, median of {}\n", IdleConnections,
             Rounds);
  fmt::print("  the bare hash, all processors   {:8.0f} /s\n", bench::median(bare));
  fmt::print("  checks, all right               {:8.0f} /s  {:.2f} of it\n", bench::median(checks),
             bench::median(checks) / bench::median(bare));
  fmt::print("  one hash alone                  {:8.2f} ms\n", bench::median(hash));
  fmt::print("  a check at half load, median    {:8.2f} ms  {:.1f} hashes\n", bench::median(middle),
             bench::median(middle) / bench::median(hash));
  fmt::print("  a check at half load, p99       {:8.2f} ms  {:.1f} hashes (goal: at most {})\n",
             bench::median(tail), bench::median(tail) / bench::median(hash), Goal);
  return 0;
}

}  // namespace
}  // namespace dialin

int main() {
  return dialin::bench::run_benchmark("bench_checks", dialin::run);
}
