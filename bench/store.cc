// SPDX-License-Identifier: Apache-2.0
// What the store costs for one welcome, one connection: issue, claim and record, each a durable transaction,
// on SQLite and on PostgreSQL, without any hash or mail. `issue`, `claim` and `record` are the parts, in
// microseconds. `fsync` is what one small durable write costs on the disk of the test's directory: the floor
// of each transaction. `in_groups` is what a run does: claims of 64, results of 32; its figures are this
// process's CPU time for one welcome, in microseconds (on PostgreSQL without the server's).
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <stdexcept>

#include "base/process_hardening.h"
#include "base/process_identity.h"
#include "store/store.h"
#include "support/postgresql_server.h"
#include "support/temporary_directory.h"

namespace dialin {
namespace {

enum class Backend { Sqlite, Postgresql };
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr int People = 200;
constexpr int RunGroup = 64;
constexpr int RunGroups = 150;
constexpr const char* Verifier =
    "$argon2id$v=19$m=7168,t=5,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b/dWRWJTmaaJObG3VNcbbyzL0w";

class Timed {
 public:
  template <class Work>
  auto operator()(Work work) {
    const auto start = std::chrono::steady_clock::now();
    auto result = work();
    total_ += std::chrono::steady_clock::now() - start;
    return result;
  }
  double microseconds() const { return total_.count(); }

 private:
  Microseconds total_{0};
};

// What this process has used of the processor.
Microseconds cpu_time() {
  timespec time{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) throw std::runtime_error("clock_gettime");
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

class CpuTimed {
 public:
  template <class Work>
  auto operator()(Work work) {
    const Microseconds start = cpu_time();
    auto result = work();
    total_ += cpu_time() - start;
    return result;
  }
  double microseconds() const { return total_.count(); }

 private:
  Microseconds total_{0};
};

struct Bench {
  explicit Bench(Backend backend, int number_of_people = People) {
    location.data_directory = directory / "data";
    if (backend == Backend::Postgresql) {
      // With what a server does by default for durability; test servers leave it out.
      static test::PostgresqlServer server({"fsync=on"});
      location.url = server.create_database();
    }
    store =
        open_store(location, OpenMode::CreateIfAbsent, clock, random, checkpoints, [](const std::string&) {});
    std::vector<PersonRow> rows;
    for (int i = 0; i < number_of_people; ++i) {
      const std::string address = "person" + std::to_string(i) + "@contoso.com";
      PersonRow row{.line = 0, .sip_address = *SipAddress::parse(address)};
      row.mail = {true, Mailbox::parse(address)};
      row.line_uri = {true, PhoneNumber::parse(std::to_string(15550000000 + i).insert(0, "+"))};
      rows.push_back(std::move(row));
    }
    store->people().apply(rows, ImportMode::Apply, false, by);
    people = store->people().list({}, static_cast<std::size_t>(number_of_people));
  }

  NewWelcome welcome_for(const Person& person, const Pin& pin) {
    NewWelcome welcome{
        .person = person.id,
        .pin = &pin,
        .content = {
            .to = *person.mail, .to_is_from_record = true, .from = *Mailbox::parse("marco@contoso.com")}};
    welcome.expected_version = store->pins().pin_of(person.id).version;
    welcome.content.language = "en";
    welcome.content.template_hash = "hash";
    welcome.template_text = template_text;
    welcome.way.server = "mail.contoso.com";
    welcome.message_id = new_identifier(random) + "@contoso.com";
    welcome.command_hash = "command";
    return welcome;
  }

  test::TemporaryDirectory directory;
  SystemClock clock;
  SystemRandom random;
  Checkpoints checkpoints;
  StoreLocation location;
  Operator by{.name = "marco", .origin = "bench"};
  std::string template_text = std::string(20000, 'x');  // as long as a shipped one
  std::unique_ptr<Store> store;
  std::vector<Person> people;
};

double fsync_microseconds(const test::TemporaryDirectory& directory) {
  const std::string file = directory / "fsync";
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) throw std::runtime_error("cannot make " + file);
  const std::string page(4096, 'x');
  constexpr int Writes = 50;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < Writes; ++i) {
    if (pwrite(descriptor, page.data(), page.size(), i * 4096L) < 0 || fdatasync(descriptor) != 0) {
      throw std::runtime_error("cannot write " + file);
    }
  }
  const Microseconds time = std::chrono::steady_clock::now() - start;
  close(descriptor);
  return time.count() / Writes;
}

AttemptRecord accepted(const ClaimedWelcome& claimed, const Secret& verifier) {
  AttemptRecord record;
  record.id = claimed.row.id;
  record.claim_id = claimed.claim_id;
  record.end = AttemptRecord::End::Accepted;
  record.words = {250, "2.0.0", "queued as 0123456789"};
  record.server = "mail.contoso.com:25";
  record.sent_to = claimed.row.content.to.address();
  record.verifier = &verifier;
  record.pin = &*claimed.pin;
  return record;
}

void one_welcome(benchmark::State& state, Backend backend) {
  harden_process();
  Bench bench(backend);
  const auto pin = Pin::parse("73519");
  const Secret verifier{std::string_view(Verifier)};
  Outbox& outbox = bench.store->outbox();
  Timed issuing, claiming, recording;
  std::size_t next = 0;
  for (auto _ : state) {
    const NewWelcome welcome = bench.welcome_for(bench.people[next++ % bench.people.size()], *pin);
    const IssueResult issued = issuing([&] { return outbox.issue(welcome, bench.by); });
    ClaimResult claim = claiming([&] {
      return outbox.claim(issued.id, ClaimReason::SameCommand, this_process(), std::chrono::seconds(60));
    });
    if (!claim.claimed) throw std::runtime_error("a welcome could not be claimed");
    const AttemptRecord record = accepted(*claim.claimed, verifier);
    const auto results = recording([&] { return outbox.record({record}, bench.by); });
    if (results.at(0).outcome != RecordResult::Outcome::Sent)
      throw std::runtime_error("a welcome was not sent");
    outbox.mark_reported(issued.id);
  }
  const auto each = [&](const Timed& timed) {
    return benchmark::Counter(timed.microseconds(), benchmark::Counter::kAvgIterations);
  };
  state.counters["issue"] = each(issuing);
  state.counters["claim"] = each(claiming);
  state.counters["record"] = each(recording);
  state.counters["fsync"] = fsync_microseconds(bench.directory);
}

// Rows of a run become welcomes that are claimed, 64 in a transaction, each with a number of their own that
// nobody shares. `issue_cpu` is the processor's time for one row in this process, `waiting_cpu` that of
// reading it before; in microseconds, without the seal's and the PIN's (none of them is drawn here).
void run_rows(benchmark::State& state, Backend backend) {
  harden_process();
  constexpr int Rows = RunGroups * RunGroup;
  Bench bench(backend, Rows);
  RunStore& runs = bench.store->runs();
  const RunId run =
      runs.begin({.name = "bench", .source = "bench", .input_hash = "bench"}, this_process(), bench.by);
  const Mailbox from = *Mailbox::parse("marco@contoso.com");
  RunPlan plan{.content = {.to = from, .from = from}};
  plan.content.language = "en";
  plan.content.template_hash = "hash";
  plan.template_text = bench.template_text;
  plan.way.server = "mail.contoso.com";
  runs.add_plan(run, plan);
  std::vector<StagedRow> staged;
  for (int i = 0; i < Rows; ++i) {
    StagedRow row;
    row.line = i + 1;
    row.identity = bench.people[static_cast<std::size_t>(i)].sip_address.uri();
    row.person = bench.people[static_cast<std::size_t>(i)].id;
    row.version = 1;
    staged.push_back(std::move(row));
    if (staged.size() == 1000 || i + 1 == Rows) {
      runs.stage(run, staged);
      staged.clear();
    }
  }
  runs.make_ready(run, "", bench.by);
  const auto pin = Pin::parse("73519");
  CpuTimed issuing, looking;
  std::int64_t issued = 0, after = 0;
  for (auto _ : state) {
    const std::vector<WaitingRow> waiting = looking([&] { return runs.waiting(run, {0}, after, RunGroup); });
    std::vector<IssueRow> rows;
    for (const WaitingRow& row : waiting) {
      IssueRow& one =
          rows.emplace_back(IssueRow{.line = row.line, .person = row.person.id, .to = *row.person.mail});
      one.expected_version = row.record.version;
      one.pin = &*pin;
      one.to_is_from_record = true;
      one.message_id = new_identifier(bench.random) + "@contoso.com";
      after = row.line;
    }
    const auto answers =
        issuing([&] { return runs.issue(run, rows, this_process(), std::chrono::seconds(60), bench.by); });
    for (const RowIssue& answer : answers) issued += answer.outcome == RowIssue::Outcome::Issued ? 1 : 0;
  }
  if (issued != Rows) throw std::runtime_error("not every row was issued");
  state.counters["issue_cpu"] = issuing.microseconds() / Rows;
  state.counters["waiting_cpu"] = looking.microseconds() / Rows;
}

void in_groups(benchmark::State& state, Backend backend) {
  harden_process();
  Bench bench(backend);
  constexpr std::size_t Claims = 64, Results = 32;
  const auto pin = Pin::parse("73519");
  const Secret verifier{std::string_view(Verifier)};
  Outbox& outbox = bench.store->outbox();
  CpuTimed claiming, recording;
  std::size_t next = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<WelcomeId> ids;
    while (ids.size() < Claims) {
      const NewWelcome welcome = bench.welcome_for(bench.people[next++ % bench.people.size()], *pin);
      ids.push_back(outbox.issue(welcome, bench.by).id);
    }
    state.ResumeTiming();
    const auto claims = claiming(
        [&] { return outbox.claim_many(ids, ClaimReason::Due, this_process(), std::chrono::seconds(60)); });
    for (std::size_t begin = 0; begin < Claims; begin += Results) {
      std::vector<AttemptRecord> records;
      for (std::size_t i = begin; i < begin + Results; ++i)
        records.push_back(accepted(claims[i].claimed.value(), verifier));
      for (const RecordResult& result : recording([&] { return outbox.record(records, bench.by); })) {
        if (result.outcome != RecordResult::Outcome::Sent) throw std::runtime_error("a welcome was not sent");
      }
    }
  }
  const auto each = [&](const CpuTimed& timed) {
    return benchmark::Counter(timed.microseconds() / Claims, benchmark::Counter::kAvgIterations);
  };
  state.counters["claim_cpu"] = each(claiming);
  state.counters["record_cpu"] = each(recording);
}

// What each process pays before its first row.
void open_existing(benchmark::State& state, Backend backend) {
  harden_process();
  Bench bench(backend);
  for (auto _ : state) {
    benchmark::DoNotOptimize(open_store(bench.location, OpenMode::MustExist, bench.clock, bench.random,
                                        bench.checkpoints, [](const std::string&) {}));
  }
}

BENCHMARK_CAPTURE(one_welcome, SQLite, Backend::Sqlite)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK_CAPTURE(one_welcome, PostgreSQL, Backend::Postgresql)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK_CAPTURE(run_rows, SQLite, Backend::Sqlite)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime()
    ->Iterations(RunGroups);
BENCHMARK_CAPTURE(run_rows, PostgreSQL, Backend::Postgresql)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime()
    ->Iterations(RunGroups);

BENCHMARK_CAPTURE(in_groups, SQLite, Backend::Sqlite)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK_CAPTURE(in_groups, PostgreSQL, Backend::Postgresql)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK_CAPTURE(open_existing, SQLite, Backend::Sqlite)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK_CAPTURE(open_existing, PostgreSQL, Backend::Postgresql)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

}  // namespace
}  // namespace dialin

BENCHMARK_MAIN();
