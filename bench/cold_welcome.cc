// SPDX-License-Identifier: Apache-2.0
// One welcome as one process, from fork to exit: what a loop in a shell costs a person. Into smtp-sink on
// this machine, with the hash at its default cost and at its cheapest, beside one msmtp process that sends a
// mail of the same size, and beside the program that only starts.
//
// DIALIN_PROGRAM names the program. All variants take turns, so that whatever else the machine does falls on
// all of them alike.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
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

using Milliseconds = std::chrono::duration<double, std::milli>;
using bench::Environment;
using bench::median;
using bench::run_process;
using Sample = bench::ProcessSample;

constexpr int Rounds = 21;
constexpr PinHashCost Cheapest{.memory_kib = 8, .passes = 1};
constexpr double Goal = 20;  // milliseconds besides the hash

Sample hash_once(const PinHashCost& cost) {
  const auto pin = Pin::parse("73519");
  const auto start = std::chrono::steady_clock::now();
  hash_pin(*pin, cost);
  const Milliseconds wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), wall.count(), 0};
}

struct Variant {
  std::string name;
  std::function<Sample(int round)> run;
  std::vector<double> walls = {};
  std::vector<double> cpus = {};
};

std::string people_file() {
  std::string csv = "SipAddress,DisplayName,Mail,LineUri\r\n";
  for (const char* group : {"default", "cheapest", "postgresql"}) {
    for (int i = 0; i < Rounds; ++i) {
      csv += fmt::format("sip:{0}{1}@contoso.com,{0} {1},{0}{1}@contoso.com,\r\n", group, i);
    }
  }
  return csv;
}

// A mail of the size of a welcome, for msmtp.
std::string plain_mail() {
  std::string mail =
      "From: marco@contoso.com\nTo: bob@contoso.com\nSubject: Welcome to Dial In Conferencing\n\n";
  while (mail.size() < 12000)
    mail += "The quick brown fox jumps over the lazy dog, and the line ends here.\n";
  return mail;
}

int measure() {
  harden_process();
  const std::string program = bench::dialin_program();
  const test::TemporaryDirectory directory;
  const test::SmtpSink sink({}, false);
  test::PostgresqlServer postgresql({"fsync=on"});

  const Environment base = {{"PATH", "/usr/bin:/bin"}, {"HOME", directory.path()}, {"LC_ALL", "C.UTF-8"}};
  Environment sqlite = base;
  sqlite["DIALIN_DATA"] = directory / "sqlite";
  sqlite["PSEmailServer"] = fmt::format("127.0.0.1:{}", sink.port());
  Environment on_postgresql = sqlite;
  on_postgresql["DIALIN_DATA"] = directory / "postgresql";
  on_postgresql["DIALIN_STORE_URL"] = postgresql.create_database();
  const std::string people = directory.write("people.csv", people_file());
  for (const Environment& environment : {sqlite, on_postgresql}) {
    run_process({program, "people", "import", people}, environment, "/dev/null");
  }
  const auto cheapest = [](Environment environment) {
    environment["DIALIN_PIN_HASH_MEMORY_KIB"] = std::to_string(Cheapest.memory_kib);
    environment["DIALIN_PIN_HASH_PASSES"] = std::to_string(Cheapest.passes);
    return environment;
  };
  const auto welcome = [program](const std::string& group, const Environment& environment) {
    return [=](int round) {
      return run_process({program, "welcome", fmt::format("{}{}@contoso.com", group, round), "--from",
                          "marco@contoso.com", "--no-link"},
                         environment, "/dev/null");
    };
  };
  const std::string mail = directory.write("mail", plain_mail());
  const auto msmtp = [&](const Environment& environment) {
    return [=, port = std::to_string(sink.port())](int) {
      return run_process({"msmtp", "--file=/dev/null", "--host=127.0.0.1", "--port=" + port,
                          "--from=marco@contoso.com", "bob@contoso.com"},
                         environment, mail);
    };
  };
  Environment no_delay = base;
  no_delay["LD_PRELOAD"] = DIALIN_NO_DELAY;

  std::vector<Variant> variants = {
      {"dialin welcome, SQLite", welcome("default", sqlite)},
      {"dialin welcome, SQLite, cheapest hash", welcome("cheapest", cheapest(sqlite))},
      {"dialin welcome, PostgreSQL, cheapest hash", welcome("postgresql", cheapest(on_postgresql))},
      {"dialin --version",
       [&](int) {
         return run_process({program, "--version"}, base, "/dev/null");
       }},
      {"msmtp", msmtp(base)},
      {"msmtp, TCP_NODELAY forced", msmtp(no_delay)},
      {"the hash alone, default cost", [](int) { return hash_once({}); }},
      {"the hash alone, cheapest", [](int) { return hash_once(Cheapest); }},
  };
  for (int round = 0; round < Rounds; ++round) {
    for (Variant& variant : variants) {
      const Sample sample = variant.run(round);
      variant.walls.push_back(sample.wall);
      variant.cpus.push_back(sample.cpu);
    }
  }

  fmt::print("{} rounds, interleaved; milliseconds\n\n{:<44}{:>8}{:>8}{:>8}{:>8}\n", Rounds, "", "median",
             "least", "most", "CPU");
  for (const Variant& variant : variants) {
    const auto [least, most] = std::minmax_element(variant.walls.begin(), variant.walls.end());
    fmt::print("{:<44}{:>8.1f}{:>8.1f}{:>8.1f}{:>8.1f}\n", variant.name, median(variant.walls), *least, *most,
               median(variant.cpus));
  }
  const double besides = median(variants[0].walls) - median(variants[6].walls);
  fmt::print("\none welcome besides the hash, SQLite: {:.1f} ms (goal: at most {:.0f}): {}\n", besides, Goal,
             besides <= Goal ? "reached" : "missed");
  return 0;
}

}  // namespace
}  // namespace dialin

int main() {
  return dialin::bench::run_benchmark("bench_cold_welcome", dialin::measure);
}
