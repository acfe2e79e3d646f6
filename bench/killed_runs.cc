// SPDX-License-Identifier: Apache-2.0
// kill -9 at random instants during runs of a thousand people, gone on with until each is finished, on SQLite
// and PostgreSQL: who was lost, who got two PINs, how many mails came twice, whether the report is right.
//
// DIALIN_BENCH_KILLED_RUNS: how many runs on each store (100); DIALIN_BENCH_SEED: of the instants. Ends with
// 1 if a promise of doc/delivery.md was broken.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "support/dialin_program.h"
#include "support/free_port.h"
#include "support/mail_receiver.h"

namespace dialin::test {
namespace {

constexpr std::size_t PeopleOfRun = 1000;
// One content on each of two connections, and one group of outcomes.
constexpr std::size_t RepeatsOfKill = 2 + 32;
constexpr std::size_t PinsAsked = 5;

struct Tally {
  std::size_t runs = 0, kills = 0, mails = 0, repeats = 0, most_repeats = 0;
  std::size_t lost = 0, two_pins = 0, wrong_pins = 0, bad_reports = 0, beyond_bound = 0;

  bool kept_every_promise() const { return lost + two_pins + wrong_pins + bad_reports + beyond_bound == 0; }
};

class KilledRun {
 public:
  KilledRun(const DialinProgram& program, const std::string& name, std::minstd_rand& random, Tally& tally)
      : program_(program), name_(name), random_(random), tally_(tally) {}

  void run() {
    std::string file = "UserUri\n";
    for (std::size_t i = 0; i < PeopleOfRun; ++i) {
      people_.push_back(fmt::format("{}-{}", name_, i));
      file += people_.back() + "@contoso.com\n";
    }
    program_.import_people(people_);
    const std::string path = program_.directory().write(name_ + ".csv", file).string();
    const DialinProgram::Arguments command = {
        "welcome",           "-Csv",        path,
        "-RunName",          name_,         "-From",
        "marco@contoso.com", "-SmtpServer", fmt::format("127.0.0.1:{}", receiver_.port()),
        "-NoLink",           "-Output",     "json"};
    std::size_t kills = 0;
    for (;;) {
      const std::size_t mails = receiver_.mail_count() + random_() % (PeopleOfRun / 3);
      const auto process = program_.start(command);
      eventually([&] { return receiver_.mail_count() >= mails || !process->running(); },
                 std::chrono::minutes(10));
      if (process->kill().exit_code != 128 + 9) break;
      ++kills;
    }
    ++tally_.runs;
    tally_.kills += kills;
    judge_mails(kills);
    judge_report();
  }

 private:
  void judge_mails(std::size_t kills) {
    std::map<std::string, std::vector<KeptMail>> mails;
    for (KeptMail& mail : receiver_.mails()) mails[mail.recipient].push_back(std::move(mail));
    std::size_t repeats = 0, asked = 0;
    for (const std::string& person : people_) {
      const std::vector<KeptMail>& got = mails[person + "@contoso.com"];
      tally_.mails += got.size();
      if (got.empty()) {
        ++tally_.lost;
        continue;
      }
      repeats += got.size() - 1;
      const bool same = std::all_of(got.begin(), got.end(), [&](const KeptMail& mail) {
        return mail.pin() == got.front().pin() && mail.message_id() == got.front().message_id();
      });
      if (!same) ++tally_.two_pins;
      if (!same || (got.size() > 1 && asked < 2 * PinsAsked) || asked < PinsAsked) {
        ++asked;
        if (!program_.pin_is(person, got.back().pin())) ++tally_.wrong_pins;
      }
    }
    tally_.repeats += repeats;
    tally_.most_repeats = std::max(tally_.most_repeats, repeats);
    if (repeats > kills * RepeatsOfKill) ++tally_.beyond_bound;
  }

  void judge_report() {
    const nlohmann::json run = object_of(program_.run({"run", "show", name_, "-Output", "json"}));
    std::istringstream report(program_.run({"run", "report", name_}).output);
    std::size_t sent = 0, lines = 0;
    std::string line;
    std::getline(report, line);
    for (; std::getline(report, line); ++lines) sent += line.find(",Set,Sent,") != std::string::npos;
    if (run.at("State") != "finished" || run.at("Sent") != PeopleOfRun || run.at("Left") != 0 ||
        sent != PeopleOfRun || lines != PeopleOfRun)
      ++tally_.bad_reports;
  }

  const DialinProgram& program_;
  const std::string name_;
  std::minstd_rand& random_;
  Tally& tally_;
  std::vector<std::string> people_;
  MailReceiver receiver_;
};

bool kill_runs(StoreKind store, std::size_t runs, std::minstd_rand& random) {
  const DialinProgram program(store);
  Tally tally;
  const auto begun = std::chrono::steady_clock::now();
  for (std::size_t i = 1; i <= runs; ++i) KilledRun(program, fmt::format("r{}", i), random, tally).run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  fmt::print(
      "{}: {} runs of {}, {} kills, {} mails in {:.0f} s: lost {}, with two PINs {}, PIN of the mail not "
      "valid {} "
      "(asked of some), repeats {} (at most {} in a run; runs with more than {} a kill: {}), wrong reports "
      "{}\n",
      to_text(store), tally.runs, PeopleOfRun, tally.kills, tally.mails, took.count(), tally.lost,
      tally.two_pins, tally.wrong_pins, tally.repeats, tally.most_repeats, RepeatsOfKill, tally.beyond_bound,
      tally.bad_reports);
  std::fflush(stdout);
  return tally.kept_every_promise();
}

std::size_t number_from(const char* variable, std::size_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::stoul(text) : otherwise;
}

int measure() {
  const std::size_t runs = number_from("DIALIN_BENCH_KILLED_RUNS", 100);
  const std::size_t seed = number_from("DIALIN_BENCH_SEED", std::random_device()());
  fmt::print("seed {}\n", seed);
  std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed));
  bool kept = true;
  for (const StoreKind store : {StoreKind::Sqlite, StoreKind::Postgresql})
    kept = kill_runs(store, runs, random) && kept;
  return kept ? 0 : 1;
}

}  // namespace
}  // namespace dialin::test

int main() {
  try {
    return dialin::test::measure();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
