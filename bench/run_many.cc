// SPDX-License-Identifier: Apache-2.0
// Whole runs, from the file to the last mail accepted by smtp-sink on this machine: `dialin welcome --csv`
// with the hash at its default cost beside the bare hash on all cores, and at its cheapest beside
// smtp-source -d over as many connections; on SQLite and PostgreSQL; the memory of 10,000 and 100,000 people.
//
// DIALIN_PROGRAM names the program, DIALIN_BENCH_PEOPLE the larger number of people (100000). What is
// compared takes turns, three rounds, so that whatever else the machine does falls on all alike.
#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/process_hardening.h"
#include "benchmark_program.h"
#include "measured_process.h"
#include "pin/pin_verifier.h"
#include "support/mail_servers.h"
#include "support/postgresql_server.h"
#include "support/temporary_directory.h"

namespace dialin {
namespace {

using bench::Environment;
using bench::ProcessSample;

constexpr int Rounds = 3;
constexpr int HashedPeople = 1000;
constexpr int Connections = 2;
constexpr double CpuGoal = 120;  // microseconds for one welcome, less the hash's

enum class Backend { Sqlite, Postgresql };

std::string people_csv(int people) {
  std::string csv = "SipAddress,DisplayName,Mail\r\n";
  for (int i = 0; i < people; ++i)
    csv += fmt::format("sip:p{0}@contoso.com,Person {0},p{0}@contoso.com\r\n", i);
  return csv;
}

std::string users_csv(int people) {
  std::string csv = "UserUri\r\n";
  for (int i = 0; i < people; ++i) csv += fmt::format("p{}@contoso.com\r\n", i);
  return csv;
}

class Bench {
 public:
  // A store of its own with `people`, then staging (-AsJob) and working off (deliver), apart.
  struct RunSample {
    ProcessSample staging, work;
  };
  RunSample run(Backend backend, int people, const PinHashCost& cost, int connections) {
    const std::string name = fmt::format("store{}", ++stores_);
    Environment environment = {{"PATH", "/usr/sbin:/usr/bin:/bin"},
                               {"HOME", directory_.path()},
                               {"LC_ALL", "C.UTF-8"},
                               {"DIALIN_DATA", directory_ / name},
                               {"DIALIN_PIN_HASH_MEMORY_KIB", std::to_string(cost.memory_kib)},
                               {"DIALIN_PIN_HASH_PASSES", std::to_string(cost.passes)},
                               {"DIALIN_SMTP_CONNECTIONS", std::to_string(connections)},
                               {"PSEmailServer", fmt::format("127.0.0.1:{}", sink_.port())}};
    if (backend == Backend::Postgresql) environment["DIALIN_STORE_URL"] = postgresql_.create_database();
    const std::string known = directory_.write("people.csv", people_csv(people));
    const std::string users = directory_.write("users.csv", users_csv(people));
    bench::run_process({program_, "people", "import", known}, environment);
    RunSample sample;
    sample.staging = bench::run_process(
        {program_, "welcome", "--csv", users, "--from", "marco@contoso.com", "--no-link", "--queue"},
        environment);
    sample.work = bench::run_process({program_, "deliver"}, environment);
    return sample;
  }

  ProcessSample smtp_source(int messages, int connections) {
    return bench::run_process({"smtp-source", "-d", "-s", std::to_string(connections), "-l", "14000", "-m",
                               std::to_string(messages), "-f", "marco@contoso.com", "-t", "bob@contoso.com",
                               fmt::format("127.0.0.1:{}", sink_.port())},
                              {{"PATH", "/usr/sbin:/usr/bin:/bin"}});
  }

 private:
  const std::string program_ = bench::dialin_program();
  test::TemporaryDirectory directory_;
  test::SmtpSink sink_{{}, false};
  test::PostgresqlServer postgresql_{{"fsync=on"}};
  int stores_ = 0;
};

// Milliseconds for `count` hashes by all cores together, and of one core for one.
std::pair<double, double> bare_hashes(int count, const PinHashCost& cost) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const auto pin = Pin::parse("73519");
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (unsigned core = 0; core < cores; ++core) {
    threads.emplace_back([&, core] {
      for (int i = static_cast<int>(core); i < count; i += static_cast<int>(cores)) hash_pin(*pin, cost);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), wall.count() * cores / count};
}

void print_run(const std::string& name, int people, const Bench::RunSample& sample) {
  fmt::print("{:<44}{:>9.1f}{:>9.1f}{:>9.0f}{:>9.0f}{:>9.0f}{:>9.1f}\n", name, sample.staging.wall / 1e3,
             sample.work.wall / 1e3, people / (sample.work.wall / 1e3), sample.staging.cpu * 1e3 / people,
             sample.work.cpu * 1e3 / people, static_cast<double>(sample.work.largest_memory) / 1024);
}

int measure() {
  harden_process();
  const char* wanted = std::getenv("DIALIN_BENCH_PEOPLE");
  const int many = wanted != nullptr ? std::max(1000, std::atoi(wanted)) : 100000;
  const PinHashCost cheapest{.memory_kib = 8, .passes = 1};
  Bench bench;
  fmt::print("smtp-sink on this machine, {} connections unless said; staging and work apart\n\n",
             Connections);
  fmt::print("{:<44}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "", "staging", "work", "welcomes", "staging", "work",
             "memory");
  fmt::print("{:<44}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "", "s", "s", "a second", "CPU us", "CPU us", "MiB");

  std::vector<double> whole, hashes, cheap, source, source16, cheap16;
  double hash_cpu = 0, work_cpu = 0;
  for (int round = 0; round < Rounds; ++round) {
    const auto [hash_wall, one_hash] = bare_hashes(HashedPeople, {});
    hashes.push_back(hash_wall);
    const auto at_default = bench.run(Backend::Sqlite, HashedPeople, {}, Connections);
    whole.push_back(at_default.work.wall);
    print_run(fmt::format("SQLite, {} people, default hash", HashedPeople), HashedPeople, at_default);

    constexpr int People = 10000;
    const auto [ignored, one_cheap] = bare_hashes(People, cheapest);
    hash_cpu = one_cheap * 1e3;
    source.push_back(bench.smtp_source(People, Connections).wall);
    const auto at_cheapest = bench.run(Backend::Sqlite, People, cheapest, Connections);
    cheap.push_back(at_cheapest.work.wall);
    work_cpu = at_cheapest.work.cpu * 1e3 / People;
    print_run(fmt::format("SQLite, {} people, cheapest hash", People), People, at_cheapest);
    source16.push_back(bench.smtp_source(People, 16).wall);
    const auto sixteen = bench.run(Backend::Sqlite, People, cheapest, 16);
    cheap16.push_back(sixteen.work.wall);
    print_run("the same, 16 connections", People, sixteen);
    print_run(fmt::format("PostgreSQL, {} people, cheapest hash", People), People,
              bench.run(Backend::Postgresql, People, cheapest, Connections));
  }
  const auto small = bench.run(Backend::Sqlite, many / 10, cheapest, Connections);
  print_run(fmt::format("SQLite, {} people, cheapest hash", many / 10), many / 10, small);
  const auto large = bench.run(Backend::Sqlite, many, cheapest, Connections);
  print_run(fmt::format("SQLite, {} people, cheapest hash", many), many, large);

  const auto ratio = [](const std::vector<double>& ours, const std::vector<double>& theirs) {
    return bench::median(theirs) / bench::median(ours);
  };
  const auto verdict = [](bool reached) { return reached ? "reached" : "missed"; };
  const double against_hash = ratio(whole, hashes), against_source = ratio(cheap, source);
  fmt::print("\nthe whole job against the bare hash on all cores: {:.2f} of its speed (goal 0.9): {}\n",
             against_hash, verdict(against_hash >= 0.9));
  fmt::print("with the cheapest hash against smtp-source -d, {} connections: {:.2f} (goal 0.5): {}\n",
             Connections, against_source, verdict(against_source >= 0.5));
  fmt::print("the same, 16 connections: {:.2f}\n", ratio(cheap16, source16));
  fmt::print("CPU of one welcome less the hash: {:.0f} us (goal {:.0f}): {}\n", work_cpu - hash_cpu, CpuGoal,
             verdict(work_cpu - hash_cpu <= CpuGoal));
  const double growth =
      static_cast<double>(large.work.largest_memory) / static_cast<double>(small.work.largest_memory);
  fmt::print("memory of {} people against {}: {:.2f} (goal 1.1): {}\n", many, many / 10, growth,
             verdict(growth <= 1.1));
  return 0;
}

}  // namespace
}  // namespace dialin

int main() {
  return dialin::bench::run_benchmark("bench_run_many", dialin::measure);
}
